"""Agreed talks and days until which to answer, for the user's own calendar."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.names import name_for
from calendars.sources import CalendarEvent
from core.scope import scope_of
from enquiries.models import Approach, TalkTime
from enquiries.models.approach import is_received_by, is_sent_by

KEPT = timedelta(days=90)
"""Talks that began longer ago leave the calendar."""
MOST_EVENTS = 200


def approach_events(user: User) -> Iterator[CalendarEvent]:
    """The talks of the user's own organisations; cancelled ones appear as cancelled. Then the days to answer."""
    scope = scope_of(user)
    own = Approach.objects.filter(is_sent_by(scope) | is_received_by(scope))
    related = ("approach__firm", "approach__institution", "approach__achievement", "approach__demand__firm")
    agreed = (TalkTime.Status.CHOSEN, TalkTime.Status.CANCELLED)
    talks = TalkTime.objects.filter(approach__in=own, status__in=agreed, starts_at__gte=timezone.now() - KEPT)
    for talk in talks.select_related(*related).order_by("starts_at", "pk")[:MOST_EVENTS]:
        yield talk_event(talk, user)
    waiting = Approach.objects.received_by(user).awaiting_answer().select_related("achievement", "demand__firm")
    for approach in waiting.order_by("answer_due_on", "pk")[:MOST_EVENTS]:
        yield _deadline(approach)


def talk_event(talk: TalkTime, user: User) -> CalendarEvent:
    """The entry names the other side as this reader knows it."""
    approach = talk.approach
    is_cancelled = talk.status == TalkTime.Status.CANCELLED
    sides = (name_for(row, user, approach) for row in (approach.firm, approach.institution))
    return CalendarEvent(
        key=f"talk-{talk.public_id}",
        summary=f"约谈：{approach}",
        sequence=int(is_cancelled),
        changed_at=talk.decided_at or talk.proposed_at,
        starts_at=talk.starts_at,
        ends_at=talk.ends_at,
        description=f"双方：{'、'.join(sides)}",
        location=talk.place,
        path=reverse("approach", args=[approach.public_id]),
        is_cancelled=is_cancelled,
    )


def _deadline(approach: Approach) -> CalendarEvent:
    return CalendarEvent(
        key=f"approach-{approach.public_id}",
        summary=f"答复期限：{approach}",
        sequence=approach.answer_due_on.toordinal(),
        changed_at=approach.sent_at,
        day=approach.answer_due_on,
        description="请答复对方的询问或应答。",
        path=reverse("approach", args=[approach.public_id]),
    )
