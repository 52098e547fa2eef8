"""待办: all that waits for the user, and the list of one kind with owner and clock of each row."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from open_work.sources import entries_of, open_work_of, summaries_of, summarise


@login_required
@require_safe
def open_work(request: UserRequest) -> HttpResponse:
    """The kinds of work of which something waits; `?show=late` those with overdue rows."""
    summaries = summaries_of(request.user)
    late = [summary for summary in summaries if summary.overdue]
    only_late = request.GET.get("show") == "late"
    context = {
        "summaries": late if only_late else summaries,
        "only_late": only_late,
        # Kinds, not rows: one row can wait in two kinds.
        "number": len(summaries),
        "overdue": len(late),
        "is_reader": request.user.scope.is_auditor,
    }
    return render(request, "portal/workbench/open_work.html", context)


@login_required
@require_safe
def open_work_list(request: UserRequest, key: str) -> HttpResponse:
    """The rows of one kind, the most urgent first; `?show=late` those past their day."""
    work = next((work for work in open_work_of(request.user) if work.key == key), None)
    if work is None:
        raise Http404
    only_late = request.GET.get("show") == "late" and work.clock.is_limited
    page = Paginator(work.waiting(overdue_only=only_late), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "work": work,
        "summary": summarise(work),
        "page": page,
        "entries": entries_of(work, page),
        "only_late": only_late,
        "is_reader": request.user.scope.is_auditor,
    }
    return render(request, "portal/workbench/open_work_list.html", context)
