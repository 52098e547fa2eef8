"""Submit drafts for the first review, return them, and start a diagnosis."""

from collections.abc import Callable, Iterable

from django.db.models import QuerySet

from accounts.models import User
from core.plain_text import clean_reason
from demands.models import Demand
from demands.permissions import owns, writes_or_manages
from demands.services.anonymity import anonymity_problem, exposure_problem
from demands.services.exposure import ExposureCheck
from demands.services.notifications import notify_returned
from demands.services.transitions import (
    Status,
    Transition,
    TransitionResult,
    bulk_change_status,
    change_status,
)


def submit_demand(demand: Demand, *, by: User) -> None:
    """草稿 → 待区县初审, by the firm, or by its agent or staff on its behalf.

    The firm itself first has to confirm what an anonymous demand shows of it; for what others submit it is asked later.
    """
    change_status(demand, _submission(), by=by, objection=_firm_objection(by))


def submit_demands(demands: QuerySet[Demand] | Iterable[Demand], *, by: User) -> TransitionResult:
    """`submit_demand` for many, in a constant number of queries."""
    return bulk_change_status(demands, _submission(), by=by, objection=_firm_objection(by))


def recall_demand(demand: Demand, *, by: User) -> None:
    """待区县初审 → 草稿: the firm takes back what it has submitted, before the district decides."""
    change_status(demand, Transition("撤回提交", (Status.DISTRICT_REVIEW,), Status.DRAFT, owns), by=by)


def return_demand(demand: Demand, *, by: User, reason: str) -> None:
    """待区县初审 or 需求诊断中 → 草稿, with a reason shown to the firm."""
    transition = Transition("退回", (Status.DISTRICT_REVIEW, Status.DIAGNOSIS), Status.DRAFT)
    change_status(demand, transition, by=by, reason=clean_reason(reason, "技术指标不明确，请补充数值和单位"))
    if not owns(by, demand.firm):
        notify_returned(demand)


def _firm_objection(by: User) -> Callable[[Demand], str]:
    checks: list[ExposureCheck] = []

    def objection(demand: Demand) -> str:
        if not demand.is_anonymous or not owns(by, demand.firm):
            return ""
        if problem := anonymity_problem(demand):
            return problem
        checks[:] = checks or [ExposureCheck()]
        if problem := exposure_problem(demand, checks[0].assess(demand)):
            return "%(problem)s请按“联系和公开”里的提示修改，或勾选确认后再提交。" % {"problem": problem}
        return ""

    return objection


def start_diagnosis(demand: Demand, *, by: User) -> None:
    """待区县初审 → 需求诊断中: staff clarify the demand with the firm."""
    change_status(demand, Transition("进入诊断", (Status.DISTRICT_REVIEW,), Status.DIAGNOSIS), by=by)


def _submission() -> Transition:
    return Transition("提交初审", (Status.DRAFT,), Status.DISTRICT_REVIEW, writes_or_manages)
