"""The meetings of a user's parties for the user's own calendar."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from calendars.sources import CalendarEvent
from rounds.ical import earlier_lines
from rounds.models import Meeting, Party
from rounds.own_plan import OwnPlan, PlanLine, own_plan

KEPT = timedelta(days=90)
"""Rounds that ended longer ago leave the calendar."""
MOST_PARTIES = 50


def meeting_events(user: User) -> Iterator[CalendarEvent]:
    """The published meetings; those that were published once and are no longer held appear as cancelled."""
    parties = (
        Party.objects.represented_by(user)
        .filter(docking_round__ends_at__gte=timezone.now() - KEPT)
        .select_related("docking_round", "organisation")
        .order_by("docking_round__starts_at", "pk")[:MOST_PARTIES]
    )
    for party in parties:
        plan = own_plan(party)
        published = {line.meeting.pk for line in plan.lines}
        for line in plan.lines:
            yield _event(party, plan, line, is_cancelled=line.meeting.status == Meeting.Status.MISSED)
        for line in earlier_lines(party, published):
            yield _event(party, plan, line, is_cancelled=True)


def _event(party: Party, plan: OwnPlan, line: PlanLine, *, is_cancelled: bool) -> CalendarEvent:
    return CalendarEvent(
        key=f"meeting-{line.meeting.public_id}",
        summary="洽谈：%(partner)s" % {"partner": line.partner},
        sequence=plan.number,
        changed_at=plan.published_at or line.meeting.made_at,
        starts_at=line.slot.starts_at,
        ends_at=line.slot.ends_at,
        description=line.topic,
        location="%(hall)s %(table)d 号桌" % {"hall": line.hall.name, "table": line.table},
        path=reverse("my_plan", args=[party.public_id]),
        is_cancelled=is_cancelled,
    )
