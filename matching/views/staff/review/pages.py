"""The review desk's answers to looking: the page, a window of the list, the pairs that come next, who could help."""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from brokers.models import Broker
from core.posted_input import posted
from matching.models import Decision, DeskPreference, Match, Question
from matching.services.looking import colleagues_looking, reserve
from matching.services.undo import UNDO_WITHIN
from matching.suggestions import suggest_brokers
from matching.views.staff.review.pairs import MOST_AT_ONCE, pairs_of
from matching.views.staff.review.queue import Queue, QueueForm, as_rows

REVIEW = "matching.review_match"
MOST_AHEAD, IN_HAND = 40, 8
"""Of how many that come next a page may ask, and how many of them are kept from colleagues."""
HOLDS = ((1, _lazy("明天")), (7, _lazy("一周后")), (14, _lazy("两周后")), (30, _lazy("一个月后")))
ASKS_WHY = (
    ("appeal", _lazy("请市里复议"), _lazy("请市里复议")),
    ("uphold", _lazy("维持原审核"), _lazy("维持原审核")),
    ("reopen", _lazy("撤回审核结果"), _lazy("撤回，重新审核")),
)
"""Steps that only need a reason: name, title of the dialog, its button."""
KEYS = (
    ("A", _lazy("采纳")),
    ("R", _lazy("退回，再按 1–6 选原因")),
    ("H", _lazy("暂缓，再按 1–4 选日期")),
    ("D", _lazy("标为重复，再按数字选保留哪一条")),
    ("Q", _lazy("向企业或院校提问")),
    ("B", _lazy("采纳并委托技术经纪人")),
    ("G", _lazy("交给同事审核")),
    ("T", _lazy("接手同事的")),
    ("Z", _lazy("撤销上一步")),
    ("J", _lazy("下一条")),
    ("K", _lazy("上一条")),
    ("/", _lazy("搜索")),
    ("?", _lazy("打开本说明")),
)


