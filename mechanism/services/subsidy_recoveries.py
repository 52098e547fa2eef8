"""收回: a payout of 专项资金, or a part of it, is taken back. Net of it stands in the figures and in the budget."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from mechanism.kpi.subsidy_totals import committed_wan, recovered_wan
from mechanism.models import SubsidyApplication, SubsidyBudget, SubsidyPayout, SubsidyRecovery
from mechanism.services.subsidy_decisions import require_office
from mechanism.services.subsidy_notices import notify_applicant
from mechanism.subsidy_words import day_text
from taxonomy.money import wan_text

EXAMPLE = "请写明收回的原因，例如“验收不通过，按合同退回未使用部分”。"


@transaction.atomic
def record_recovery(
    payout: SubsidyPayout, *, amount_wan: Decimal, received_on: date, voucher: str, reason: str, by: User
) -> SubsidyRecovery:
    """Record money that came back, up to what was paid, by another officer than the one who recorded the payout.

    It returns to the year's budget and is not paid out on this application again. Raises PermissionDenied,
    ValidationError.
    """
    require_office(payout.application, by)
    reason = clean_required_text(reason, EXAMPLE, 300)
    # The same lock as for payouts: nobody strikes the payout meanwhile.
    application = SubsidyApplication.objects.select_for_update(no_key=True).get(pk=payout.application_id)
    payout = SubsidyPayout.objects.get(pk=payout.pk)
    if payout.struck_at:
        raise ValidationError("这笔拨付已经划去，没有可以收回的。")
    if payout.recorded_by_id == by.pk:
        raise ValidationError("这笔拨付由您录入，收回请交给同事录入。")
    left = payout.amount_wan - recovered_wan(payout)
    if amount_wan > left:
        raise ValidationError(
            f"“收回金额”填了 {wan_text(amount_wan)} 万元，这笔拨付还没有收回的只有 {wan_text(left)} 万元。"
        )
    if not payout.paid_on <= received_on <= timezone.localdate():
        raise ValidationError(
            f"“到账日期”填了{day_text(received_on)}，应在拨付日期{day_text(payout.paid_on)}到今天之间。"
        )
    recovery = SubsidyRecovery(
        payout=payout,
        amount_wan=amount_wan,
        received_on=received_on,
        voucher=voucher,
        reason=reason,
        paid_by=payout.recorded_by,
        recorded_by=by,
    )
    recovery.full_clean()
    recovery.save(force_insert=True)
    changes = {"amount_wan": [None, str(amount_wan)], "voucher": [None, voucher], "reason": [None, reason]}
    record("收回专项资金", application, by=by, changes=changes)
    values = {"金额": wan_text(amount_wan), "日期": day_text(received_on), "原因": reason[:200]}
    notify_applicant(application, "recovered", values, f"recovered {recovery.public_id}")
    return recovery


@transaction.atomic
def strike_recovery(recovery: SubsidyRecovery, *, reason: str, by: User) -> None:
    """Take out a recovery that was recorded wrongly, if the budget still has that money.

    Raises PermissionDenied, ValidationError.
    """
    application = recovery.payout.application
    require_office(application, by)
    reason = clean_required_text(reason, "请写明划去的原因，例如“重复录入”。", 200)
    budget = SubsidyBudget.objects.select_for_update(no_key=True).get(calls=application.call_id)
    left = budget.amount_wan - committed_wan(budget)
    if recovery.struck_at is None and recovery.amount_wan > left:
        raise ValidationError(
            f"收回的 {wan_text(recovery.amount_wan)} 万元已用于别的项目，{budget.year} 年预算只剩 "
            f"{wan_text(left)} 万元，请先调整预算再划去。"
        )
    transition(
        recovery,
        when={"struck_at": None},
        values={"struck_at": timezone.now(), "struck_reason": reason},
        refusal="这笔收回已经划去了。",
        action="划去专项资金收回",
        by=by,
        changes={"reason": [None, reason]},
    )
    values = {"金额": wan_text(recovery.amount_wan), "原因": reason[:200]}
    notify_applicant(application, "recovery_struck", values, f"recovery struck {recovery.public_id}")
