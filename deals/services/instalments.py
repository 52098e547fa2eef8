"""The payment plan of a contract: who has to pay how much until when. Reminders to pay are written from it."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from deals.models import Contract, Instalment
from deals.permissions import may_contribute_to_contract, require_contract_contributor
from deals.services.contracts import lock_contract

MAX_INSTALMENTS = 36
MAX_YEARS = 20


@transaction.atomic
def plan_instalment(
    contract: Contract, *, due_on: date, amount_wan: Decimal, by: User, condition: str = ""
) -> Instalment:
    """Add an instalment in 万元. All instalments together are not more than the contract.

    Raises PermissionDenied unless the user contributes to the contract, ValidationError.
    """
    row = lock_contract(contract)
    require_contract_contributor(row, by)
    if row.status not in Contract.LIVE:
        raise ValidationError("这份合同现在是“%(state)s”，不能再填付款计划。" % {"state": row.get_status_display()})
    if row.amount_wan is None:
        raise ValidationError("请先在登记表里填写合同成交额，再填付款计划。")
    planned = row.instalments.filter(withdrawn_at=None)
    if planned.count() >= MAX_INSTALMENTS:
        raise ValidationError("付款计划最多 %(most)d 期。" % {"most": MAX_INSTALMENTS})
    if row.signed_on and due_on < row.signed_on:
        raise ValidationError(
            "应付日期 %(day)s 早于签订日期 %(signed)s，请核对。"
            % {"day": due_on.isoformat(), "signed": row.signed_on.isoformat()}
        )
    if due_on.year > timezone.localdate().year + MAX_YEARS:
        raise ValidationError("应付日期 %(day)s 太远，请核对年份。" % {"day": due_on.isoformat()})
    instalment = Instalment(contract=row, due_on=due_on, amount_wan=amount_wan, condition=condition.strip(), made_by=by)
    instalment.full_clean()
    total = (planned.aggregate(total=Sum("amount_wan"))["total"] or Decimal(0)) + instalment.amount_wan
    if total > row.amount_wan:
        raise ValidationError(
            "各期合计 %(total)s 万元，超过合同成交额 %(amount)s 万元，请核对金额（单位是万元）。"
            % {"total": total, "amount": row.amount_wan}
        )
    instalment.save(force_insert=True)
    changes = {"due_on": [None, due_on.isoformat()], "amount_wan": [None, str(instalment.amount_wan)]}
    record("填写付款计划", row, by=by, changes=changes)
    return instalment


@transaction.atomic
def withdraw_instalment(instalment: Instalment, *, reason: str, by: User) -> None:
    """Withdraw an instalment that was changed or planned by mistake; it stays with the reason.

    Raises PermissionDenied unless the user contributes to the contract, ValidationError.
    """
    row = lock_contract(instalment.contract)
    require_contract_contributor(row, by)
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError("撤销一期付款计划请说明原因。")
    transition(
        instalment,
        when={"withdrawn_at": None},
        values={"withdrawn_at": timezone.now(), "withdrawn_reason": reason},
        refusal="这一期已经撤销了。",
        action="撤销付款计划",
        by=by,
        changes={"amount_wan": [str(instalment.amount_wan), None]},
    )


def may_plan(contract: Contract, user: User) -> bool:
    return contract.status in Contract.LIVE and may_contribute_to_contract(contract, user)
