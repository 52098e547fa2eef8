"""A broker follows an accepted match."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from brokers.models import Broker
from matching.models import BrokerRequest, Decision, Match
from matching.services import telling
from matching.services.asking import broker_took
from matching.services.decisions import Step, decide
from matching.services.review import verdict


def ask_broker(match: Match, *, broker: Broker, by, note: str = "") -> BrokerRequest:
    """Ask one certified broker; one open request per match, which the database keeps. Raises ValidationError."""
    if match.status != Match.Status.ACCEPTED:
        raise ValidationError(_("“%(match)s”还没有采纳，采纳后才能委托技术经纪人。") % {"match": match})
    _ask(match, {}, [Match.Status.ACCEPTED], broker, by=by, note=note, step=None)
    return match.broker_requests.get(status=BrokerRequest.Status.ASKED)


def hand_over_match(match: Match, *, broker: Broker, by, note: str = "", step: Step | None = None) -> Decision:
    """Accept and ask the broker in one step, or ask only, where the match is accepted already. Raises as both."""
    accepts = match.status == Match.Status.PROPOSED
    changes = verdict("accepted", by, "") if accepts else {}
    states = [Match.Status.PROPOSED if accepts else Match.Status.ACCEPTED]
    return _ask(match, changes, states, broker, by=by, note=note, step=step)


def _ask(match: Match, changes: dict, states: list[str], broker: Broker, *, by, note: str, step) -> Decision:
    if not Broker.objects.certified().filter(pk=broker.pk).exists():
        raise ValidationError(_("“%(broker)s”的证书已过期或已停止执业，请选择其他技术经纪人。") % {"broker": broker})
    request = BrokerRequest(match=match, broker=broker, asked_by=by, note=note.strip()[:300])
    told = {"broker": broker.name, "request": request.public_id}
    try:
        with transaction.atomic():
            decision = decide(
                match, Decision.Kind.BROKER, changes, by=by, step=step, states=states, note=note, told=told
            )
            if decision.after["request"] == request.public_id:  # and not sent before
                request.save(force_insert=True)
                telling.broker_asked(request)
    except IntegrityError as error:
        match.refresh_from_db()
        raise ValidationError(_("“%(match)s”已委托给一位技术经纪人，等待答复或已接受。") % {"match": match}) from error
    return decision


@transaction.atomic
def answer_request(request: BrokerRequest, *, accept: bool, by, note: str = "") -> None:
    """The broker takes or declines. Raises PermissionDenied for anybody else, ValidationError when answered already."""
    if request.broker.user_id != by.pk:
        raise PermissionDenied(_("只有被委托的技术经纪人可以答复。"))
    status = BrokerRequest.Status.TAKEN if accept else BrokerRequest.Status.DECLINED
    answered = BrokerRequest.objects.filter(pk=request.pk, status=BrokerRequest.Status.ASKED).update(
        status=status, answered_at=timezone.now(), note=note.strip()[:300] or request.note
    )
    if not answered:
        raise ValidationError(_("这项委托已经答复过，或已被撤回。"))
    record("答复跟进委托", request, by=by, changes={"status": ["asked", status]})
    request.refresh_from_db()
    telling.broker_answered(request)
    if accept:
        broker_took(request, by=by)
