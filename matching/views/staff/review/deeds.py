"""The review desk's answers to doing. Each parses, calls one service, and says what is on the match now.

Answers are JSON, refusals too: 200 done (or done before: the same step may come twice), 403 not by this user, 409 a
colleague was first, 422 it cannot be done so. `told` is a sentence for the officer, `row` the match's line in the list
as it is now.
"""

from datetime import date
from uuid import UUID

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from brokers.models import Broker
from core.posted_input import Posted, posted
from demands.models import Demand
from matching.models import Decision, DeskPreference, Match
from matching.services import bulk as bulk_services
from matching.services.bulk import choose_for_demand, decide_many
from matching.services.decisions import Overtaken, Step, sent_before
from matching.services.followup import hand_over_match
from matching.services.handing import appeal_match, give_match, settle_appeal, take_match
from matching.services.questions import ask_question
from matching.services.review import accept_match, hold_match, mark_duplicate, reject_match, reopen_match
from matching.services.undo import undo_batch, undo_decision
from matching.views.staff.review.queue import as_rows


def _hold(match, by, step, said: Posted):
    try:
        until = date.fromisoformat(said.text("until"))
    except ValueError as error:
        raise ValidationError(_("请选择暂缓到哪一天。")) from error
    return hold_match(match, until=until, by=by, note=said.text("note"), step=step)


def _duplicate(match, by, step, said: Posted):
    other = Match.objects.managed_by(by).select_related("demand__firm", "achievement")
    other = other.filter(public_id=said.text("other")).first()
    if other is None:
        raise ValidationError(_("请选择与哪一条重复。"))
    return mark_duplicate(match, other=other, by=by, note=said.text("note"), step=step)


def _broker(match, by, step, said: Posted):
    broker = Broker.objects.filter(pk=said.number("broker")).first()
    if broker is None:
        raise ValidationError(_("请选择技术经纪人。"))
    return hand_over_match(match, broker=broker, by=by, note=said.text("note"), step=step)


def _give(match, by, step, said: Posted):
    to = User.objects.filter(pk=said.number("to")).first()
    if to is None:
        raise ValidationError(_("请选择交给哪位同事。"))
    return give_match(match, to=to, by=by, note=said.text("note"), step=step)


STEPS = {
    "accept": lambda match, by, step, said: accept_match(match, by=by, note=said.text("note"), step=step),
    "reject": lambda match, by, step, said: reject_match(
        match, by=by, reason=said.text("reason"), note=said.text("note"), step=step
    ),
    "hold": _hold,
    "duplicate": _duplicate,
    "ask": lambda match, by, step, said: ask_question(
        match, side=said.text("side"), text=said.text("note"), by=by, step=step
    ),
    "broker": _broker,
    "give": _give,
    "take": lambda match, by, step, said: take_match(match, by=by, step=step),
    "appeal": lambda match, by, step, said: appeal_match(match, by=by, reason=said.text("note"), step=step),
    "uphold": lambda match, by, step, said: settle_appeal(match, uphold=True, by=by, note=said.text("note"), step=step),
    "reopen": lambda match, by, step, said: reopen_match(match, by=by, reason=said.text("note"), step=step),
}


def for_officers(view):
    """Only those who decide; and only for the person who was signed in when the step was taken."""

    @require_POST
    def guarded(request):
        if not request.user.has_perm("matching.review_match"):
            return _refused(403, _("您的账号只能查看，不能审核匹配。"))
        said = posted(request)
        if said.number("by") not in (None, request.user.pk):
            return _refused(409, _("这一步是用另一个账号做的，请用那个账号登录后再发送。"))
        try:
            return view(request, said)
        except PermissionDenied as error:
            return _refused(403, str(error))

    return guarded


@for_officers
def decide(request, said: Posted):
    """One step about one match."""
    match = _match(request, said)
    take_step = STEPS.get(said.text("kind"))
    if take_step is None:
        return _refused(422, _("没有这样的操作，请刷新页面。"))
    open_ms = said.number("open_ms")
    step = Step(key=_key(said), revision=said.number("revision"), open_ms=open_ms)
    try:
        decision = take_step(match, request.user, step, said)
    except ValidationError as error:
        decision = _made_before(match, said.text("kind"), request.user, step)
        if decision is None:
            status = 409 if isinstance(error, Overtaken) else 422
            return _refused(status, "；".join(error.messages), row=_row(request, match))
    return JsonResponse({"told": decision.sentence, "key": str(decision.key), "row": _row(request, match)})


