"""Obstacles (堵点) in the workbench: list with counts, raising one, and the page of one with its steps."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from deals.models import Deal
from matching.models import FollowUp
from mechanism.forms.obstacles import STEPS, ObstacleForm, ObstacleStepForm, available_steps
from mechanism.models import BaseRequest, Obstacle, ObstacleKind
from mechanism.models.obstacle import ObstacleQuerySet
from mechanism.services.obstacles import organisations_for

BADGES: dict[str, str] = {
    Obstacle.Status.RAISED: "b-wait",
    Obstacle.Status.ASSIGNED: "b-go",
    Obstacle.Status.ANSWERED: "b-go",
    Obstacle.Status.SOLVED: "b-ok",
    Obstacle.Status.UNSOLVED: "b-no",
    Obstacle.Status.WITHDRAWN: "b-plain",
}
OVERDUE = "overdue"
SHOWN = [*Obstacle.Status.choices, (OVERDUE, "办理逾期"), ("published", "已公布")]
RECORDS = ("follow_up", "deal", "base_request", "policy")
RELATED = (
    *("kind", "organisation", "policy", "solver", "handler", "raised_by", "answered_by", "judged_by"),
    *("recording_office", "about"),
    *("follow_up__match__demand__firm", "follow_up__match__achievement__institution"),
    *("deal__buyer", "deal__seller", "base_request__base", "base_request__organisation"),
)


@login_required
@require_safe
def obstacles(request: UserRequest) -> HttpResponse:
    """Filtered by state, kind and words; with the numbers by kind and state."""
    rows = Obstacle.objects.visible_to(request.user)
    chosen = {name: request.GET.get(name, "").replace("\0", "")[:60] for name in ("show", "kind", "q")}
    counts = _counts(rows)
    rows = _filtered(rows, chosen).select_related("kind", "organisation", "solver")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, BADGES[row.status]) for row in page],
        "chosen": chosen,
        "is_filtered": any(chosen.values()),
        "shown": SHOWN,
        "kinds": ObstacleKind.objects.all(),
        "counts": counts,
        "may_raise": bool(organisations_for(request.user)),
    }
    return render(request, "mechanism/workbench/obstacles.html", context)


def _filtered(rows: ObstacleQuerySet, chosen: dict[str, str]) -> ObstacleQuerySet:
    if chosen["show"] == OVERDUE:
        rows = rows.overdue()
    elif chosen["show"] == "published":
        rows = rows.published()
    elif chosen["show"] in Obstacle.Status.values:
        rows = rows.filter(status=chosen["show"])
    if chosen["kind"].isascii() and chosen["kind"].isdecimal() and len(chosen["kind"]) < 8:
        rows = rows.filter(kind=int(chosen["kind"]))
    for word in chosen["q"].split()[:5]:
        rows = rows.filter(
            Q(text__icontains=word)
            | Q(answer__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(solver__name__icontains=word)
        )
    return rows


def _counts(rows: ObstacleQuerySet) -> dict[str, Any]:
    """Numbers by kind (rows) and state (columns) of all that the user sees."""
    late = Q(status=Obstacle.Status.ASSIGNED, due_on__lt=timezone.localdate())
    parts = {f"n_{status}": Count("pk", filter=Q(status=status)) for status in Obstacle.Status.values}
    by_kind: Any = (
        rows.order_by()
        .values("kind", "kind__name", "kind__order")
        .annotate(number=Count("pk"), late=Count("pk", filter=late), **parts)
    )
    lines = [
        {
            "kind": line["kind"],
            "label": line["kind__name"],
            "total": line["number"],
            "late": line["late"],
            "cells": [(status, label, line[f"n_{status}"]) for status, label in Obstacle.Status.choices],
        }
        for line in sorted(by_kind, key=lambda line: (line["kind__order"], line["kind"]))
    ]
    totals = [
        (status, label, sum(line["cells"][place][2] for line in lines))
        for place, (status, label) in enumerate(Obstacle.Status.choices)
    ]
    return {
        "lines": lines,
        "totals": totals,
        "total": sum(line["total"] for line in lines),
        "late": sum(line["late"] for line in lines),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def obstacle_new(request: UserRequest) -> HttpResponse:
    """The record that hinders comes as ?follow_up=, ?deal=, ?base_request= or ?policy= from its page."""
    user = request.user
    if not organisations_for(user):
        raise PermissionDenied("企业、院校、服务机构、区市县和市里各部门可以提出堵点。")
    initial = _record_ids(request.GET)
    form = ObstacleForm(request.POST or None, by=user)
    known = {name: value for name, value in initial.items() if value and form.offers(name, value)}
    form.initial |= known  # an old or foreign address brings an empty form, not one that cannot be sent
    if request.method == "POST" and form.is_valid() and form.save() and form.obstacle:
        messages.success(request, "已提出，市科技局会交给有关部门答复，进展在这里看。")
        return redirect("obstacle", form.obstacle.public_id)
    chosen = _record_ids(request.POST) if request.method == "POST" else initial
    context = {
        "form": form,
        "faulty": form if form.is_bound else None,
        "concern": _concern(user, **{name: chosen[name] for name in RECORDS[:3]}),
    }
    return render(request, "mechanism/workbench/obstacle_new.html", context, status=422 if form.is_bound else 200)


def _record_ids(data: QueryDict) -> dict[str, str]:
    return {name: data.get(name, "").replace("\0", "")[:20] for name in RECORDS}


def _concern(user: User, *, follow_up: str = "", deal: str = "", base_request: str = "") -> dict[str, str] | None:
    """What the obstacle is about, as this user may see it: kind, title and address; None if they may not see it."""
    if follow_up:
        pair = FollowUp.objects.visible_to(user).filter(public_id=follow_up).select_related("match__achievement")
        if row := pair.first():
            return {
                "kind": "对接跟进",
                "title": row.match.achievement.title,
                "url": reverse("follow_up", args=[row.public_id]),
            }
    if deal and (sale := Deal.objects.visible_to(user).filter(public_id=deal).first()):
        return {"kind": "成交项目", "title": sale.name, "url": reverse("deal", args=[sale.public_id])}
    requests = BaseRequest.objects.visible_to(user).select_related("base")
    if base_request and (asked := requests.filter(public_id=base_request).first()):
        return {"kind": "中试和验证申请", "title": asked.base.name, "url": reverse("base_requests")}
    return None


@login_required
@require_safe
def obstacle(request: UserRequest, public_id: str) -> HttpResponse:
    return _render_obstacle(request, _obstacle_or_404(request, public_id))


@login_required
@require_POST
def obstacle_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: the name of a form. Its service checks the right and the state."""
    row = _obstacle_or_404(request, public_id)
    name = request.POST.get("step", "")
    if name not in STEPS:
        raise Http404
    form = STEPS[name](request.POST, obstacle=row, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("obstacle", public_id)
    row = _obstacle_or_404(request, public_id)
    return _render_obstacle(request, row, faulty=form, status=422)


def _obstacle_or_404(request: UserRequest, public_id: str) -> Obstacle:
    rows = Obstacle.objects.visible_to(request.user).select_related(*RELATED)
    return get_object_or_404(rows, public_id=public_id)


def _render_obstacle(
    request: UserRequest, row: Obstacle, *, faulty: ObstacleStepForm | None = None, status: int = 200
) -> HttpResponse:
    steps = available_steps(row, request.user)
    if faulty and faulty.step not in steps:  # a colleague was faster
        messages.error(request, str(faulty.non_field_errors()[0]) if faulty.non_field_errors() else "请刷新页面。")
        faulty = None
    forms = [faulty if faulty and faulty.step == name else STEPS[name](obstacle=row, by=request.user) for name in steps]
    context = {
        "obstacle": row,
        "badge": BADGES[row.status],
        "forms": forms,
        "faulty": faulty,
        "concern": _concern(
            request.user,
            follow_up=row.follow_up.public_id if row.follow_up else "",
            deal=row.deal.public_id if row.deal else "",
            base_request=row.base_request.public_id if row.base_request else "",
        ),
    }
    return render(request, "mechanism/workbench/obstacle.html", context, status=status)
