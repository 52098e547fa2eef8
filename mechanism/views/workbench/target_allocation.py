"""Targets of districts and institutions: the city gives them, each agrees or proposes another value."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import UserRequest
from mechanism.kpi.allocation import ALLOCATIONS, Allocation, AllocationRow, build_allocation
from mechanism.kpi.counting import count_figure
from mechanism.kpi.dashboards import has_dashboard
from mechanism.kpi.definitions import DIMENSIONS
from mechanism.kpi.period import year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.models import AllocatedTarget
from mechanism.services.target_allocation import (
    accept_counter,
    agree_target,
    counter_target,
    give_target,
    may_answer,
    parse_target_value,
)

FIRST_YEAR = 2020


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def target_allocation(request: UserRequest) -> HttpResponse:
    """GET: all targets of a figure for the city and the auditor, the own ones for others. POST: the city gives."""
    if not has_dashboard(request.user):
        raise PermissionDenied
    year = _parse_year(request.GET.get("year", ""))
    if not request.user.scope.sees_all:
        if request.method == "POST":
            raise PermissionDenied
        return _own_targets(request, year)
    key, by = _parse_allocation(request.GET.get("figure", ""), request.GET.get("by", ""))
    errors: list[str] = []
    if request.method == "POST":
        given, errors = _give(request, build_allocation(key, by, year, request.user))
        if given:
            messages.success(request, "已下达 %d 项目标，对方会收到消息。" % given)
        elif not errors:
            messages.info(request, "没有改动，什么也没有下达。")
        if not errors:
            return redirect(f"{reverse('target_allocation')}?figure={key}&by={by}&year={year}")
    return _city_page(request, build_allocation(key, by, year, request.user), errors)


def _city_page(request: UserRequest, allocation: Allocation, errors: list[str]) -> HttpResponse:
    steps = AllocatedTarget.objects.filter(pk__in=[target.pk for target in allocation.targets])
    histories = {target.pk: list(target.steps.all()) for target in steps.prefetch_related("steps__by")}
    rows = [
        {
            "row": row,
            "typed": request.POST.get(f"value-{row.name}", "") if errors else _prefilled(request, row),
            "steps": histories.get(row.target.pk, []) if row.target else [],
        }
        for row in allocation.rows
    ]
    context = _frame(allocation.year) | {
        "allocation": allocation,
        "rows": rows,
        "errors": errors,
        "note": request.POST.get("note", "") if errors else "",
        "choices": [
            (key, by, FIGURES[key].label, DIMENSIONS[by].label, (key, by) == (allocation.key, allocation.by))
            for key, by in ALLOCATIONS
        ],
        "by_label": DIMENSIONS[allocation.by].label,
        "may_give": request.user.scope.is_city,
    }
    return render(request, "mechanism/workbench/target_allocation.html", context, status=422 if errors else 200)


def _prefilled(request: UserRequest, row: AllocationRow) -> str:
    """With `?fill=1` the suggestion, for those without a target."""
    if request.GET.get("fill") != "1" or row.suggested is None or row.target:
        return ""
    return f"{row.suggested.normalize():f}"


def _give(request: UserRequest, allocation: Allocation) -> tuple[int, list[str]]:
    """(number of targets given, messages). All values are checked before the first is given."""
    if not request.user.scope.is_city:
        raise PermissionDenied
    values, errors, given = [], [], 0
    for row in allocation.rows:
        text = request.POST.get(f"value-{row.name}", "").strip()
        if not text:
            continue
        try:
            values.append((row.assignee, parse_target_value(text, str(row.assignee), allocation.key)))
        except ValidationError as error:
            errors += error.messages
    if errors:
        return 0, errors
    for assignee, value in values:
        try:
            note = request.POST.get("note", "")
            target = give_target(
                figure=allocation.key, year=allocation.year, assignee=assignee, value=value, by=request.user, note=note
            )
            given += target is not None
        except ValidationError as error:
            errors += error.messages
    return given, errors


def _own_targets(request: UserRequest, year: int, answered: dict | None = None, status: int = 200) -> HttpResponse:
    targets = AllocatedTarget.objects.visible_to(request.user).filter(year=year).with_parties()
    rows = []
    for target in targets.prefetch_related("steps__by"):
        scope = FigureScope(year_period(year), request.user, ((target.dimension, target.assignee),))
        rows.append(
            {
                "target": target,
                "counted": count_figure(FIGURES[target.figure], scope),
                "scope": scope,
                "steps": list(target.steps.all()),
                "may_answer": target.status == AllocatedTarget.Status.GIVEN and may_answer(target, request.user),
                "answered": answered if answered and answered["pk"] == target.pk else None,
            }
        )
    context = _frame(year) | {"rows": rows}
    return render(request, "mechanism/workbench/own_targets.html", context, status=status)


@login_required
@require_POST
def target_answer(request: UserRequest, public_id: str) -> HttpResponse:
    """`step`: agree, counter (by the assignee), accept (by the city)."""
    target = get_object_or_404(AllocatedTarget.objects.visible_to(request.user).with_parties(), public_id=public_id)
    step, revision = request.POST.get("step", ""), request.POST.get("revision", "")
    if step not in ("agree", "counter", "accept") or not revision.isdecimal() or len(revision) > 9:
        raise Http404
    try:
        _answer(request, target, step, int(revision))
    except ValidationError as error:
        if request.user.scope.sees_all:
            messages.error(request, "".join(error.messages))
            return redirect(_page_of(target))
        typed = {
            "pk": target.pk,
            "error": "".join(error.messages),
            "proposed": request.POST.get("proposed", ""),
            "reason": request.POST.get("reason", ""),
        }
        return _own_targets(request, target.year, typed, status=422)
    done = {"agree": "已同意。", "counter": "已提出，市里会答复。", "accept": "已采纳，目标已商定。"}
    messages.success(request, done[step])
    return redirect(_page_of(target))


def _answer(request: UserRequest, target: AllocatedTarget, step: str, revision: int) -> None:
    if step == "agree":
        agree_target(target, revision=revision, by=request.user)
    elif step == "accept":
        accept_counter(target, revision=revision, by=request.user)
    else:
        proposed = parse_target_value(request.POST.get("proposed", ""), "提出的值", target.figure)
        reason = request.POST.get("reason", "")
        counter_target(target, proposed=proposed, reason=reason, revision=revision, by=request.user)


def _page_of(target: AllocatedTarget) -> str:
    return f"{reverse('target_allocation')}?figure={target.figure}&by={target.dimension}&year={target.year}"


def _frame(year: int) -> dict:
    """What the tabs of the board need."""
    scope = FigureScope(year_period(year))
    this_year = timezone.localdate().year
    return {
        "scope": scope,
        "scope_query": f"period={year}",
        "year": year,
        "years": range(this_year + 1, this_year - 3, -1),
    }


def _parse_year(text: str) -> int:
    this_year = timezone.localdate().year
    if not text:
        return this_year
    if not text.isascii() or not text.isdigit() or not FIRST_YEAR <= int(text[:5]) <= this_year + 5:
        raise Http404
    return int(text)


def _parse_allocation(key: str, by: str) -> tuple[str, str]:
    if not key and not by:
        return ALLOCATIONS[0]
    by = by or "region"
    if (key, by) not in ALLOCATIONS:
        raise Http404
    return key, by
