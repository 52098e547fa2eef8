"""An application prepared: what is known as a data sheet, what is missing marked. Nothing is sent or decided here."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Organisation
from achievements.models import Achievement
from audit.exports import watermark
from audit.services import record
from demands.models import Demand
from mechanism.models import Policy
from mechanism.policy_fit import Fit
from mechanism.policy_hints import facts_of_achievement, facts_of_demand, facts_of_firm, judged
from sheets.writing import write_workbook
from taxonomy.money import wan_range_text, wan_text

MISSING = "（缺）"


@dataclass(frozen=True)
class Line:
    group: str
    label: str
    value: str
    """Empty: not known to the platform, to be filled in."""


def data_sheet(organisation: Organisation, item: Achievement | Demand | None) -> list[Line]:
    """What an application usually asks, as far as the platform knows it."""
    lines = [Line(_("申请单位"), label, value) for label, value in _of_organisation(organisation)]
    if isinstance(item, Achievement):
        lines += [Line(_("科技成果"), label, value) for label, value in _of_achievement(item)]
    elif isinstance(item, Demand):
        lines += [Line(_("技术需求"), label, value) for label, value in _of_demand(item)]
    by_hand = (_("联系人"), _("联系电话"), _("开户银行和账号"))
    return lines + [Line(_("请自行填写"), label, "") for label in by_hand]


def fit_of(policy: Policy, organisation: Organisation, item: Achievement | Demand | None) -> Fit:
    facts = facts_of_firm(organisation) if organisation.kind == Organisation.Kind.FIRM else {}
    if isinstance(item, Achievement):
        facts |= facts_of_achievement(item)
    elif isinstance(item, Demand):
        facts |= facts_of_demand(item)
    return judged(policy, facts)


def export_preparation(policy: Policy, organisation: Organisation, item: Achievement | Demand | None, *, by) -> bytes:
    """The data sheet and the checklist as an .xlsx, for the applicant's own use."""
    lines = [(line.group, line.label, line.value or MISSING) for line in data_sheet(organisation, item)]
    found = fit_of(policy, organisation, item)
    for words, state in ((found.met, _("符合")), (found.unknown, _("待确认")), (found.missed, _("不符合"))):
        lines += [(_("适用条件"), word, state) for word in words]
    lines += [(_("申请材料"), one, _("□ 未备")) for one in policy.material_lines]
    record(_("准备政策申请"), policy, by=by, changes={"organisation": [None, str(organisation)]})
    notes = [
        _("政策：%(policy)s。依据：%(source)s。是否适用以原文和主管部门为准。")
        % {"policy": policy, "source": policy.source}
    ]
    mark = watermark(by, _("供准备申请使用"))
    return write_workbook(_("申请准备"), (_("类别"), _("内容"), _("填写")), lines, watermark=mark, notes=notes)


def _of_organisation(one: Organisation):
    yield _("单位名称"), one.name
    yield _("统一社会信用代码"), one.credit_code
    yield _("所在区市县"), str(one.stat_region or "")
    if one.kind == Organisation.Kind.FIRM:
        yield _("企业类型"), one.firm_type
    yield _("单位简介"), one.profile
    yield _("网址"), one.website


def _of_achievement(one: Achievement):
    yield _("成果名称"), one.title
    yield _("入库编号"), one.registry_number or ""
    yield _("成果登记号"), one.national_number
    yield _("完成单位"), "、".join(part for part in (one.institution.name, one.partner_names) if part)
    yield _("负责人"), one.lead_person
    yield _("产业链"), one.industry.name
    yield _("所处阶段"), str(one.get_stage_display())
    yield _("成熟度"), f"{one.get_maturity_scale_display()} {one.maturity_level} 级" if one.maturity_level else ""
    yield _("成熟度依据"), one.maturity_evidence
    yield _("知识产权"), "；".join(str(right) for right in one.intellectual_property.all())
    yield _("拟转化方式"), "、".join(one.way_labels)
    yield _("意向价格"), one.price_text
    yield _("所需资金（万元）"), wan_text(one.funds_needed_wan) if one.funds_needed_wan is not None else ""
    yield _("成果简介"), one.summary
    yield _("经济性对比"), one.economics


def _of_demand(one: Demand):
    yield _("需求名称"), one.title
    yield _("需求类型"), str(one.get_kind_display())
    yield _("产业链"), one.industry.name if one.industry else ""
    yield _("主要问题"), one.problem
    yield _("预期目标"), one.goal
    yield _("现有基础条件"), one.conditions
    yield _("技术指标"), "；".join(str(indicator) for indicator in one.indicators.all())
    yield _("拟投入资金"), wan_range_text(one.budget_min_wan, one.budget_max_wan)
    yield _("需求时限"), one.period_text or "—".join(str(day) for day in (one.period_start, one.period_end) if day)
