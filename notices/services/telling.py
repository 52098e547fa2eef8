"""Writing notices, in the transaction of what they tell of: both stand or neither."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from notices.models import Delivery, Kind, Notice, Preference
from notices.services.sending import send_soon


@dataclass(frozen=True, slots=True)
class Line:
    """What one person is told. `path`: the page it leads to. `key`: told once; it begins with `about`."""

    recipient_id: int
    kind: Kind
    text: str
    path: str
    about: str
    key: str


def notify(lines: Iterable[Line]) -> int:
    """Tell each person each thing once, however often it is said; few queries for many. Returns how many were new.

    Where a gateway is configured, those who have not muted the kind are also told through it, after the commit.
    """
    lines = list({(line.recipient_id, line.key): line for line in lines}.values())
    if not lines:
        return 0
    active = set(
        User.objects.filter(pk__in={line.recipient_id for line in lines}, is_active=True).values_list("pk", flat=True)
    )
    said = [
        Notice(
            recipient_id=line.recipient_id,
            kind=line.kind,
            text=line.text[:400],
            path=line.path,
            about=line.about,
            key=line.key,
        )
        for line in lines
        if line.recipient_id in active
    ]
    with transaction.atomic():
        before = {notice.public_id for notice in said}
        Notice.objects.bulk_create(said, ignore_conflicts=True, batch_size=1000)
        made = list(Notice.objects.filter(public_id__in=before))
        if settings.NOTICE_WEBHOOK_URL:
            _queue_pushes(made)
    return len(made)


def withdraw_notices(about: str) -> int:
    """What they told of was taken back: nobody finds them any more, and no mail takes them along. Returns how many."""
    now = timezone.now()
    unsent = Delivery.objects.filter(notice__about=about, status=Delivery.Status.QUEUED)
    unsent.update(status=Delivery.Status.DROPPED)
    # The key is given back: said again later, it is told again.
    return sum(
        Notice.objects.filter(pk=pk, withdrawn_at=None).update(withdrawn_at=now, key=f"{key[:100]} withdrawn {pk}")
        for pk, key in Notice.objects.standing().filter(about=about).values_list("pk", "key")
    )


def forget_notices(about: str) -> None:
    """As if it had never been said: for a check of the machinery, of which nobody was to hear."""
    Delivery.objects.filter(notice__about=about).delete()
    Notice.objects.filter(about=about, mail=None).delete()


def _queue_pushes(notices: list[Notice]) -> None:
    muted = {
        (preference.user_id, kind)
        for preference in Preference.objects.filter(user__in=[notice.recipient_id for notice in notices])
        for kind in preference.muted
    }
    pushes = Delivery.objects.bulk_create(
        Delivery(
            channel=Delivery.Channel.GATEWAY,
            recipient_id=notice.recipient_id,
            subject=str(Kind(notice.kind).label),
            body=notice.text,
            notice=notice,
        )
        for notice in notices
        if (notice.recipient_id, notice.kind) not in muted
    )
    send_soon([push.pk for push in pushes])
