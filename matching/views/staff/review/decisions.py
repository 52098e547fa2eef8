"""One step about one match, and undo."""

from collections.abc import Callable
from datetime import date

from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.requests import UserRequest
from brokers.models import Broker
from core.json_body import JsonBody
from matching.models import Decision, DemandReview, Match
from matching.review_queue import with_row_data
from matching.services.appeals import answer_appeal, appeal_match
from matching.services.assignment import assign_match, take_over_match
from matching.services.broker_requests import accept_and_ask_broker
from matching.services.decisions import ReviewConflict, ReviewStep, find_repeated_step
from matching.services.questions import ask_question
from matching.services.review import accept_match, hold_match, mark_duplicate, reject_match, reopen_match
from matching.services.undo import undo_batch, undo_decision, undo_demand_review
from matching.views.staff.review.access import for_officers
from matching.views.staff.review.json_responses import join_messages, key_of, parse_uuid, refuse, row_json, rows_json


def _accept(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    return accept_match(match, by=by, note=body.text("note"), step=step)


def _reject(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    return reject_match(match, by=by, reason=body.text("reason"), note=body.text("note"), step=step)


def _hold(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    try:
        until = date.fromisoformat(body.text("until"))
    except ValueError as error:
        raise ValidationError("请选择暂缓到哪一天。") from error
    return hold_match(match, until=until, by=by, note=body.text("note"), step=step)


def _duplicate(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    managed = Match.objects.managed_by(by).select_related("demand__firm", "achievement")
    other = managed.filter(public_id=body.text("other")).first()
    if other is None:
        raise ValidationError("请选择与哪一条重复。")
    return mark_duplicate(match, other=other, by=by, note=body.text("note"), step=step)


def _ask(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    return ask_question(match, side=body.text("side"), text=body.text("note"), by=by, step=step)


def _broker(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    broker = Broker.objects.filter(pk=body.number("broker")).first()
    if broker is None:
        raise ValidationError("请选择技术经纪人。")
    return accept_and_ask_broker(match, broker=broker, by=by, note=body.text("note"), step=step)


def _assign(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    to = User.objects.filter(pk=body.number("to")).first()
    if to is None:
        raise ValidationError("请选择交给哪位同事。")
    return assign_match(match, to=to, by=by, note=body.text("note"), step=step)


def _take_over(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    return take_over_match(match, by=by, step=step)


def _appeal(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    return appeal_match(match, by=by, reason=body.text("note"), step=step)


def _uphold(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    return answer_appeal(match, uphold=True, by=by, note=body.text("note"), step=step)


def _reopen(match: Match, by: User, step: ReviewStep, body: JsonBody) -> Decision:
    return reopen_match(match, by=by, reason=body.text("note"), step=step)


STEPS: dict[str, Callable[[Match, User, ReviewStep, JsonBody], Decision]] = {
    "accept": _accept,
    "reject": _reject,
    "hold": _hold,
    "duplicate": _duplicate,
    "ask": _ask,
    "broker": _broker,
    "give": _assign,
    "take": _take_over,
    "appeal": _appeal,
    "uphold": _uphold,
    "reopen": _reopen,
}
"""Services by the value of `Decision.Kind`."""


@for_officers
def decide(request: UserRequest, body: JsonBody) -> HttpResponse:
    """Apply the step `kind` to the match `id`."""
    match = _match(request, body)
    apply_step = STEPS.get(body.text("kind"))
    if apply_step is None:
        return refuse(422, "没有这样的操作，请刷新页面。")
    step = ReviewStep(key=key_of(body), revision=body.number("revision"), open_ms=body.number("open_ms"))
    try:
        decision = apply_step(match, request.user, step, body)
    except ValidationError as error:
        decision = _decided_before(match, body.text("kind"), request.user, step)
        if decision is None:
            status = 409 if isinstance(error, ReviewConflict) else 422
            return refuse(status, join_messages(error), row=row_json(request, match))
    return JsonResponse({"message": decision.sentence, "key": str(decision.key), "row": row_json(request, match)})


def _decided_before(match: Match, kind: str, by: User, step: ReviewStep) -> Decision | None:
    """The decision of an earlier request with the same key, after which the same step cannot be applied again."""
    try:
        return find_repeated_step(match, kind, by=by, step=step)
    except ValidationError:
        return None


@for_officers
def undo(request: UserRequest, body: JsonBody) -> HttpResponse:
    """Undo one of the user's own decisions (`key`), or all of a batch (`batch`)."""
    if body.text("batch"):
        batch = parse_uuid(body.text("batch"))
        if review := DemandReview.objects.managed_by(request.user).filter(batch=batch).first():
            return _undo_demand_review(review, request.user)
        count, refusals = undo_batch(batch, by=request.user)
        rows = rows_json(request, Match.objects.filter(decisions__batch=batch, decisions__by=request.user))
        message = "已撤销 %(count)s 条。" % {"count": count} + "".join(refusals[:5])
        return JsonResponse({"message": message, "count": count, "rows": rows}, status=409 if refusals else 200)
    decision = (
        Decision.objects.select_related("match__demand__firm", "match__achievement", "by")
        .filter(key=key_of(body), match__in=Match.objects.managed_by(request.user))
        .first()
    )
    if decision is None:  # the step itself was refused, so there is nothing to undo
        return JsonResponse({"message": "这一步没有生效，不需要撤销。"})
    try:
        undo_decision(decision, by=request.user)
    except ValidationError as error:
        return refuse(409, join_messages(error), row=row_json(request, decision.match))
    return JsonResponse({"message": "已撤销", "row": row_json(request, decision.match)})


def _undo_demand_review(review: DemandReview, by: User) -> HttpResponse:
    try:
        count = undo_demand_review(review, by=by)
    except ValidationError as error:
        return refuse(409, join_messages(error))
    return JsonResponse({"message": "已撤销：%(demand)s" % {"demand": review.demand.title}, "count": count})


def _match(request: UserRequest, body: JsonBody) -> Match:
    managed = with_row_data(Match.objects.managed_by(request.user)).select_related(
        "achievement__institution", "demand__firm__stat_region", "run", "assigned_to", "reviewed_by"
    )
    return get_object_or_404(managed, public_id=body.text("id"))
