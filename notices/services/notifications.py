"""Writing and withdrawing notices. Call these in the transaction of the change they announce."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from notices.models import Delivery, Notice, NoticeKind, Preference
from notices.services.sending import enqueue_deliveries


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """One notice for one recipient, before `notify` stores it.

    path: the page it links to. about: the object it belongs to, by which it can be settled or withdrawn.
    key: identifies the notice; the recipient gets it once. It begins with `about`.
    """

    recipient_id: int
    kind: NoticeKind
    text: str
    path: str
    about: str
    key: str


def notify(drafts: Iterable[NoticeDraft]) -> int:
    """Store the drafts whose recipient is active and has no notice with the same key. Returns how many were new.

    The number of queries does not depend on the number of drafts. If a gateway is configured, recipients who have not
    muted the kind also get a push through it after the commit.
    """
    drafts = list({(draft.recipient_id, draft.key): draft for draft in drafts}.values())
    if not drafts:
        return 0
    active = set(
        User.objects.filter(pk__in={draft.recipient_id for draft in drafts}, is_active=True).values_list(
            "pk", flat=True
        )
    )
    notices = [
        Notice(
            recipient_id=draft.recipient_id,
            kind=draft.kind,
            text=draft.text[:400],
            path=draft.path,
            about=draft.about,
            key=draft.key,
        )
        for draft in drafts
        if draft.recipient_id in active
    ]
    with transaction.atomic():
        Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=1000)
        # bulk_create does not tell which rows were ignored; only rows that were stored have these ids.
        created = list(Notice.objects.filter(public_id__in={notice.public_id for notice in notices}))
        if settings.NOTICE_WEBHOOK_URL:
            _queue_pushes(created)
    return len(created)


def notify_or_renew(drafts: Iterable[NoticeDraft]) -> int:
    """`notify`; who has the notice, unread and not mailed yet, gets the new text. Returns how many were new.

    For a notice that counts what has come together since the morning.
    """
    drafts = list(drafts)
    for draft in drafts:
        stored = Notice.objects.unread().filter(recipient=draft.recipient_id, key=draft.key, mail=None)
        stored.exclude(text=draft.text[:400]).update(text=draft.text[:400])
    return notify(drafts)


def withdraw_notices(about: str) -> int:
    """Hide the notices about an object because it was taken back, and cancel their pushes. Returns how many."""
    now = timezone.now()
    unsent = Delivery.objects.filter(notice__about=about, status=Delivery.Status.QUEUED)
    unsent.update(status=Delivery.Status.DROPPED)
    # The key is released, so that the same notice can be sent again later.
    return sum(
        Notice.objects.filter(pk=pk, withdrawn_at=None).update(withdrawn_at=now, key=f"{key[:100]} withdrawn {pk}")
        for pk, key in Notice.objects.active().filter(about=about).values_list("pk", "key")
    )


def delete_notices(about: str) -> None:
    """Delete the notices about an object without a trace. Only for notices made by self-checks."""
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
            subject=str(NoticeKind(notice.kind).label),
            body=notice.text,
            notice=notice,
        )
        for notice in notices
        if (notice.recipient_id, notice.kind) not in muted
    )
    enqueue_deliveries([push.pk for push in pushes])
