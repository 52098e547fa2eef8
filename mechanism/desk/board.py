"""The whole work on one page, for the screen and for the table of a meeting."""

from collections import Counter

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from mechanism.counts import counts_for
from mechanism.models import Measure, Remark, Task

State = Measure.State
BADGES = {
    State.OVERDUE: "b-no",
    State.DUE_SOON: "b-wait",
    State.RUNNING: "b-go",
    State.NOT_BEGUN: "b-plain",
    State.DONE: "b-ok",
    State.DROPPED: "b-plain",
}


def for_workers(view):
    """City staff, the auditor and district's officers; a system administrator keeps accounts."""

    def guarded(request, *args, **kwargs):
        scope = request.user.scope
        if not (scope.sees_all or scope.is_district):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def measures_of(user):
    """What the user may see, with state, deadline and the last report in words."""
    last = Remark.objects.filter(measure=OuterRef("pk"), kind=Remark.Kind.REPORT).order_by("-at", "-pk")
    rows = Measure.objects.visible_to(user).overdue_first().select_related("organisation", "owner")
    return rows.annotate(report=Subquery(last.values("text")[:1]), reported_at=Subquery(last.values("at")[:1]))


@require_safe
@for_workers
def board(request):
    user = request.user
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    measures = [one for one in measures_of(user) if one.state != State.DROPPED]
    states = Counter(one.state for one in measures)
    counts = counts_for(user)
    tasks = []
    for task in Task.objects.visible_to(user).select_related("lead"):
        own = [one for one in measures if one.task_id == task.pk]
        shown = [one for one in own if not state or one.state == state]
        if state and not shown:
            continue
        tasks.append(
            {
                "task": task,
                "counts": counts.get(task.number, []),
                "measures": [{"one": one, "badge": BADGES[one.state]} for one in shown],
                "states": Counter(one.state for one in own),
                "total": len(own),
            }
        )
    context = {
        "tasks": tasks,
        "state": state,
        "states": [(value, State(value).label, states[value]) for value in State.values if states[value]],
        "total": len(measures),
        "now": timezone.now(),
        "sees_all": user.scope.sees_all,
        "may_enter": user.has_perm("mechanism.add_measure"),
    }
    return render(request, "admin/mechanism/board.html", context)
