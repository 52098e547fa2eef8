"""Prepares a policy application: known values as a data sheet, missing values marked. Nothing is submitted."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import Organisation, User
from achievements.models import Achievement
from audit.exports import watermark
from audit.services import record
from demands.models import Demand
from mechanism.models import Policy
from mechanism.policy_fit import PolicyFit
from mechanism.policy_hints import facts_of_achievement, facts_of_demand, facts_of_firm, fit_of_policy
from sheets.writing import write_workbook
from taxonomy.money import wan_range_text, wan_text

MISSING = "（缺）"


@dataclass(frozen=True)
class ApplicationLine:
    group: str
    label: str
    value: str
    """Empty if unknown; the applicant fills it in."""


def application_lines(organisation: Organisation, item: Achievement | Demand | None) -> list[ApplicationLine]:
    """The values that applications usually require, as far as the platform knows them."""
    lines = [ApplicationLine("申请单位", label, value) for label, value in _organisation_values(organisation)]
    if isinstance(item, Achievement):
        lines += [ApplicationLine("科技成果", label, value) for label, value in _achievement_values(item)]
    elif isinstance(item, Demand):
        lines += [ApplicationLine("技术需求", label, value) for label, value in _demand_values(item)]
    by_hand = ("联系人", "联系电话", "开户银行和账号")
    return lines + [ApplicationLine("请自行填写", label, "") for label in by_hand]


def application_fit(policy: Policy, organisation: Organisation, item: Achievement | Demand | None) -> PolicyFit:
    facts = facts_of_firm(organisation) if organisation.kind == Organisation.Kind.FIRM else {}
    if isinstance(item, Achievement):
        facts |= facts_of_achievement(item)
    elif isinstance(item, Demand):
        facts |= facts_of_demand(item)
    return fit_of_policy(policy, facts)


def export_application(
    policy: Policy, organisation: Organisation, item: Achievement | Demand | None, *, by: User
) -> bytes:
    """Data sheet and checklist as an .xlsx, for the applicant's own use."""
    lines = [(line.group, line.label, line.value or MISSING) for line in application_lines(organisation, item)]
    fit = application_fit(policy, organisation, item)
    for words, state in ((fit.met, "符合"), (fit.unknown, "待确认"), (fit.missed, "不符合")):
        lines += [("适用条件", word, state) for word in words]
    lines += [("申请材料", material, "□ 未备") for material in policy.material_lines]
    record("准备政策申请", policy, by=by, changes={"organisation": [None, str(organisation)]})
    notes = [
        "政策：%(policy)s。依据：%(source)s。是否适用以原文和主管部门为准。"
        % {"policy": policy, "source": policy.source}
    ]
    mark = watermark(by, "供准备申请使用")
    return write_workbook("申请准备", ("类别", "内容", "填写"), lines, watermark=mark, notes=notes)


def _organisation_values(organisation: Organisation) -> Iterator[tuple[str, str]]:
    yield "单位名称", organisation.name
    yield "统一社会信用代码", organisation.credit_code
    yield "所在区市县", str(organisation.stat_region or "")
    if organisation.kind == Organisation.Kind.FIRM:
        yield "企业类型", organisation.firm_type
    yield "单位简介", organisation.profile
    yield "网址", organisation.website


def _achievement_values(achievement: Achievement) -> Iterator[tuple[str, str]]:
    yield "成果名称", achievement.title
    yield "入库编号", achievement.registry_number or ""
    yield "成果登记号", achievement.national_number
    yield "完成单位", "、".join(part for part in (achievement.institution.name, achievement.partner_names) if part)
    yield "负责人", achievement.lead_person
    yield "产业链", achievement.industry.name
    yield "所处阶段", str(achievement.get_stage_display())
    yield (
        "成熟度",
        f"{achievement.get_maturity_scale_display()} {achievement.maturity_level} 级"
        if achievement.maturity_level
        else "",
    )
    yield "成熟度依据", achievement.maturity_evidence
    yield "知识产权", "；".join(str(right) for right in achievement.intellectual_property.all())
    yield "拟转化方式", "、".join(achievement.way_labels)
    yield "意向价格", achievement.price_text
    yield (
        "所需资金（万元）",
        wan_text(achievement.funds_needed_wan) if achievement.funds_needed_wan is not None else "",
    )
    yield "成果简介", achievement.summary
    yield "经济性对比", achievement.economics


def _demand_values(demand: Demand) -> Iterator[tuple[str, str]]:
    yield "需求名称", demand.title
    yield "需求类型", str(demand.get_kind_display())
    yield "产业链", demand.industry.name if demand.industry else ""
    yield "主要问题", demand.problem
    yield "预期目标", demand.goal
    yield "现有基础条件", demand.conditions
    yield "技术指标", "；".join(str(indicator) for indicator in demand.indicators.all())
    yield "拟投入资金", wan_range_text(demand.budget_min_wan, demand.budget_max_wan)
    yield (
        "需求时限",
        demand.period_text or "—".join(str(day) for day in (demand.period_start, demand.period_end) if day),
    )
