"""暂停: a demand that is neither public nor matched for a while. Meetings that are planned stay planned."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from core.plain_text import clean_reason
from demands.models import Demand
from demands.permissions import check_permission, owns_or_manages
from demands.services.anonymity import anonymity_problem, exposure_problem
from demands.services.exposure import ExposureCheck
from demands.services.notifications import notify_resumed
from demands.services.transitions import ENDS_WITH_STATUS, Status, Transition, change_status

LONGEST_PAUSE = timedelta(days=366)


def pause_demand(demand: Demand, *, by: User, reason: str, until: date | None = None) -> None:
    """Any status in OPEN → 暂停, with a reason and, if wished, the last day of the pause. By the firm or staff."""
    reason = clean_reason(reason, "产线检修，两个月后再谈")
    today = timezone.localdate()
    if until and until < today:
        raise ValidationError({"until": "暂停至 %(day)s 已经过去，请写今天或以后的日期。" % {"day": until}})
    if until and until > today + LONGEST_PAUSE:
        raise ValidationError({"until": "暂停最长一年；不再需要时，请关闭需求。"})
    step = Transition("暂停", Demand.OPEN, Status.PAUSED, owns_or_manages)
    change_status(demand, step, by=by, reason=reason, paused_from=F("status"), paused_until=until)


@transaction.atomic
def resume_demand(demand: Demand, *, by: User | None) -> None:
    """暂停 → the status before it. By the firm or staff; `by` is None when the pause has run out.

    Raises PermissionDenied; ValidationError if it is not paused, or if an anonymous text leads to the firm by now, for
    example after the firm was renamed.
    """
    if by is not None:
        check_permission(owns_or_manages, demand, by)
    current = Demand.objects.select_for_update(of=("self",)).select_related("firm").get(pk=demand.pk)
    if current.status == Status.PAUSED and (problem := exposure_objection(current)):
        raise ValidationError(problem)
    transition(
        demand,
        when={"status": Status.PAUSED},
        values=ENDS_WITH_STATUS
        | {"status": F("paused_from"), "status_reason": "", "status_changed_at": timezone.now()}
        | {"updated_at": timezone.now()},
        refusal=lambda row: f"“{row}”现在是“{row.get_status_display()}”，没有暂停。请刷新页面查看最新状态。",
        action="恢复",
        by=by,
        changes={"status": [Status.PAUSED, current.paused_from]},
    )


def resume_due_demands() -> int:
    """Resume the demands whose last day of pause has passed, and tell their firms. Returns how many."""
    due = Demand.objects.filter(status=Status.PAUSED, paused_until__lt=timezone.localdate()).select_related("firm")
    resumed = 0
    for demand in due:
        try:
            resume_demand(demand, by=None)
        except ValidationError as error:
            notify_resumed(demand, problem=error.messages[0])
        else:
            notify_resumed(demand)
            resumed += 1
    return resumed


def exposure_objection(demand: Demand) -> str:
    """Why a demand must not become public again as it is; empty if it may."""
    if not demand.is_anonymous:
        return ""
    problem = anonymity_problem(demand) or exposure_problem(demand, ExposureCheck().assess(demand))
    return "%(problem)s请先修改内容，由区县审核后再恢复。" % {"problem": problem} if problem else ""
