"""What an application for 专项资金 takes from the platform, and what it still lacks, in words."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Organisation
from achievements.models import Achievement
from deals.models import Contract
from mechanism.models import RelatedParties, SubsidyApplication, SubsidyCall
from mechanism.policy_application import ApplicationLine, application_fit, application_lines
from mechanism.subsidy_words import day_text
from taxonomy.money import wan_text

LEAST_CONTENT = 30
LEAST_GOALS = 10
BY_HAND = "请自行填写"
"""Group of the prepared sheet that the form of an application has in other words."""


# --- What an organisation may name -----------------------------------------------------------------------------------
def contracts_of(organisation: Organisation) -> QuerySet[Contract]:
    """Contracts that may stand behind an application: they count as turnover, and the organisation is a party."""
    party = Q(seller=organisation) | Q(buyer=organisation)
    return (
        Contract.objects.turnover().filter(party).select_related("deal", "seller", "buyer").order_by("-registered_on")
    )


def achievements_of(organisation: Organisation) -> QuerySet[Achievement]:
    """Registered achievements of an institution."""
    rows = Achievement.objects.registered().filter(institution=organisation)
    return rows.exclude(status=Achievement.Status.WITHDRAWN).order_by("-registered_at", "-pk")


def basis_of(call: SubsidyCall, contract: Contract | None) -> Decimal | None:
    """What the rate applies to where the platform knows it: the technology amount of the contract, in 万元."""
    if call.rate_basis != SubsidyCall.Basis.CONTRACT or contract is None:
        return None
    return contract.tech_amount_wan or contract.amount_wan


def sheet_of(application: SubsidyApplication) -> list[dict[str, str]]:
    """[{group, label, value}] of the applicant, the achievement and the contract, as far as the applicant may know
    them."""
    lines = _sheet_lines(application)
    return [{"group": line.group, "label": line.label, "value": line.value} for line in lines]


def _sheet_lines(application: SubsidyApplication) -> Iterator[ApplicationLine]:
    achievement, organisation = application.achievement, application.organisation
    is_own = achievement is not None and achievement.institution_id == organisation.pk
    for line in application_lines(organisation, achievement if is_own else None):
        if line.group != BY_HAND:
            yield line
    if achievement is not None and not is_own:
        # Of another organisation's achievement only what stands on its public page.
        yield ApplicationLine("科技成果", "成果名称", achievement.title)
        yield ApplicationLine("科技成果", "入库编号", achievement.registry_number or "")
        yield ApplicationLine("科技成果", "完成单位", achievement.institution.name)
    if contract := application.contract:
        yield ApplicationLine("技术合同", "合同名称", contract.name)
        yield ApplicationLine("技术合同", "登记编号", contract.number)
        yield ApplicationLine("技术合同", "合同类别", str(contract.get_kind_display()))
        yield ApplicationLine("技术合同", "卖方", contract.seller_name)
        yield ApplicationLine("技术合同", "买方", contract.buyer_name)
        yield ApplicationLine("技术合同", "合同成交额（万元）", _wan(contract.amount_wan))
        yield ApplicationLine("技术合同", "技术交易额（万元）", _wan(contract.tech_amount_wan))
        yield ApplicationLine("技术合同", "签订日期", str(contract.signed_on or ""))
        yield ApplicationLine("技术合同", "登记日期", str(contract.registered_on or ""))


def _wan(amount: Decimal | None) -> str:
    return "" if amount is None else wan_text(amount)


# --- What is missing -------------------------------------------------------------------------------------------------
def missing_parts(application: SubsidyApplication) -> list[str]:
    """What has to be done before the application can be submitted: one sentence each, with what to do. Empty if it is
    complete."""
    return [*_missing_of_applicant(application), *_missing_of_project(application), *_missing_files(application)]


def _missing_of_applicant(application: SubsidyApplication) -> Iterator[str]:
    call, organisation = application.call, application.organisation
    today = timezone.localdate()
    is_mended = application.status == SubsidyApplication.Status.RETURNED
    if is_mended and application.mend_until and today > application.mend_until:
        yield f"补正期限是{day_text(application.mend_until)}，已经过了。请与市科技局联系。"
    if not is_mended and not call.is_open:
        yield f"现在不在申报期内（{day_text(call.opens_on)}至{day_text(call.closes_on)}）。"
    if not call.takes(organisation):
        place = "、限本市单位" if call.is_local_only else ""
        yield f"这次申报面向{call.get_audience_display()}{place}，贵单位不在范围内。登记有误时请先更正单位信息。"
    if organisation.kind == Organisation.Kind.FIRM and not organisation.credit_code:
        yield "单位信息里没有统一社会信用代码，请在“单位信息”里补上。"
    fit = application_fit(call.budget.policy, organisation, application.achievement)
    for words in fit.missed:
        yield f"按平台登记的情况不符合政策条件“{words}”。登记有误时请先更正，再提交。"


def _missing_of_project(application: SubsidyApplication) -> Iterator[str]:
    call = application.call
    if len(application.title) < 4:
        yield "请写项目名称（不少于 4 个字）。"
    if len(application.content) < LEAST_CONTENT:
        written = len(application.content)
        yield f"“项目内容”现在有 {written} 个字，请写到 {LEAST_CONTENT} 个字以上：做什么、做到哪一步、钱用在哪里。"
    if len(application.goals) < LEAST_GOALS:
        yield "请写“验收目标”：完成时拿什么验收，尽量写数字。"
    if call.rate_basis == SubsidyCall.Basis.CONTRACT:
        yield from _missing_of_contract(application)
    elif application.basis_wan is None:
        yield "请填“项目投入”，支持金额按它的比例计算。"
    if application.requested_wan is None:
        yield "请填“申请金额”。"
    elif application.requested_wan > (most := most_of(application)):
        yield (f"“申请金额”填了 {wan_text(application.requested_wan)} 万元，按通知最多 {wan_text(most)} 万元，请改小。")


def _missing_of_contract(application: SubsidyApplication) -> Iterator[str]:
    contract = application.contract
    if contract is None:
        yield "这次申报要有一份已认定登记的技术合同。请先登记合同，再重新开始申报并选择它。"
    elif not contracts_of(application.organisation).filter(pk=contract.pk).exists():
        yield f"合同“{contract}”现在不计入成交额（已注销、有异议或双方没有确认），处理好以后才能提交。"
    elif basis_of(application.call, contract) is None:
        yield f"合同“{contract}”没有技术交易额，请先在合同登记里补上。"


def most_of(application: SubsidyApplication) -> Decimal:
    """The most that the application may be granted by its call, in 万元."""
    known = basis_of(application.call, application.contract)
    return application.call.most_for(application.basis_wan if known is None else known)


def _missing_files(application: SubsidyApplication) -> Iterator[str]:
    uploaded = set(application.files.kept().values_list("material", flat=True))
    for material in application.call.material_lines:
        if material[:200] not in uploaded:
            yield f"缺材料“{material}”，请上传。"


# --- What the office should look at ----------------------------------------------------------------------------------
def points_to_note(application: SubsidyApplication) -> list[str]:
    """What the staff should know before they decide: related parties, a contract that no longer counts."""
    points = []
    contract = application.contract
    if contract is not None:
        if not contracts_of(application.organisation).filter(pk=contract.pk).exists():
            points.append("合同现在不计入成交额（已注销、有异议、核查后剔除或双方没有确认）。")
        if contract.seller_id and contract.buyer_id:
            sides = [contract.seller_id, contract.buyer_id]
            declared = RelatedParties.objects.in_effect(timezone.localdate()).filter(one__in=sides, other__in=sides)
            if declared.exists():
                points.append("合同双方登记为关联单位。")
        others = SubsidyApplication.objects.live().filter(contract=contract, submitted_at__isnull=False)
        for other in others.exclude(pk=application.pk).select_related("organisation", "call"):
            points.append(f"同一份合同还有申报：{other.organisation}，“{other.call}”，{other.get_status_display()}。")
        now = basis_of(application.call, contract)
        if application.basis_wan is not None and now is not None and now != application.basis_wan:
            points.append(f"提交时合同的技术交易额是 {application.basis_wan} 万元，现在登记的是 {now} 万元。")
    return points
