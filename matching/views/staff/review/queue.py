"""The page that shows one match at a time, its list, and the pairs that it loads ahead."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.json_body import read_json_body
from matching.models import Match, Question
from matching.review_pairs import MAX_PAIRS, load_pairs
from matching.review_queue import SAMPLE_SIZE, QueueForm, ReviewQueue, new_seed, with_row_data
from matching.services.reservations import reservations_of_colleagues, reserve
from matching.services.undo import UNDO_WITHIN
from matching.views.staff.review.access import REVIEW, for_readers
from matching.views.staff.review.desk_settings import count_waiting, desk_settings

MAX_AHEAD = 40
"""Number of following matches that a page may ask about."""
MAX_RESERVED = 8
"""Number of following matches that are reserved for the officer."""
HOLD_CHOICES = ((1, "明天"), (7, "一周后"), (14, "两周后"), (30, "一个月后"))
REASON_DIALOGS = (
    ("appeal", "请市里复议", "请市里复议"),
    ("uphold", "维持原审核", "维持原审核"),
    ("reopen", "撤回审核结果", "撤回，重新审核"),
)
"""Steps that need only a reason: name, title of the dialog, label of its button."""
KEY_HELP = (
    ("A", "采纳"),
    ("R", "退回，再按 1–6 选原因"),
    ("H", "暂缓，再按 1–4 选日期"),
    ("D", "标为重复，再按数字选保留哪一条"),
    ("Q", "向企业或院校提问"),
    ("B", "采纳并委托技术经纪人"),
    ("G", "交给同事审核"),
    ("T", "接手同事的"),
    ("Z", "撤销上一步"),
    ("J", "下一条"),
    ("K", "上一条"),
    ("/", "搜索"),
    ("?", "打开本说明"),
)


@require_safe
@for_readers
def triage(request: UserRequest) -> HttpResponse:
    """The page; it opens at the match of `?match=`, else at the first match that no colleague has reserved."""
    review_queue = ReviewQueue.from_request(request)
    wanted = request.GET.get("match", "")
    first = with_row_data(Match.objects.managed_by(request.user)).filter(public_id=wanted).first() if wanted else None
    if wanted and not first:
        raise Http404
    rows = review_queue.window()
    first = first or review_queue.first_unreserved()
    if first and first not in rows:
        rows.insert(0, first)
    pair = next(iter(load_pairs([first.public_id], request.user)), None) if first else None
    may_review = request.user.has_perm(REVIEW)
    context = {
        "form": QueueForm(initial={"view": review_queue.view} | review_queue.filters),
        "queue": review_queue,
        "rows": rows,
        "total": review_queue.rows.count(),
        "pair": pair,
        "may_review": may_review,
        "waiting": count_waiting(request.user),
        "is_city": request.user.scope.sees_all,
        "sample_seed": new_seed(),
        "sample_size": SAMPLE_SIZE,
        "reasons": Match.RejectReason.choices,
        "sides": Question.Side.choices,
        "holds": HOLD_CHOICES,
        "reason_dialogs": REASON_DIALOGS,
        "key_help": KEY_HELP,
        "undo_minutes": UNDO_WITHIN.seconds // 60,
        "script": "js/review/by_match.js",
        "settings": desk_settings(request, may_review=may_review),
    }
    return render(request, "matching/staff/review/page.html", context)


@require_safe
@for_readers
def queue(request: UserRequest) -> HttpResponse:
    """The rows after the match of `?after=`, or the first; the latter with their total in the header X-Found."""
    review_queue = ReviewQueue.from_request(request)
    after = request.GET.get("after", "")
    context = {"rows": review_queue.window(after), "may_review": request.user.has_perm(REVIEW)}
    response = render(request, "matching/staff/review/rows.html", context)
    if not after:
        response["X-Found"] = str(review_queue.rows.count())
    return response


@require_POST
@for_readers
def pairs(request: UserRequest) -> HttpResponse:
    """Load pairs (`want`) and reserve the open match (`open`) and the first free ones of the following (`ahead`).

    Answers with the pairs, the reservations of colleagues and the rows of matches that no longer wait. A request that
    wants no pairs comes from an idle page and also gets the number of waiting matches.
    """
    body = read_json_body(request)
    wanted, ahead = body.text_list("want")[:MAX_PAIRS], body.text_list("ahead")[:MAX_AHEAD]
    opened = body.text("open")
    may_review = request.user.has_perm(REVIEW)
    listed = Match.objects.managed_by(request.user).filter(public_id__in=[*ahead, opened])
    due = dict(Match.objects.waiting_for(request.user).filter(pk__in=listed).values_list("public_id", "pk"))
    are_all_due = due.keys() >= {*ahead} - {opened}
    not_waiting = [] if are_all_due else with_row_data(listed.exclude(pk__in=due.values())).exclude(public_id=opened)
    reservations = reservations_of_colleagues(request.user)
    if may_review:
        taken = {reservation["match"] for reservation in reservations}
        free = [due[name] for name in ahead if name in due and name not in taken]
        reserve(free[:MAX_RESERVED], by=request.user, opened=due.get(opened))

    def render_part(template: str, **context) -> str:
        return render_to_string(f"matching/staff/review/{template}", {"may_review": may_review, **context}, request)

    loaded = load_pairs(wanted, request.user) if wanted else []
    answer = {
        "pairs": {pair.match.public_id: render_part("pair.html", pair=pair) for pair in loaded},
        "looking": reservations,
        "rows": [
            {"id": row.public_id, "revision": row.revision, "html": render_part("row.html", row=row)}
            for row in not_waiting
        ],
    }
    if not wanted:
        answer["waiting"] = count_waiting(request.user)
    return JsonResponse(answer)
