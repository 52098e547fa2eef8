"""The page that shows all proposals of one demand, of which the officer accepts up to three."""

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from core.json_body import JsonBody
from demands.models import Demand
from matching.models import Match
from matching.review_pairs import Pair, load_pairs
from matching.services.bulk_review import MAX_ACCEPTED_PER_DEMAND, choose_for_demand
from matching.services.undo import UNDO_WITHIN
from matching.views.staff.review.access import REVIEW, for_officers, for_readers
from matching.views.staff.review.desk_settings import count_waiting, desk_settings
from matching.views.staff.review.json_responses import join_messages, key_of, refuse, selection_json

MAX_DEMANDS = 300
MAX_PROPOSALS = 12
KEY_HELP = (
    ("1–9", "勾选或取消一条推荐"),
    ("A", "采纳所选，其余按所选原因处理"),
    ("Z", "撤销上一步"),
    ("J", "下一项需求"),
    ("K", "上一项需求"),
    ("/", "搜索"),
    ("?", "打开本说明"),
)


@require_safe
@for_readers
def demands(request: UserRequest) -> HttpResponse:
    """Redirect to the first demand with waiting proposals; without any, the page is empty."""
    first = _waiting_demands(request).first()
    if first:
        return redirect("admin:matching_triage_need", public_id=first["demand__public_id"])
    return render(request, "matching/staff/review/by_demand.html", _context(request, None, [], 0))


@require_safe
@for_readers
def demand(request: UserRequest, public_id: str) -> HttpResponse:
    """One demand with its proposals; with `?part=1` only the main part of the page."""
    wanted = get_object_or_404(
        Demand.objects.managed_by(request.user).select_related("firm__stat_region").prefetch_related("indicators"),
        public_id=public_id,
    )
    matches = Match.objects.managed_by(request.user).filter(demand=wanted)
    is_open = Q(status__in=[Match.Status.PROPOSED, Match.Status.ACCEPTED])
    best = matches.annotate(is_open=is_open).order_by("-is_open", "-score", "pk")
    proposals = load_pairs(best.values_list("public_id", flat=True)[:MAX_PROPOSALS], request.user)
    if not proposals:
        raise Http404
    template = "demand.html" if request.GET.get("part") else "by_demand.html"
    context = _context(request, wanted, proposals, matches.count())
    return render(request, f"matching/staff/review/{template}", context)


@for_officers
def choose(request: UserRequest, body: JsonBody) -> HttpResponse:
    """Accept the proposals `ids` of `demand`, and with a `reason` reject the `rest`."""
    wanted = get_object_or_404(Demand.objects.managed_by(request.user), public_id=body.text("demand"))
    try:
        accepted, rejected = choose_for_demand(
            wanted,
            body.text_list("ids"),
            by=request.user,
            batch=key_of(body),
            rest=body.text_list("rest"),
            reason=body.text("reason"),
        )
    except ValidationError as error:
        return refuse(422, join_messages(error))
    answer = selection_json(accepted) | {"rejected": len(rejected.ready)}
    answer["excepted"] += selection_json(rejected)["excepted"]
    return JsonResponse(answer)


def _waiting_demands(request: UserRequest) -> QuerySet:
    rows = Match.objects.waiting_for(request.user)
    if q := request.GET.get("q", "").replace("\x00", "")[:50]:
        rows = rows.filter(Q(demand__title__icontains=q) | Q(demand__firm__name__icontains=q))
    return (
        rows.order_by()
        .values("demand__public_id", "demand__title", "demand__firm__name")
        .annotate(number=Count("pk"), best=Max("score"))
        .order_by("-best", "demand__public_id")
    )


def _context(request: UserRequest, demand: Demand | None, proposals: list[Pair], total: int) -> dict:
    rows = list(_waiting_demands(request)[:MAX_DEMANDS])
    firms: dict[str, list[dict]] = {}
    for row in rows:
        row["whole_best"] = int(row["best"])  # truncated, as `Match.whole_score`
        firms.setdefault(row["demand__firm__name"], []).append(row)
    may_review = request.user.has_perm(REVIEW)
    return {
        "firms": list(firms.items()),
        "number": len(rows),
        "demand": demand,
        "proposals": proposals,
        "unlisted": total - len(proposals),
        "accepted": sum(pair.match.status == Match.Status.ACCEPTED for pair in proposals),
        "max_accepted": MAX_ACCEPTED_PER_DEMAND,
        "reasons": Match.RejectReason.choices,
        "may_review": may_review,
        "waiting": count_waiting(request.user),
        "q": request.GET.get("q", ""),
        "script": "js/review/by_demand.js",
        "key_help": KEY_HELP,
        "undo_minutes": UNDO_WITHIN.seconds // 60,
        "settings": desk_settings(request, may_review=may_review),
    }
