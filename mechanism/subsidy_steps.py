"""The way of an application for 专项资金 in words, for its applicant: what happened, what comes next, until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from core.due_days import please_by
from mechanism.models import SubsidyApplication, SubsidyPayout
from mechanism.subsidy_words import day_text
from taxonomy.money import wan_text

Status = SubsidyApplication.Status
DONE, NOW, LATER = "done", "now", "later"


@dataclass(frozen=True)
class SubsidyStep:
    """`state`: done, now or later. `words`: what happened, or who has to do what."""

    label: str
    state: str
    words: str
    on: date | None = None


def steps_of(application: SubsidyApplication, payouts: list[SubsidyPayout]) -> list[SubsidyStep]:
    """All steps in order. `payouts`: those that were not struck. Names no reviewer and no officer."""
    return list(_steps(application, payouts))


def _steps(row: SubsidyApplication, payouts: list[SubsidyPayout]) -> Iterator[SubsidyStep]:
    if row.status == Status.WITHDRAWN:
        yield SubsidyStep("已撤回", DONE, f"原因：{row.end_reason}", _day(row.status_at))
        return
    yield _submission(row)
    yield _acceptance_of_form(row)
    yield _decision(row)
    if row.status == Status.REFUSED:
        return
    yield _publicity(row)
    if row.status == Status.REVOKED:
        return
    yield _payouts(row, payouts)
    yield _check(row)


def _submission(row: SubsidyApplication) -> SubsidyStep:
    if row.status == Status.DRAFT:
        return SubsidyStep("填写和提交", NOW, f"{please_by(row.call.closes_on, '填好并提交')}。")
    if row.status == Status.RETURNED:
        return SubsidyStep(
            "补正", NOW, f"{please_by(row.mend_until, '改好再提交') or '请改好再提交'}：{row.return_reason}"
        )
    return SubsidyStep("提交", DONE, f"申请 {wan_text(row.requested_wan or Decimal(0))} 万元。", _day(row.submitted_at))


def _acceptance_of_form(row: SubsidyApplication) -> SubsidyStep:
    if row.accepted_at:
        return SubsidyStep("受理", DONE, "材料齐全，已受理。", _day(row.accepted_at))
    if row.status == Status.SUBMITTED:
        return SubsidyStep("受理", NOW, "市里正在检查材料是否齐全，5 个工作日内答复。")
    return SubsidyStep("受理", LATER, "提交后，市里 5 个工作日内检查材料是否齐全。")


def _decision(row: SubsidyApplication) -> SubsidyStep:
    if row.status == Status.REFUSED:
        return SubsidyStep("评审和决定", DONE, f"不予支持。理由：{row.decision_reason}", _day(row.decided_at))
    if row.granted_wan is not None:
        words = f"拟支持 {wan_text(row.granted_wan)} 万元。理由：{row.decision_reason}"
        return SubsidyStep("评审和决定", DONE, words, _day(row.decided_at))
    least = row.call.least_reviews
    if row.status == Status.REVIEW:
        return SubsidyStep("评审和决定", NOW, f"至少 {least} 位没有利害关系的专家正在独立评审，之后作出决定。")
    return SubsidyStep("评审和决定", LATER, f"由至少 {least} 位没有利害关系的专家独立评审，之后作出决定。")


def _publicity(row: SubsidyApplication) -> SubsidyStep:
    if row.status == Status.REVOKED:
        return SubsidyStep("公示", DONE, f"异议成立，不再支持：{row.end_reason}", _day(row.status_at))
    if row.confirmed_at:
        return SubsidyStep("公示和立项", DONE, "公示期满，已立项。", _day(row.confirmed_at))
    if row.status == Status.PUBLICISED:
        is_over = row.public_until is not None and timezone.localdate() > row.public_until
        words = (
            "公示期满，等待确认立项。" if is_over else f"公示到{day_text(row.public_until)}，期间任何人都可以提出异议。"
        )
        return SubsidyStep("公示和立项", NOW, words)
    return SubsidyStep("公示和立项", LATER, f"拟支持的项目公示 {row.call.publicity_days} 天，没有成立的异议就立项。")


def _payouts(row: SubsidyApplication, payouts: list[SubsidyPayout]) -> SubsidyStep:
    """With what was taken back of them."""
    parts = [f"{day_text(payout.paid_on)}拨付 {wan_text(payout.amount_wan)} 万元" for payout in payouts]
    back = sorted((row for payout in payouts for row in payout.recoveries.all()), key=lambda row: row.received_on)
    parts += [
        f"{day_text(row.received_on)}收回 {wan_text(row.amount_wan)} 万元（{row.reason}）"
        for row in back
        if row.struck_at is None
    ]
    words = "；".join(parts) + "。" if parts else ""
    if row.status == Status.FAILED:
        return SubsidyStep("拨付", DONE, f"{words}验收不通过，不再拨付。")
    if row.granted_wan is None or row.confirmed_at is None:
        return SubsidyStep("拨付", LATER, "立项后按支持金额拨付，可以分几次。")
    if row.paid_wan >= row.granted_wan:  # type: ignore[attr-defined]  # annotated by `with_paid`
        return SubsidyStep("拨付", DONE, words, payouts[-1].paid_on if payouts else None)
    left = row.granted_wan - row.paid_wan  # type: ignore[attr-defined]  # annotated by `with_paid`
    return SubsidyStep("拨付", NOW, f"{words}还有 {wan_text(left)} 万元没有拨付。")


def _check(row: SubsidyApplication) -> SubsidyStep:
    if row.status in (Status.PASSED, Status.FAILED):
        words = f"{row.get_status_display()}。意见：{row.check_reason}"
        return SubsidyStep("验收", DONE, words, _day(row.checked_at))
    if row.status == Status.REPORTED:
        return SubsidyStep("验收", NOW, "已申请验收，市里正在核对完成情况。")
    if row.status == Status.GRANTED:
        words = f"{please_by(row.finish_by, '完成') or '请按期完成'}；完成后在下面申请验收。"
        return SubsidyStep("验收", NOW, f"{words}上次退回的意见：{row.return_reason}" if row.return_reason else words)
    return SubsidyStep("验收", LATER, f"立项后 {row.call.months} 个月内完成并申请验收。")


def _day(moment) -> date | None:
    return timezone.localdate(moment) if moment else None
