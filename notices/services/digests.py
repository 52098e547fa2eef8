"""The daily digest: at most one mail a day for each user, with all unread notices that no mail has carried yet."""

from datetime import date
from itertools import groupby

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notices.details import details_of
from notices.models import Delivery, Notice, NoticeKind, Preference
from notices.services.sending import enqueue_deliveries
from notices.texts.writing import TextWriter
from notices.unsubscribe_tokens import make_unsubscribe_token

MAX_LINES_PER_KIND = 20
"""A digest lists so many notices of a kind and counts the others."""


def make_digests() -> int:
    """Queue today's digest of each user who has notices to mail and got no digest today. Returns how many.

    Does nothing before NOTICE_MAIL_HOUR. Two workers may call it at once: the constraint `delivery_one_mail_a_day`
    permits one digest per user and day.
    """
    now = timezone.localtime()
    if now.hour < settings.NOTICE_MAIL_HOUR:
        return 0
    mailed_today = Delivery.objects.filter(channel=Delivery.Channel.MAIL, day=now.date())
    waiting = Notice.objects.awaiting_mail().exclude(recipient__in=mailed_today.values("recipient"))
    users = User.objects.filter(is_active=True, pk__in=waiting.values("recipient")).exclude(email="")
    preferences, writer = Preference.objects.in_bulk(), TextWriter("notices.digest")
    people = users.order_by("pk").iterator()
    return sum(_make_digest(user, preferences.get(user.pk), now.date(), writer) for user in people)


def _make_digest(user: User, preference: Preference | None, day: date, writer: TextWriter) -> bool:
    if preference and preference.no_mail:
        return False
    muted = preference.muted if preference else []
    try:
        with transaction.atomic():
            rows = Notice.objects.awaiting_mail().filter(recipient=user).exclude(kind__in=muted)
            notices = list(rows.select_for_update().order_by("kind", "-made_at"))
            if not notices:
                return False
            written = writer.write(_values(user, notices))
            mail = Delivery.objects.create(
                channel=Delivery.Channel.MAIL,
                recipient=user,
                address=user.email,
                day=day,
                subject=written.subject[:200],
                body=written.body,
            )
            Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mail=mail)
            enqueue_deliveries([mail.pk])
    except IntegrityError:  # another worker has made today's digest
        return False
    return True


def _values(user: User, notices: list[Notice]) -> dict[str, str]:
    address = settings.SITE_ADDRESS
    return {
        "平台": settings.SITE["short_name"],
        "平台全称": settings.SITE["name"],
        "条数": str(len(notices)),
        "姓名": user.name,
        "消息": _lines_by_kind(notices),
        "消息链接": address + reverse("notices"),
        "设置链接": address + reverse("notice_preference"),
        "退订链接": address + reverse("unsubscribe", args=[make_unsubscribe_token(user)]),
    }


def _lines_by_kind(notices: list[Notice]) -> str:
    order, parts = list(NoticeKind.values), []
    for kind, rows in groupby(sorted(notices, key=lambda row: order.index(row.kind)), key=lambda row: row.kind):
        of_kind = list(rows)
        lines = [f"【{NoticeKind(kind).label}】"]
        for notice in of_kind[:MAX_LINES_PER_KIND]:
            lines += [f"· {notice.text}", f"  {settings.SITE_ADDRESS}{notice.path}"]
            lines += [f"  {line}" for line in details_of(notice)]
        if more := len(of_kind[MAX_LINES_PER_KIND:]):
            lines.append(f"……另有 {more} 条")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
