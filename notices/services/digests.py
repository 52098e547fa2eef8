"""One mail a day at most for each person: everything unread that no mail has told of yet."""

from itertools import groupby

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from notices.models import Delivery, Kind, Notice, Preference
from notices.services.sending import send_soon
from notices.unsubscribing import token_of

MOST_LINES = 20
"""Lines of one kind in a mail; the rest is counted."""


def make_digests() -> int:
    """Queue today's mail of everybody who has news and has had none today. Returns how many were made.

    Nothing before the hour of the setting. Called twice, by two workers at once even, it makes one: the database
    keeps that a person has one mail a day.
    """
    now = timezone.localtime()
    if now.hour < settings.NOTICE_MAIL_HOUR:
        return 0
    had_one = Delivery.objects.filter(channel=Delivery.Channel.MAIL, day=now.date())
    waiting = Notice.objects.to_be_mailed().exclude(recipient__in=had_one.values("recipient"))
    people = User.objects.filter(is_active=True, pk__in=waiting.values("recipient")).exclude(email="")
    preferences = Preference.objects.in_bulk()
    return sum(_digest(user, preferences.get(user.pk), now.date()) for user in people.order_by("pk").iterator())


def _digest(user: User, preference: Preference | None, day) -> bool:
    if preference and preference.no_mail:
        return False
    muted = preference.muted if preference else []
    try:
        with transaction.atomic():
            notices = Notice.objects.to_be_mailed().filter(recipient=user).exclude(kind__in=muted)
            notices = list(notices.select_for_update().order_by("kind", "-made_at"))
            if not notices:
                return False
            mail = Delivery.objects.create(
                channel=Delivery.Channel.MAIL,
                recipient=user,
                address=user.email,
                day=day,
                subject=_("%(site)s：%(count)s 条新消息")
                % {"site": settings.SITE["short_name"], "count": len(notices)},
                body=_body(user, notices),
            )
            Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mail=mail)
            send_soon([mail.pk])
    except IntegrityError:  # another worker made today's first
        return False
    return True


def _body(user: User, notices: list[Notice]) -> str:
    groups = []
    order = list(Kind.values)
    for kind, found in groupby(sorted(notices, key=lambda n: order.index(n.kind)), key=lambda n: n.kind):
        found = list(found)
        groups.append({"label": Kind(kind).label, "lines": found[:MOST_LINES], "more": len(found[MOST_LINES:])})
    context = {
        "user": user,
        "groups": groups,
        "site": settings.SITE,
        "address": settings.SITE_ADDRESS,
        "token": token_of(user),
    }
    return render_to_string("notices/digest.txt", context)
