"""The deadline of a challenge, in the calendars of its firm and of those who draft a bid."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from calendars.sources import CalendarEvent
from challenges.models import Bid, Challenge
from core.scope import scope_of

MOST_EVENTS = 100


def challenge_events(user: User) -> Iterator[CalendarEvent]:
    own = Q(demand__firm__in=scope_of(user).firm_ids) | Q(bids__in=Bid.objects.of(user))
    rows = Challenge.objects.filter(own, published_at__isnull=False).exclude(status=Challenge.Status.CLOSED)
    for row in rows.with_firm().distinct().order_by("closes_at", "pk")[:MOST_EVENTS]:
        yield CalendarEvent(
            key=f"challenge-{row.public_id}",
            summary=f"揭榜截止：榜单 {row.list_number}",
            sequence=int(row.closes_at.timestamp()),
            changed_at=row.status_at,
            starts_at=row.closes_at - timedelta(minutes=30),
            ends_at=row.closes_at,
            description=row.public_title,
            path=reverse("challenge_detail", args=[row.public_id]),
        )
