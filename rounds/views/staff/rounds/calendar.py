"""The city's calendar of rounds: those held and planned, and on which days the next ones fit."""

from calendar import Calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from rounds.calendar import WEEKDAYS, holidays_between, is_holiday_plan_known, months_after, propose_dates
from rounds.models import DockingRound

MONTHS_BACK, MONTHS_AHEAD = 2, 10
HOURS = (time(9, 0), time(17, 0))
"""From when to when a round is usually held; only what a new form begins with."""


@dataclass(frozen=True)
class Day:
    """One square of a month. `number` is 0 outside the month."""

    day: date
    number: int
    holiday: str
    rounds: tuple
    is_proposed: bool
    is_today: bool


@require_safe
def year(request):
    """Twelve months around today. Whoever may add rounds can begin one on a day."""
    if not request.user.has_perm("rounds.view_dockinground"):
        raise PermissionDenied
    today = localdate()
    first = months_after(today.replace(day=1), -MONTHS_BACK)
    until = months_after(first, MONTHS_BACK + MONTHS_AHEAD)
    rounds = list(DockingRound.objects.visible_to(request.user).select_related("host").order_by("starts_at"))
    held = defaultdict(list)
    for one in rounds:
        held[localdate(one.starts_at)].append(one)
    choices = propose_dates(today, held.keys())
    proposed = {choice.day for days in choices for choice in days}
    free = holidays_between(first, until)
    months = [months_after(first, number) for number in range(MONTHS_BACK + MONTHS_AHEAD)]
    context = {
        "choices": choices,
        "months": [(month, _weeks(month, today, held, proposed, free)) for month in months],
        "weekdays": WEEKDAYS,
        "unsettled": sorted({month.year for month in months if not is_holiday_plan_known(month.year)}),
        "to_come": [one for one in rounds if one.ends_at >= timezone.now()],
        "past": [one for one in reversed(rounds) if one.ends_at < timezone.now()][:8],
        "may_add": request.user.has_perm("rounds.add_dockinground"),
    }
    return render(request, "rounds/staff/calendar.html", context)


def usual_hours(day: date) -> tuple[datetime, datetime]:
    """Begin and end of a round on that day, without a time zone."""
    return datetime.combine(day, HOURS[0]), datetime.combine(day, HOURS[1])


def _weeks(month: date, today: date, held, proposed, free) -> list[list[Day]]:
    return [
        [
            Day(
                day=day,
                number=day.day if day.month == month.month else 0,
                holiday=free.get(day, ""),
                rounds=tuple(held.get(day, ())),
                is_proposed=day in proposed,
                is_today=day == today,
            )
            for day in week
        ]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]
