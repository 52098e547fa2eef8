"""What the office does with an application for 专项资金: accept, return, decide, publicise, confirm, pay, check."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import constraint_message, transition
from core.plain_text import clean_required_text
from core.workdays import add_workdays
from mechanism.kpi.subsidy_totals import committed_wan, paid_wan
from mechanism.models import SubsidyApplication, SubsidyBudget, SubsidyObjection, SubsidyPayout, SubsidyReview
from mechanism.services.measures import require_city_staff
from mechanism.services.subsidy_notices import notify_applicant, notify_city, settle_earlier_notices
from mechanism.subsidy_words import day_text
from taxonomy.money import wan_text

Status = SubsidyApplication.Status
MEND_WORKDAYS = 5
LEAST_OBJECTION = 10
DAYS_PER_MONTH = 30


def require_office(application: SubsidyApplication, by: User) -> None:
    """City staff who are not of the applicant (回避)."""
    require_city_staff(by)
    if application.organisation_id in by.scope.organisation_ids:
        raise PermissionDenied("您是申报单位的人员，应当回避，请由同事办理。")


# --- 形式审查 --------------------------------------------------------------------------------------------------------
@transaction.atomic
def accept_application(application: SubsidyApplication, *, by: User) -> None:
    """受理: the application is complete; it goes to review. Raises PermissionDenied, ValidationError."""
    require_office(application, by)
    now = timezone.now()
    _move(
        application,
        Status.SUBMITTED,
        Status.REVIEW,
        action="受理专项资金申报",
        by=by,
        accepted_at=now,
        accepted_by=by,
        return_reason="",
    )
    notify_applicant(application, "accepted", {}, "accepted")


@transaction.atomic
def return_application(application: SubsidyApplication, *, reason: str, by: User) -> None:
    """退回补正, with a term of five working days. Raises PermissionDenied, ValidationError."""
    require_office(application, by)
    reason = clean_required_text(reason, "请写明要补正什么，例如“合同复印件缺签字页”。", 1000)
    until = add_workdays(timezone.localdate(), MEND_WORKDAYS)
    _move(
        application,
        Status.SUBMITTED,
        Status.RETURNED,
        action="退回专项资金申报",
        by=by,
        changes={"reason": [None, reason]},
        return_reason=reason,
        mend_until=until,
    )
    values = {"截止": day_text(until), "原因": reason[:200]}
    notify_applicant(application, "returned", values, f"returned {application.status_at:%Y%m%d%H%M%S}")


# --- 决定 ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def grant_application(application: SubsidyApplication, *, amount_wan: Decimal, reason: str, by: User) -> None:
    """Decide to support with an amount, and publicise it (公示).

    The amount stays within the call, the request and what is left of the year's budget; the budget is locked, so that
    two decisions cannot spend the same money. Raises PermissionDenied, ValidationError.
    """
    require_office(application, by)
    reason = clean_required_text(reason, "请写明决定的理由。", 1000)
    row = _locked(application, Status.REVIEW)
    _check_second_officer(row, by)
    _check_reviews(row)
    if amount_wan <= 0:
        raise ValidationError("支持金额要大于零。不支持的请选“不予支持”。")
    most = min(row.ceiling_wan or Decimal(0), row.requested_wan or Decimal(0))
    if amount_wan > most:
        raise ValidationError(
            f"“支持金额”填了 {wan_text(amount_wan)} 万元，最多 {wan_text(most)} 万元："
            "不能超过申请的金额，也不能超过按通知算出的上限。"
        )
    budget = SubsidyBudget.objects.select_for_update(no_key=True).get(pk=row.call.budget_id)
    left = budget.amount_wan - committed_wan(budget)
    if amount_wan > left:
        raise ValidationError(
            f"“支持金额”填了 {wan_text(amount_wan)} 万元，{budget.year} 年预算只剩 {wan_text(left)} 万元。"
        )
    until = timezone.localdate() + timedelta(days=row.call.publicity_days)
    _move(
        application,
        Status.REVIEW,
        Status.PUBLICISED,
        action="决定支持专项资金申报",
        by=by,
        changes={"granted_wan": [None, str(amount_wan)], "reason": [None, reason]},
        granted_wan=amount_wan,
        decision_reason=reason,
        decided_at=timezone.now(),
        decided_by=by,
        public_until=until,
    )
    values = {"金额": wan_text(amount_wan), "截止": day_text(until)}
    notify_applicant(application, "publicised", values, "publicised")


@transaction.atomic
def refuse_application(application: SubsidyApplication, *, reason: str, by: User) -> None:
    """不予支持, with a reason the applicant reads. Raises PermissionDenied, ValidationError."""
    require_office(application, by)
    reason = clean_required_text(reason, "请写明不予支持的理由，申报单位会看到。", 1000)
    row = _locked(application, Status.REVIEW)
    _check_second_officer(row, by)
    _check_reviews(row)
    _move(
        application,
        Status.REVIEW,
        Status.REFUSED,
        action="决定不支持专项资金申报",
        by=by,
        changes={"reason": [None, reason]},
        decision_reason=reason,
        decided_at=timezone.now(),
        decided_by=by,
    )
    notify_applicant(application, "refused", {"原因": reason[:200]}, "refused")


def _check_second_officer(row: SubsidyApplication, by: User) -> None:
    if row.accepted_by_id == by.pk:
        raise ValidationError("受理和决定要由两位专员办理：这份申报由您受理，请交给同事决定。")


def _check_reviews(row: SubsidyApplication) -> None:
    given = row.reviews.filter(status=SubsidyReview.Status.GIVEN).count()
    waiting = row.reviews.filter(status=SubsidyReview.Status.ASKED).count()
    if waiting:
        raise ValidationError(f"还有 {waiting} 位专家没有答复，请催办或撤销邀请后再决定。")
    if given < row.call.least_reviews:
        raise ValidationError(f"已有 {given} 位专家评审，至少需要 {row.call.least_reviews} 位，请再邀请专家。")


# --- 公示 ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def object_to_grant(application: SubsidyApplication, *, text: str, by: User) -> SubsidyObjection:
    """提出异议, by any signed-in user during the publicity. Raises ValidationError."""
    row = SubsidyApplication.objects.select_for_update(no_key=True).get(pk=application.pk)
    if row.status != Status.PUBLICISED or row.public_until is None or timezone.localdate() > row.public_until:
        raise ValidationError("这个项目不在公示期内，不再受理异议。")
    text = clean_required_text(text, "请写明异议的事实和理由。", 1000, name="异议")
    if len(text) < LEAST_OBJECTION:
        raise ValidationError(f"请写明异议的事实和理由，不少于 {LEAST_OBJECTION} 个字。")
    try:
        with transaction.atomic():
            objection = SubsidyObjection.objects.create(application=row, text=text, made_by=by)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, SubsidyObjection)) from None
    record("对专项资金公示提出异议", objection, by=by)
    notify_city(row, f"有人对“{row.title[:60]}”的公示提出异议，请处理。", f"objection {objection.public_id}")
    return objection


@transaction.atomic
def answer_subsidy_objection(objection: SubsidyObjection, *, upheld: bool, answer: str, by: User) -> None:
    """成立 revokes the grant and frees its money; 不成立 lets it stand. Raises PermissionDenied, ValidationError."""
    application = objection.application
    require_office(application, by)
    if objection.made_by_id == by.pk:
        raise PermissionDenied("您提出的异议由同事处理。")
    answer = clean_required_text(answer, "请写明处理意见。", 1000)
    _locked(application, Status.PUBLICISED)
    status = SubsidyObjection.Status.UPHELD if upheld else SubsidyObjection.Status.DISMISSED
    transition(
        objection,
        when={"status": SubsidyObjection.Status.OPEN},
        values={"status": status, "answer": answer, "answered_by": by, "answered_at": timezone.now()},
        refusal="这项异议已经处理过。",
        action="处理专项资金异议",
        by=by,
        changes={"status": [SubsidyObjection.Status.OPEN, status]},
    )
    if upheld:
        _move(
            application,
            Status.PUBLICISED,
            Status.REVOKED,
            action="撤销专项资金支持",
            by=by,
            changes={"reason": [None, answer]},
            end_reason=answer,
        )
        notify_applicant(application, "revoked", {"原因": answer[:200]}, "revoked")


@transaction.atomic
def confirm_grant(application: SubsidyApplication, *, by: User) -> None:
    """立项, after the publicity and with every objection answered. Raises PermissionDenied, ValidationError."""
    require_office(application, by)
    row = _locked(application, Status.PUBLICISED)
    today = timezone.localdate()
    if row.public_until is not None and today <= row.public_until:
        raise ValidationError(f"公示到{day_text(row.public_until)}，请之后再确认立项。")
    if row.objections.filter(status=SubsidyObjection.Status.OPEN).exists():
        raise ValidationError("还有异议没有处理，请先处理。")
    finish_by = today + timedelta(days=row.call.months * DAYS_PER_MONTH)
    _move(
        application,
        Status.PUBLICISED,
        Status.GRANTED,
        action="确认专项资金立项",
        by=by,
        changes={"finish_by": [None, str(finish_by)]},
        confirmed_at=timezone.now(),
        finish_by=finish_by,
    )
    notify_applicant(application, "confirmed", {"截止": day_text(finish_by)}, "confirmed")


# --- 拨付 ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def record_payout(
    application: SubsidyApplication, *, amount_wan: Decimal, paid_on: date, voucher: str, by: User
) -> SubsidyPayout:
    """Record a payout within the grant, not before it was confirmed. Raises PermissionDenied, ValidationError."""
    require_office(application, by)
    row = _locked(application, *SubsidyApplication.PAYABLE)
    left = (row.granted_wan or Decimal(0)) - paid_wan(row)
    if amount_wan > left:
        raise ValidationError(
            f"“拨付金额”填了 {wan_text(amount_wan)} 万元，支持金额里还没有拨付的只有 {wan_text(left)} 万元。"
        )
    first = timezone.localdate(row.confirmed_at)
    if not first <= paid_on <= timezone.localdate():
        raise ValidationError(f"“拨付日期”填了{day_text(paid_on)}，应在立项日期{day_text(first)}到今天之间。")
    payout = SubsidyPayout(application=row, amount_wan=amount_wan, paid_on=paid_on, voucher=voucher, recorded_by=by)
    payout.full_clean()
    payout.save(force_insert=True)
    record("录入专项资金拨付", row, by=by, changes={"amount_wan": [None, str(amount_wan)], "voucher": [None, voucher]})
    values = {"金额": wan_text(amount_wan), "日期": day_text(paid_on)}
    notify_applicant(row, "paid", values, f"paid {payout.public_id}")
    return payout


@transaction.atomic
def strike_payout(payout: SubsidyPayout, *, reason: str, by: User) -> None:
    """Take out a payout that was recorded wrongly. Raises PermissionDenied, ValidationError."""
    require_office(payout.application, by)
    reason = clean_required_text(reason, "请写明划去的原因，例如“重复录入”。", 200)
    SubsidyApplication.objects.select_for_update(no_key=True).get(pk=payout.application_id)
    if payout.recoveries.valid().exists():
        raise ValidationError("这笔拨付已有收回，说明钱确实拨过，不能划去。收回录错的，请先划去收回。")
    transition(
        payout,
        when={"struck_at": None},
        values={"struck_at": timezone.now(), "struck_reason": reason},
        refusal="这笔拨付已经划去了。",
        action="划去专项资金拨付",
        by=by,
        changes={"reason": [None, reason]},
    )


# --- 验收 ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def check_result(application: SubsidyApplication, *, passed: bool, reason: str, by: User) -> None:
    """验收: passed, or not. After a failure nothing more is paid, and what was not paid returns to the budget.

    Raises PermissionDenied, ValidationError.
    """
    require_office(application, by)
    reason = clean_required_text(reason, "请对照验收目标写明验收意见。", 1000)
    status = Status.PASSED if passed else Status.FAILED
    _move(
        application,
        Status.REPORTED,
        status,
        action="验收专项资金项目",
        by=by,
        changes={"reason": [None, reason]},
        check_reason=reason,
        checked_at=timezone.now(),
        checked_by=by,
    )
    notify_applicant(application, "checked", {"结果": str(status.label), "原因": reason[:200]}, "checked")


@transaction.atomic
def return_report(application: SubsidyApplication, *, reason: str, by: User) -> None:
    """Send the report back, so that it is completed. Raises PermissionDenied, ValidationError."""
    require_office(application, by)
    reason = clean_required_text(reason, "请写明验收前还要补充什么。", 1000)
    _move(
        application,
        Status.REPORTED,
        Status.GRANTED,
        action="退回验收申请",
        by=by,
        changes={"reason": [None, reason]},
        return_reason=reason,
    )
    event = f"report back {application.status_at:%Y%m%d%H%M%S}"
    notify_applicant(application, "report_returned", {"原因": reason[:200]}, event)


def _move(
    application: SubsidyApplication,
    before: str,
    after: str,
    *,
    action: str,
    by: User,
    changes: dict[str, Any] | None = None,
    **values: Any,
) -> None:
    """One step of the application, refused unless it is in the state `before`."""
    transition(
        application,
        when={"status": before},
        values={"status": after, "status_at": timezone.now()} | values,
        refusal=lambda row: f"这份申报现在{row.get_status_display()}，不能这样办理。请刷新页面查看。",
        action=action,
        by=by,
        changes={"status": [before, after]} | (changes or {}),
    )
    settle_earlier_notices(application)


def _locked(application: SubsidyApplication, *states: str) -> SubsidyApplication:
    row = (
        SubsidyApplication.objects.select_for_update(no_key=True, of=("self",))
        .select_related("call", "organisation")
        .get(pk=application.pk)
    )
    if row.status not in states:
        raise ValidationError(f"这份申报现在{row.get_status_display()}，不能这样办理。请刷新页面查看。")
    return row
