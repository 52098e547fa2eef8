"""The calendar of past and planned rounds, with days that suit the next one."""

from calendar import Calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from rounds.busy_days import BusyPeriod, busy_periods
from rounds.models import AvoidedPeriod, DockingRound
from rounds.round_dates import WEEKDAYS, holidays_between, is_holiday_plan_known, months_after, propose_dates

MONTHS_BACK, MONTHS_AHEAD = 2, 10
MAX_PAST = 8
USUAL_HOURS = (time(9, 0), time(17, 0))
"""Initial begin and end in the form of a new round."""


@dataclass(frozen=True)
class CalendarDay:
    """One cell of a month. `number` is 0 outside the month."""

    day: date
    number: int
    holiday: str
    rounds: tuple
    is_proposed: bool
    is_today: bool

    @property
    def css_class(self) -> str:
        kind = "cal-r" if self.rounds else "cal-p" if self.is_proposed else "cal-f" if self.holiday else ""
        return f"{kind} cal-t" if self.is_today else kind


@require_safe
def year(request: UserRequest) -> HttpResponse:
    """Twelve months around today. A user who may add rounds can start one on a day."""
    if not request.user.has_perm("rounds.view_dockinground"):
        raise PermissionDenied
    today = localdate()
    first = months_after(today.replace(day=1), -MONTHS_BACK)
    until = months_after(first, MONTHS_BACK + MONTHS_AHEAD)
    visible = DockingRound.objects.visible_to(request.user).exclude(status=DockingRound.Status.CANCELLED)
    rounds = list(visible.select_related("host").order_by("starts_at"))
    rounds_by_day = defaultdict(list)
    for docking_round in rounds:
        rounds_by_day[localdate(docking_round.starts_at)].append(docking_round)
    own = AvoidedPeriod.objects.all().as_busy()
    choices = propose_dates(today, rounds_by_day.keys(), own=own)
    proposed = {choice.day for days in choices for choice in days}
    holidays = _closed_days(first, until, own)
    months = [months_after(first, number) for number in range(MONTHS_BACK + MONTHS_AHEAD)]
    context = {
        "choices": choices,
        "months": [(month, _weeks(month, today, rounds_by_day, proposed, holidays)) for month in months],
        "weekdays": WEEKDAYS,
        "unsettled": sorted({month.year for month in months if not is_holiday_plan_known(month.year)}),
        "to_come": [row for row in rounds if row.ends_at >= timezone.now()],
        "past": [row for row in reversed(rounds) if row.ends_at < timezone.now()][:MAX_PAST],
        "may_add": request.user.has_perm("rounds.add_dockinground"),
        "may_list_days": request.user.has_perm("rounds.change_avoidedperiod"),
    }
    return render(request, "rounds/staff/calendar.html", context)


def _closed_days(first: date, until: date, own: list[BusyPeriod]) -> dict[date, str]:
    """{day: why no round is held}: holidays, and the busy days that are none."""
    days = holidays_between(first, until)
    for period in busy_periods(range(first.year, until.year + 1), own):
        for number in range((period.last - period.first).days + 1):
            days.setdefault(period.first + timedelta(days=number), period.words)
    return days


def usual_hours(day: date) -> tuple[datetime, datetime]:
    """Usual begin and end of a round on that day, as naive datetimes."""
    return datetime.combine(day, USUAL_HOURS[0]), datetime.combine(day, USUAL_HOURS[1])


def _weeks(
    month: date,
    today: date,
    rounds_by_day: dict[date, list[DockingRound]],
    proposed: set[date],
    holidays: dict[date, str],
) -> list[list[CalendarDay]]:
    return [
        [
            CalendarDay(
                day=day,
                number=day.day if day.month == month.month else 0,
                holiday=holidays.get(day, ""),
                rounds=tuple(rounds_by_day.get(day, ())),
                is_proposed=day in proposed,
                is_today=day == today,
            )
            for day in week
        ]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]
