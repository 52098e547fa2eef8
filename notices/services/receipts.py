"""Receipts of the gateway: whether a push reached its recipient, and why not.

A gateway accepts a message and reports later, because networks of 短信 do so. A receipt names the message id; one about
an earlier attempt changes nothing.
"""

import re
from enum import Enum

from django.utils import timezone

from core.plain_text import clean_required_text
from notices.models import Delivery

_NUMBER = re.compile(r"\d{7,}")
NO_REASON = "网关报告没有送达，没有写原因"


class Taken(Enum):
    """What became of a receipt."""

    APPLIED = "applied"
    """Also if it came before or is about an earlier attempt."""
    UNKNOWN = "unknown"
    TOO_EARLY = "too early"
    """The message is still being sent: the gateway reports again later."""


def apply_receipt(message_id: str, *, is_delivered: bool, reason: str = "") -> Taken:
    """Keep that a push was delivered, or that it failed and why. The reason is kept without telephone numbers."""
    public_id, _dash, resend = message_id.removeprefix("msg_").partition("-")
    rows = Delivery.objects.filter(channel=Delivery.Channel.GATEWAY, public_id=public_id)
    row = rows.first()
    if row is None:
        return Taken.UNKNOWN
    if row.message_id != f"{public_id}-{resend}".removesuffix("-"):
        return Taken.APPLIED
    if row.status == Delivery.Status.QUEUED:
        return Taken.TOO_EARLY
    sent = rows.filter(status=Delivery.Status.SENT, resends=row.resends)
    if is_delivered:
        sent.filter(delivered_at=None).update(delivered_at=timezone.now())
    else:
        error = _NUMBER.sub("…", clean_required_text(reason[:300] or NO_REASON, NO_REASON, 300))
        sent.filter(delivered_at=None).update(status=Delivery.Status.FAILED, sent_at=None, error=error)
    return Taken.APPLIED
