"""The first view of the review desk: one demand with up to five candidates side by side, decided at once."""

from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from core.json_body import JsonBody, read_json_body
from demands.models import Demand
from matching.models import DemandReview, Match
from matching.review_demands import (
    MAX_DEMANDS,
    DemandSheet,
    first_unreserved,
    load_demands,
    opened_by_colleagues,
    waiting_demands,
)
from matching.services.decisions import ReviewConflict
from matching.services.reservations import reserve
from matching.services.undo import UNDO_WITHIN
from matching.views.staff.review.access import REVIEW, for_officers, for_readers
from matching.views.staff.review.demand_steps import PostedStep, describe
from matching.views.staff.review.desk_settings import desk_settings
from matching.views.staff.review.json_responses import join_messages, refuse

MAX_LISTED = 300
HOLD_CHOICES = ((1, "明天"), (7, "一周后"), (14, "两周后"), (30, "一个月后"))
KEY_HELP = (
    ("1–5", "采纳这个候选，看下一个需求"),
    ("Shift 1–5", "勾选几个，再按 Enter 一起采纳"),
    ("Enter", "采纳勾选的，看下一个需求"),
    ("0", "都不合适，看下一个需求"),
    ("R", "都不合适，并写原因、选去向；再按 1–6 选原因"),
    ("H", "暂缓，再按 1–4 选日期"),
    ("Z", "撤销上一步，回到那个需求"),
    ("J", "下一个需求，这个先不定"),
    ("K", "上一个需求"),
    ("/", "搜索需求"),
    ("?", "打开本说明"),
)


@require_safe
@for_readers
def demands(request: UserRequest) -> HttpResponse:
    """Redirect to the first demand with waiting candidates; without any, the page is empty."""
    ids = [row["demand__public_id"] for row in waiting_demands(request.user, _q(request))[:MAX_LISTED]]
    if ids:
        return _go_to(first_unreserved(request.user, ids), _q(request))
    return render(request, "matching/staff/review/by_demand.html", _context(request, None))


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def demand(request: UserRequest, public_id: str) -> HttpResponse:
    """One demand with its candidates. A POST is a step of a page without JavaScript."""
    if request.method == "POST":
        return _take_step(request, public_id)
    sheet = next(iter(load_demands([public_id], request.user)), None)
    if sheet is None or not (sheet.candidates or sheet.others):
        raise Http404
    return render(request, "matching/staff/review/by_demand.html", _context(request, sheet))


@require_POST
@for_readers
def cards(request: UserRequest) -> HttpResponse:
    """Load the demands `want`, as parts of the page, and reserve the candidates of the `open` one.

    `looking` in the answer: the demands that colleagues have open.
    """
    body = read_json_body(request)
    wanted, opened = body.text_list("want")[:MAX_DEMANDS], body.text("open")
    may_review = request.user.has_perm(REVIEW)
    if may_review and opened:
        due = Match.objects.waiting_for(request.user).filter(demand__public_id=opened)
        reserve([], by=request.user, opened=list(due.values_list("pk", flat=True)))
    sheets = load_demands(wanted, request.user) if wanted else []
    return JsonResponse(
        {
            "looking": opened_by_colleagues(request.user),
            "demands": {
                sheet.demand.public_id: render_to_string(
                    "matching/staff/review/demand.html", _sheet_context(sheet, may_review=may_review), request
                )
                for sheet in sheets
            },
        }
    )


@for_officers
def choose(request: UserRequest, body: JsonBody) -> HttpResponse:
    """A step about `demand`: the `outcome` chosen, none or held for the candidates `shown` with their revisions."""
    wanted = get_object_or_404(Demand.objects.managed_by(request.user), public_id=body.text("demand"))
    try:
        resolution = PostedStep.from_json(body).apply(wanted, request.user)
    except ValidationError as error:
        return refuse(409 if isinstance(error, ReviewConflict) else 422, join_messages(error))
    excepted = [
        {"id": match.public_id, "title": match.achievement.title, "why": why} for match, why in resolution.excepted
    ]
    return JsonResponse({"message": describe(resolution), "count": len(resolution.decided), "excepted": excepted})


def _take_step(request: UserRequest, public_id: str) -> HttpResponse:
    """Apply a posted form and go to the next waiting demand; a refused step returns to the demand with the reason."""
    if not request.user.has_perm(REVIEW):
        raise PermissionDenied
    wanted = get_object_or_404(Demand.objects.managed_by(request.user), public_id=public_id)
    ids = [row["demand__public_id"] for row in waiting_demands(request.user, _q(request))[:MAX_LISTED]]
    try:
        resolution = PostedStep.from_form(request.POST).apply(wanted, request.user)
    except ValidationError as error:
        messages.error(request, join_messages(error))
        return _go_to(public_id, _q(request))
    messages.success(request, f"{describe(resolution)}：{wanted.title}")
    for match, why in resolution.excepted:
        messages.warning(request, f"“{match.achievement.title}”没有处理：{why}")
    place = ids.index(public_id) if public_id in ids else -1
    rest = [other for other in [*ids[place + 1 :], *ids[: max(place, 0)]] if other != public_id]
    return _go_to(rest[0] if rest else "", _q(request))


def _go_to(public_id: str, q: str) -> HttpResponseRedirect:
    query = "?" + urlencode({"q": q}) if q else ""
    if not public_id:
        return redirect(reverse("admin:matching_triage_needs") + query)
    return redirect(reverse("admin:matching_triage_need", args=[public_id]) + query)


def _q(request: UserRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "")[:50]


def _sheet_context(sheet: DemandSheet | None, *, may_review: bool) -> dict:
    return {
        "sheet": sheet,
        "demand": sheet and sheet.demand,
        "may_review": may_review,
        "reasons": Match.RejectReason.choices,
        "holds": HOLD_CHOICES,
        "key": uuid4(),
    }


def _context(request: UserRequest, sheet: DemandSheet | None) -> dict:
    rows = list(waiting_demands(request.user, _q(request))[:MAX_LISTED])
    firms: dict[str, list[dict]] = {}
    for row in rows:
        row["whole_best"] = int(row["best"])  # truncated, as `Match.whole_score`
        firms.setdefault(row["demand__firm__name"], []).append(row)
    may_review = request.user.has_perm(REVIEW)
    decided = _decided_today(request.user)
    settings = desk_settings(request, may_review=may_review)
    return _sheet_context(sheet, may_review=may_review) | {
        "rows": rows,
        "firms": list(firms.items()),
        "decided": decided,
        "total": decided["all"] + len(rows),
        "sure": Match.objects.waiting_for(request.user).filter(level=Match.Level.HIGH).count(),
        "q": _q(request),
        "script": "js/review/by_demand.js",
        "key_help": KEY_HELP,
        "undo_minutes": UNDO_WITHIN.seconds // 60,
        "settings": settings | {"decidedToday": decided},
    }


def _decided_today(user: User) -> dict[str, int]:
    """How many demands this officer has decided today, in all and with 都不合适."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        DemandReview.objects.decided()
        .filter(by=user, made_at__gte=midnight)
        .aggregate(all=Count("pk"), none=Count("pk", filter=Q(outcome=DemandReview.Outcome.NONE)))
    )
