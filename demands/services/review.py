"""Submit drafts for the first review, return them, and start a diagnosis."""

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.models import User
from core.plain_text import clean_reason
from demands.models import Demand
from demands.permissions import owns_or_manages
from demands.services.transitions import (
    Status,
    Transition,
    TransitionResult,
    bulk_change_status,
    change_status,
)


def submit_demand(demand: Demand, *, by: User) -> None:
    """草稿 → 待区县初审, by the firm or by staff on its behalf."""
    change_status(demand, _submission(), by=by)


def submit_demands(demands: QuerySet[Demand] | Iterable[Demand], *, by: User) -> TransitionResult:
    """`submit_demand` for many, in a constant number of queries."""
    return bulk_change_status(demands, _submission(), by=by)


def return_demand(demand: Demand, *, by: User, reason: str) -> None:
    """待区县初审 or 需求诊断中 → 草稿, with a reason shown to the firm."""
    transition = Transition("退回", (Status.DISTRICT_REVIEW, Status.DIAGNOSIS), Status.DRAFT)
    change_status(demand, transition, by=by, reason=clean_reason(reason, "技术指标不明确，请补充数值和单位"))


def start_diagnosis(demand: Demand, *, by: User) -> None:
    """待区县初审 → 需求诊断中: staff clarify the demand with the firm."""
    change_status(demand, Transition("进入诊断", (Status.DISTRICT_REVIEW,), Status.DIAGNOSIS), by=by)


def _submission() -> Transition:
    return Transition("提交初审", (Status.DRAFT,), Status.DISTRICT_REVIEW, owns_or_manages)
