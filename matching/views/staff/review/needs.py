"""The review desk by need: all proposals of one need at once, up to three of them chosen. Officers think by firm."""

from django.db.models import Count, Max, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from demands.models import Demand
from matching.models import Match
from matching.services.bulk import CHOSEN_PER_DEMAND
from matching.services.undo import UNDO_WITHIN
from matching.views.staff.review.pages import REVIEW, for_readers, settings_of, waiting
from matching.views.staff.review.pairs import Pair, pairs_of

MOST_NEEDS = 300
MOST_PROPOSALS = 12
NEED_KEYS = (
    ("1–9", _lazy("勾选或取消一条推荐")),
    ("A", _lazy("采纳所选，其余按所选原因处理")),
    ("Z", _lazy("撤销上一步")),
    ("J", _lazy("下一项需求")),
    ("K", _lazy("上一项需求")),
    ("/", _lazy("搜索")),
    ("?", _lazy("打开本说明")),
)


@require_safe
@for_readers
def needs(request):
    """The first need that waits."""
    first = _waiting_needs(request).first()
    if first:
        return redirect("admin:matching_triage_need", public_id=first["demand__public_id"])
    return render(request, "matching/staff/review/needs.html", _context(request, None, [], 0))


@require_safe
@for_readers
def need(request, public_id):
    """One need with its proposals; with `?part=1` only the middle of the page."""
    demand = get_object_or_404(
        Demand.objects.managed_by(request.user).select_related("firm__stat_region").prefetch_related("indicators"),
        public_id=public_id,
    )
    of_demand = Match.objects.managed_by(request.user).filter(demand=demand)
    is_open = Q(status__in=[Match.Status.PROPOSED, Match.Status.ACCEPTED])
    best = of_demand.annotate(is_open=is_open).order_by("-is_open", "-score", "pk")
    proposals = pairs_of(best.values_list("public_id", flat=True)[:MOST_PROPOSALS], request.user)
    total = of_demand.count()
    if not proposals:
        raise Http404
    template = "need.html" if request.GET.get("part") else "needs.html"
    return render(request, f"matching/staff/review/{template}", _context(request, demand, proposals, total))


def _waiting_needs(request):
    rows = Match.objects.waiting_for(request.user)
    if q := request.GET.get("q", "").replace("\x00", "")[:50]:
        rows = rows.filter(Q(demand__title__icontains=q) | Q(demand__firm__name__icontains=q))
    return (
        rows.order_by()
        .values("demand__public_id", "demand__title", "demand__firm__name")
        .annotate(number=Count("pk"), best=Max("score"))
        .order_by("-best", "demand__public_id")
    )


def _context(request, demand, proposals: list[Pair], total: int) -> dict:
    found = list(_waiting_needs(request)[:MOST_NEEDS])
    firms = {}
    for row in found:
        row["whole_best"] = int(row["best"])  # cut, as a match's own
        firms.setdefault(row["demand__firm__name"], []).append(row)
    return {
        "firms": [(name, rows) for name, rows in firms.items()],
        "number": len(found),
        "demand": demand,
        "proposals": proposals,
        "unseen": total - len(proposals),
        "accepted": sum(pair.match.status == Match.Status.ACCEPTED for pair in proposals),
        "most": CHOSEN_PER_DEMAND,
        "reasons": Match.RejectReason.choices,
        "may_review": request.user.has_perm(REVIEW),
        "waiting": waiting(request.user),
        "q": request.GET.get("q", ""),
        "script": "js/review/by_demand.js",
        "key_words": NEED_KEYS,
        "undo_minutes": UNDO_WITHIN.seconds // 60,
        "settings": settings_of(request, may_review=request.user.has_perm(REVIEW)),
    }
