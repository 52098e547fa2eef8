"""The nine tasks with their measures on one page, also used as a printed handout."""

from collections import Counter

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import UserRequest
from mechanism.kpi.period import Period, parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.task_board import count_tasks
from mechanism.models import Measure, Remark, Task
from mechanism.models.measure import MeasureQuerySet
from mechanism.presentation import STATE_BADGES
from mechanism.views.staff import city_or_district_required

State = Measure.State
YEARS = 5
"""Years that can be chosen."""


def _measures_with_report(user: User) -> MeasureQuerySet:
    """Measures visible to the user with state, deadline and text and time of the last report."""
    reports = Remark.objects.valid().filter(measure=OuterRef("pk"), kind=Remark.Kind.REPORT).order_by("-at", "-pk")
    rows = Measure.objects.visible_to(user).overdue_first().select_related("organisation", "owner")
    return rows.annotate(report=Subquery(reports.values("text")[:1]), reported_at=Subquery(reports.values("at")[:1]))


def _period(text: str) -> Period:
    """The requested period; this year for an empty or invalid text."""
    try:
        return parse_period(text)
    except ValidationError:
        return parse_period("")


@require_safe
@city_or_district_required
def task_board(request: UserRequest) -> HttpResponse:
    user = request.user
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    measures = [measure for measure in _measures_with_report(user) if measure.state != State.DROPPED]
    states = Counter(measure.state for measure in measures)
    period = _period(request.GET.get("period", ""))
    counts = count_tasks(FigureScope(period, user))
    tasks = []
    for task in Task.objects.visible_to(user).select_related("lead"):
        task_measures = [measure for measure in measures if measure.task_id == task.pk]
        shown = [measure for measure in task_measures if not state or measure.state == state]
        if state and not shown:
            continue
        tasks.append(
            {
                "task": task,
                "counts": counts.get(task.number, []),
                "measures": [{"measure": measure, "badge": STATE_BADGES[measure.state]} for measure in shown],
                "states": Counter(measure.state for measure in task_measures),
                "total": len(task_measures),
            }
        )
    context = {
        "tasks": tasks,
        "state": state,
        "states": [(value, State(value).label, states[value]) for value in State.values if states[value]],
        "total": len(measures),
        "now": timezone.now(),
        "period": period,
        "periods": [str(timezone.localdate().year - back) for back in range(YEARS)],
        "sees_all": user.scope.sees_all,
        "may_enter": user.has_perm("mechanism.add_measure"),
    }
    return render(request, "mechanism/staff/task_board.html", context)