def _made_before(match, kind: str, by, step: Step) -> Decision | None:
    """What this very step did when it was sent the first time: no wonder that it cannot be done again."""
    try:
        return sent_before(match, kind, by=by, step=step)
    except ValidationError:
        return None


@for_officers
def undo(request, said: Posted):
    """Take back one step of one's own (`key`), or all of a batch (`batch`)."""
    if said.text("batch"):
        batch = _uuid(said.text("batch"))
        count, refused = undo_batch(batch, by=request.user)
        rows = _rows(request, Match.objects.filter(decisions__batch=batch, decisions__by=request.user))
        told = _("已撤销 %(count)s 条。") % {"count": count}
        answer = {"told": told + "".join(refused[:5]), "count": count, "rows": rows}
        return JsonResponse(answer, status=409 if refused else 200)
    decision = (
        Decision.objects.select_related("match__demand__firm", "match__achievement", "by")
        .filter(key=_key(said), match__in=Match.objects.managed_by(request.user))
        .first()
    )
    if decision is None:  # the step itself was refused, so there is nothing to take back
        return JsonResponse({"told": _("这一步没有生效，不需要撤销。")})
    try:
        undo_decision(decision, by=request.user)
    except ValidationError as error:
        return _refused(409, "；".join(error.messages), row=_row(request, decision.match))
    return JsonResponse({"told": _("已撤销"), "row": _row(request, decision.match)})


@for_officers
def preview(request, said: Posted):
    """What a common verdict on these matches would do: how many, and which not and why. Changes nothing."""
    try:
        found = bulk_services.preview(said.names("ids"), by=request.user)
    except ValidationError as error:
        return _refused(422, "；".join(error.messages))
    return JsonResponse(_told(found))


@for_officers
def bulk(request, said: Posted):
    """One verdict for many."""
    verb = said.text("kind")
    if verb not in {"accept", "reject"}:
        return _refused(422, _("请选择采纳或退回。"))
    why = {"reason": said.text("reason"), "note": said.text("note")}
    try:
        done = decide_many(said.names("ids"), verb, by=request.user, batch=_key(said), **why)
    except ValidationError as error:
        return _refused(422, "；".join(error.messages))
    touched = [*done.ready, *(match for match, _why in done.excepted)]
    return JsonResponse(_told(done) | {"rows": _rows(request, touched)})


@for_officers
def choose(request, said: Posted):
    """The best of one need, and perhaps one reason for the rest."""
    demand = get_object_or_404(Demand.objects.managed_by(request.user), public_id=said.text("demand"))
    try:
        accepted, rejected = choose_for_demand(
            demand,
            said.names("ids"),
            by=request.user,
            batch=_key(said),
            rest=said.names("rest"),
            reason=said.text("reason"),
        )
    except ValidationError as error:
        return _refused(422, "；".join(error.messages))
    told = _told(accepted) | {"rejected": len(rejected.ready)}
    told["excepted"] += _told(rejected)["excepted"]
    return JsonResponse(told)


@for_officers
def keys(request, said: Posted):
    """Whether single keys do something for this officer (WCAG 2.1.4)."""
    is_on = said.get("on") is True
    DeskPreference.objects.update_or_create(user=request.user, defaults={"single_keys": is_on})
    return JsonResponse({"on": is_on})


def _match(request, said: Posted) -> Match:
    mine = as_rows(Match.objects.managed_by(request.user)).select_related(
        "achievement__institution", "demand__firm__stat_region", "run", "assigned_to", "reviewed_by"
    )
    return get_object_or_404(mine, public_id=said.text("id"))


def _row(request, match: Match) -> dict:
    """The match's line as it is now."""
    return _rows(request, [match])[0]


def _rows(request, matches) -> list[dict]:
    template = get_template("matching/staff/review/row.html")
    return [
        {
            "id": row.public_id,
            "revision": row.revision,
            "html": template.render({"row": row, "may_review": True}, request),
        }
        for row in as_rows(Match.objects.filter(pk__in=[match.pk for match in matches]))
    ]


def _told(found) -> dict:
    return {
        "count": len(found.ready),
        "excepted": [{"id": match.public_id, "title": str(match), "why": why} for match, why in found.excepted],
    }


def _refused(status: int, told: str, **more) -> JsonResponse:
    return JsonResponse({"told": told, **more}, status=status)


def _key(said: Posted) -> UUID:
    return _uuid(said.text("key"))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadRequest from error
