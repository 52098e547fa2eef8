"""Who of the city works on a contract that waits for registration or a check."""

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from audit.transitions import transition
from core.plain_text import clean_reason
from deals.models import Contract

REASON_EXAMPLE = "原经办人出差，由我登记"
WORKED_ON = (Contract.Status.PREPARING, Contract.Status.SUBMITTED, Contract.Status.REGISTERED)


def may_take_over(contract: Contract, user: User) -> bool:
    """City officers, while there is something to do with the contract and it is not theirs."""
    return user.scope.is_city and contract.status in WORKED_ON and contract.owner_id != user.pk


def take_over_contract(contract: Contract, *, reason: str, by: User) -> None:
    """接手: become the owner of a contract, from a colleague or as the first. Raises PermissionDenied, ValidationError.

    Of two who take it over at the same moment one becomes the owner, and the other is told.
    """
    if not by.scope.is_city:
        raise PermissionDenied("合同由市级专员接手。")
    if contract.owner_id == by.pk:
        raise ValidationError("这份合同已经由您经办。")
    reason = clean_reason(reason, REASON_EXAMPLE)
    before = contract.owner
    transition(
        contract,
        when={"owner_id": contract.owner_id, "status__in": WORKED_ON},
        values={"owner": by},
        refusal=_refusal,
        action="接手合同",
        by=by,
        changes={"owner": [before and str(before), str(by)], "reason": [None, reason]},
    )


def _refusal(contract: Contract) -> str:
    if contract.status not in WORKED_ON:
        return f"这份合同{contract.get_status_display()}，不用再办理。"
    return f"这份合同刚由{contract.owner}接手，请刷新页面看一看。"