def for_readers(view):
    """Only those who may look at matches at all."""

    def guarded(request, *args, **kwargs):
        if not request.user.has_perm("matching.view_match"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@for_readers
def triage(request):
    """The whole page, beginning at the first free match or at the one of `?match=`."""
    queue = Queue.of(request)
    wanted = request.GET.get("match", "")
    first = as_rows(Match.objects.managed_by(request.user)).filter(public_id=wanted).first() if wanted else None
    if wanted and not first:
        raise Http404
    rows = queue.window()
    first = first or queue.first_free()
    if first and first not in rows:
        rows.insert(0, first)
    pair = next(iter(pairs_of([first.public_id], request.user)), None) if first else None
    may_review = request.user.has_perm(REVIEW)
    context = {
        "form": QueueForm(initial={"view": queue.view} | queue.asked),
        "queue": queue,
        "rows": rows,
        "found": queue.rows.count(),
        "pair": pair,
        "may_review": may_review,
        "waiting": waiting(request.user),
        "is_city": request.user.scope.sees_all,
        "reasons": Match.RejectReason.choices,
        "sides": Question.Side.choices,
        "holds": HOLDS,
        "words": ASKS_WHY,
        "key_words": KEYS,
        "undo_minutes": UNDO_WITHIN.seconds // 60,
        "script": "js/review/by_match.js",
        "settings": settings_of(request, may_review=may_review),
    }
    return render(request, "matching/staff/review/page.html", context)


def settings_of(request, *, may_review: bool) -> dict:
    """What the scripts need to know."""
    preference = DeskPreference.objects.filter(user=request.user).first()
    names = ("triage", "queue", "pairs", "decide", "undo", "preview", "bulk", "choose", "keys", "colleagues", "brokers")
    return {
        "user": request.user.pk,
        "mayReview": may_review,
        "singleKeys": preference.single_keys if preference else True,
        "today": timezone.localdate().isoformat(),
        "urls": {name: reverse(f"admin:matching_triage_{name}") for name in names} | {"login": reverse("login")},
        "undoable": recent_steps(request.user),
        "doneToday": decided_today(request.user),
    }


def waiting(user) -> int:
    return Match.objects.waiting_for(user).count()


def decided_today(user) -> int:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Decision.objects.standing().verdicts().filter(by=user, made_at__gte=midnight).count()


def recent_steps(user) -> list[dict]:
    """The user's own steps that are young enough to be undone, oldest first: what Z takes back after a reload."""
    young = Decision.objects.standing().filter(by=user, made_at__gt=timezone.now() - UNDO_WITHIN)
    rows = young.select_related("match__demand", "match__achievement").order_by("-made_at", "-pk")[:50]
    steps = {}
    for row in rows:  # a batch is one step
        steps.setdefault(
            row.batch or row.key,
            {
                "key": str(row.key),
                "batch": str(row.batch) if row.batch else "",
                "id": row.match.public_id,
                "label": str(row.match) if not row.batch else _("批量操作"),
            },
        )
    return list(steps.values())[::-1]


@require_safe
@for_readers
def queue(request):
    """The rows after `?after=`, as lines of the list."""
    asked = Queue.of(request)
    after = request.GET.get("after", "")
    context = {"rows": asked.window(after), "may_review": request.user.has_perm(REVIEW)}
    response = render(request, "matching/staff/review/rows.html", context)
    if not after:
        response["X-Found"] = str(asked.rows.count())
    return response


@require_POST
@for_readers
def pairs(request):
    """Pairs to have ready (`want`), and which one is open and which come next (`open`, `ahead`, in order).

    The open one and the first few that are free are kept for this officer for a while. Answers with who else has what,
    and with the rows of those that do not wait any more; to a page at rest, which wants nothing, also with how many do.
    """
    body = posted(request)
    wanted, ahead, opened = body.names("want")[:MOST_AT_ONCE], body.names("ahead")[:MOST_AHEAD], body.text("open")
    may_review = request.user.has_perm(REVIEW)
    context = {"may_review": may_review}
    shown = {
        pair.match.public_id: render_to_string("matching/staff/review/pair.html", context | {"pair": pair}, request)
        for pair in (pairs_of(wanted, request.user) if wanted else [])
    }
    asked = Match.objects.managed_by(request.user).filter(public_id__in=[*ahead, opened])
    due = dict(Match.objects.waiting_for(request.user).filter(pk__in=asked).values_list("public_id", "pk"))
    gone = as_rows(asked.exclude(pk__in=due.values())).exclude(public_id=opened)
    looking = colleagues_looking(request.user)
    if may_review:
        theirs = {one["match"] for one in looking}
        free = [due[name] for name in ahead if name in due and name not in theirs]
        reserve(free[:IN_HAND], by=request.user, opened=due.get(opened))
    found = {
        "pairs": shown,
        "looking": looking,
        "rows": [
            {
                "id": row.public_id,
                "revision": row.revision,
                "html": render_to_string("matching/staff/review/row.html", context | {"row": row}, request),
            }
            for row in gone
        ],
    }
    if not wanted:  # the page is at rest
        found["waiting"] = waiting(request.user)
    return JsonResponse(found)


@require_safe
@for_readers
def colleagues(request):
    """Who could decide this match instead: the district's other officers, and the city's."""
    match = _match(request)
    region = match.demand.firm.stat_region_id
    people = (
        User.objects.filter(is_active=True)
        .filter(
            Q(memberships__role=Role.CITY)
            | Q(memberships__role=Role.DISTRICT, memberships__organisation__stat_region=region)
        )
        .exclude(pk=request.user.pk)
        .annotate(own=Count("pk", filter=Q(memberships__role=Role.DISTRICT)))
        .order_by("-own", "name")
        .distinct()[:100]
    )
    city = _("市科技局")
    choices = [{"value": one.pk, "label": one.name if one.own else f"{one.name}（{city}）"} for one in people]
    return JsonResponse({"choices": choices})


@require_safe
@for_readers
def brokers(request):
    """Certified brokers: those who could help with the need, each with the reasons, before all others."""
    demand = _match(request).demand
    advised = suggest_brokers(demand, user=request.user, limit=10)
    known = {one.who.pk for one in advised}
    others = Broker.objects.visible_to(request.user).certified().exclude(pk__in=known).order_by("name")[:300]
    choices = [
        {"value": one.who.pk, "label": f"{one.who.name}（{'，'.join(one.reasons)}）", "group": _("建议")}
        for one in advised
    ] + [{"value": one.pk, "label": one.name, "group": _("其他")} for one in others]
    return JsonResponse({"choices": choices})


def _match(request) -> Match:
    mine = Match.objects.managed_by(request.user).select_related("demand__firm", "achievement")
    return get_object_or_404(mine, public_id=request.GET.get("match", ""))
