"""A broker follows an accepted match."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import record
from brokers.models import Broker
from matching.models import BrokerRequest, Match
from matching.services.review import check_reviewer


def ask_broker(match: Match, *, broker: Broker, by, note: str = "") -> BrokerRequest:
    """Ask one certified broker; one open request per match, which the database keeps. Raises ValidationError."""
    check_reviewer(match, by)
    if match.status != Match.Status.ACCEPTED:
        raise ValidationError(_("“%(match)s”还没有采纳，采纳后才能委托技术经纪人。") % {"match": match})
    if not Broker.objects.certified().filter(pk=broker.pk).exists():
        raise ValidationError(_("“%(broker)s”的证书已过期或已停止执业，请选择其他技术经纪人。") % {"broker": broker})
    try:
        with transaction.atomic():
            request = BrokerRequest.objects.create(match=match, broker=broker, asked_by=by, note=note.strip()[:300])
            record("委托技术经纪人", request, by=by, changes={"broker": [None, broker.name]})
    except IntegrityError as error:
        raise ValidationError(_("“%(match)s”已委托给一位技术经纪人，等待答复或已接受。") % {"match": match}) from error
    return request


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
        raise ValidationError(_("这项委托已经答复过了。"))
    record("答复跟进委托", request, by=by, changes={"status": ["asked", status]})
    request.refresh_from_db()
