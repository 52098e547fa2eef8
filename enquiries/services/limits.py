"""Bounds on approaches: how many an organisation has open, sends a day, and sends with one text; blocks; to oneself.

The counts are rows of the database, read while the row of the sender is locked, so that all processes share them.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Organisation, User
from core.throttling import exceeds
from enquiries.models import Approach, ApproachBlock, ApproachMessage

DAY = timedelta(days=1)
ONE_TEXT_WITHIN = timedelta(days=30)
ATTEMPTS, ATTEMPTS_SECONDS = 60, 600
MESSAGES_A_DAY = 50
"""Messages that one side may send in one approach within 24 hours."""


def require_may_begin(approach: Approach, *, by: User) -> None:
    """Raise ValidationError with a sentence if an approach that is not saved yet exceeds a bound.

    Locks the row of the sender until the transaction ends.
    """
    sender, recipient = approach.sender, approach.recipient
    if exceeds("approach-attempts", str(sender.pk), ATTEMPTS, ATTEMPTS_SECONDS):
        raise ValidationError("贵单位在短时间内提交得太多，请十分钟以后再发。内容还在，不用重写。")
    Organisation.objects.select_for_update(no_key=True).get(pk=sender.pk)
    if recipient.pk == sender.pk or recipient.pk in by.scope.organisation_ids:
        raise ValidationError("这是您自己单位的%(what)s，不能向自己发起。" % {"what": _subject_word(approach)})
    if not recipient.is_active:
        raise ValidationError("“%(name)s”已停用，现在不能联系。" % {"name": approach.alias_of(recipient) or recipient})
    if _is_blocked(approach):
        raise ValidationError("对方暂不接收贵单位的询问。如有需要，请联系所在区市县的专员。")
    own = Approach.objects.filter(kind=approach.kind, **{_side_field(approach): sender})
    if own.open().count() >= settings.APPROACHES_OPEN:
        raise ValidationError(
            "贵单位已有 %(most)d 条进行中的，请先结束不再需要的，再发新的。" % {"most": settings.APPROACHES_OPEN}
        )
    if own.filter(sent_at__gte=timezone.now() - DAY).count() >= settings.APPROACHES_A_DAY:
        raise ValidationError(
            "贵单位在 24 小时内已发出 %(most)d 条，请明天再发。" % {"most": settings.APPROACHES_A_DAY}
        )
    same = own.filter(text_digest=approach.text_digest, sent_at__gte=timezone.now() - ONE_TEXT_WITHIN)
    if same.count() >= settings.APPROACHES_OF_ONE_TEXT:
        raise ValidationError(
            "同样的内容贵单位已发给 %(count)d 处。请针对这一项写明具体想了解什么，对方才好答复。"
            % {"count": settings.APPROACHES_OF_ONE_TEXT}
        )


def _is_blocked(approach: Approach) -> bool:
    """Whether the recipient takes no approaches of the sender any more.

    For an answer to an anonymous demand only a block that the same demand caused counts: any other refusal would tell
    the institution which firm it is.
    """
    blocks = ApproachBlock.objects.in_force().filter(by_organisation=approach.recipient, blocked=approach.sender)
    if approach.is_anonymous and not approach.is_enquiry:
        blocks = blocks.filter(approach__demand=approach.demand)
    return blocks.exists()


def require_may_write(approach: Approach, side: str) -> None:
    """Raise ValidationError if the side has sent too many messages in this approach today."""
    recent = ApproachMessage.objects.filter(
        approach=approach, side=side, is_event=False, sent_at__gte=timezone.now() - DAY
    )
    if recent.count() >= MESSAGES_A_DAY:
        raise ValidationError("今天在这里已发了 %(most)d 条消息，请明天再发。" % {"most": MESSAGES_A_DAY})


def _side_field(approach: Approach) -> str:
    return "firm" if approach.is_enquiry else "institution"


def _subject_word(approach: Approach) -> str:
    return "成果" if approach.is_enquiry else "需求"
