"""The daily digest: at most one mail a day for each user, with all unread notices that no mail has carried yet."""

from datetime import date
from itertools import groupby

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from notices.details import details_of
from notices.models import Delivery, Notice, NoticeKind, Preference
from notices.services.sending import enqueue_deliveries
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
    preferences = Preference.objects.in_bulk()
    return sum(_make_digest(user, preferences.get(user.pk), now.date()) for user in users.order_by("pk").iterator())


def _make_digest(user: User, preference: Preference | None, day: date) -> bool:
    if preference and preference.no_mail:
        return False
    muted = preference.muted if preference else []
    try:
        with transaction.atomic():
            rows = Notice.objects.awaiting_mail().filter(recipient=user).exclude(kind__in=muted)
            notices = list(rows.select_for_update().order_by("kind", "-made_at"))
            if not notices:
                return False
            mail = Delivery.objects.create(
                channel=Delivery.Channel.MAIL,
                recipient=user,
                address=user.email,
                day=day,
                subject="%(site)s：%(count)s 条新消息" % {"site": settings.SITE["short_name"], "count": len(notices)},
                body=_render_body(user, notices),
            )
            Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mail=mail)
            enqueue_deliveries([mail.pk])
    except IntegrityError:  # another worker has made today's digest
        return False
    return True


def _render_body(user: User, notices: list[Notice]) -> str:
    order = list(NoticeKind.values)
    groups = []
    for kind, rows in groupby(sorted(notices, key=lambda row: order.index(row.kind)), key=lambda row: row.kind):
        lines = list(rows)
        groups.append(
            {
                "label": NoticeKind(kind).label,
                "lines": [(notice, details_of(notice)) for notice in lines[:MAX_LINES_PER_KIND]],
                "more": len(lines[MAX_LINES_PER_KIND:]),
            }
        )
    context = {
        "user": user,
        "groups": groups,
        "site": settings.SITE,
        "address": settings.SITE_ADDRESS,
        "token": make_unsubscribe_token(user),
    }
    return render_to_string("notices/digest.txt", context)
