"""Requests to technology brokers to follow an accepted match, and the brokers' answers."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from brokers.models import Broker
from matching.models import BrokerRequest, Decision, Match
from matching.services.decisions import ReviewStep, decide
from matching.services.follow_up_status import transfer_to_broker
from matching.services.notifications import notify_broker_answer, notify_broker_request
from matching.services.review import status_columns


def ask_broker(match: Match, *, broker: Broker, by: User, note: str = "") -> BrokerRequest:
    """Ask one certified broker to follow an accepted match. Raises ValidationError, also while a request is open."""
    if match.status != Match.Status.ACCEPTED:
        raise ValidationError("“%(match)s”还没有采纳，采纳后才能委托技术经纪人。" % {"match": match})
    _create_request(match, {}, [Match.Status.ACCEPTED], broker, by=by, note=note, step=None)
    return match.broker_requests.get(status=BrokerRequest.Status.ASKED)


def accept_and_ask_broker(
    match: Match, *, broker: Broker, by: User, note: str = "", step: ReviewStep | None = None
) -> Decision:
    """Accept a proposed match and ask the broker in one step; only ask if it is accepted already. Raises as both."""
    accepts = match.status == Match.Status.PROPOSED
    changes = status_columns("accepted", by, "") if accepts else {}
    states = [Match.Status.PROPOSED if accepts else Match.Status.ACCEPTED]
    return _create_request(match, changes, states, broker, by=by, note=note, step=step)


def _create_request(
    match: Match,
    changes: dict[str, Any],
    states: Iterable[str],
    broker: Broker,
    *,
    by: User,
    note: str,
    step: ReviewStep | None,
) -> Decision:
    if not Broker.objects.certified().filter(pk=broker.pk).exists():
        raise ValidationError("“%(broker)s”的证书已过期或已停止执业，请选择其他技术经纪人。" % {"broker": broker})
    request = BrokerRequest(match=match, broker=broker, asked_by=by, note=note.strip()[:300])
    extra = {"broker": broker.name, "request": request.public_id}
    try:
        with transaction.atomic():
            decision = decide(
                match, Decision.Kind.BROKER, changes, by=by, step=step, states=states, note=note, extra=extra
            )
            if decision.after["request"] == request.public_id:  # otherwise the step was sent before
                request.save(force_insert=True)
                notify_broker_request(request)
    except IntegrityError as error:
        match.refresh_from_db()
        raise ValidationError("“%(match)s”已委托给一位技术经纪人，等待答复或已接受。" % {"match": match}) from error
    return decision


@transaction.atomic
def answer_broker_request(request: BrokerRequest, *, accept: bool, by: User, note: str = "") -> None:
    """The broker accepts or declines. Raises PermissionDenied for other users, ValidationError if answered already."""
    if request.broker.user_id != by.pk:
        raise PermissionDenied("只有被委托的技术经纪人可以答复。")
    status = BrokerRequest.Status.TAKEN if accept else BrokerRequest.Status.DECLINED
    transition(
        request,
        when={"status": BrokerRequest.Status.ASKED},
        values={"status": status, "answered_at": timezone.now(), "note": note.strip()[:300] or request.note},
        refusal="这项委托已经答复过，或已被撤回。",
        action="答复跟进委托",
        by=by,
        changes={"status": ["asked", status]},
    )
    notify_broker_answer(request)
    if accept:
        transfer_to_broker(request, by=by)
