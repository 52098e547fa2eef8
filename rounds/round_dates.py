"""Proposed dates of the next rounds: every two to three months, on working days, on varying weekdays, not on busy days.
Pure: uses the package `holidays` and its arguments."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.utils.formats import date_format

from rounds.busy_days import BusyPeriod, busy_periods

MONTHS_BETWEEN = (2, 3)
AIM_DAYS = 75
"""Ideal number of days after the previous round."""
MIN_NOTICE_DAYS = 28
"""Minimum number of days from today: invitations and answers take four weeks."""
MIDDLE_OF_WEEK = (1, 2, 3)
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class DateProposal:
    """A proposed day with reasons and cautions, each a sentence."""

    day: date
    reasons: tuple[str, ...]
    cautions: tuple[str, ...] = ()
    avoided: tuple[str, ...] = ()
    """For the best day of a round: the busy periods of its weeks that no proposal touches."""

    @property
    def weekday(self) -> str:
        return "星期%s" % WEEKDAYS[self.day.weekday()]


def propose_dates(
    today: date, round_days: Collection[date], *, count: int = 4, each: int = 3, own: Collection[BusyPeriod] = ()
) -> list[list[DateProposal]]:
    """Return up to `each` days for each of the next `count` rounds, best first; each later round is calculated from
    the best day of the one before.

    `round_days`: the days of all rounds, past and planned. The first proposal follows the last of them, or as soon
    as `MIN_NOTICE_DAYS` allows. `own`: the periods that the city avoids, beside 全国两会 and 高考.
    """
    choices, last = [], max(round_days, default=None)
    for _number in range(count):
        days = _for_one_round(today, last, each, own)
        if not days:  # the city avoids all of these weeks
            break
        choices.append(days)
        last = days[0].day
    return choices


def non_workday_reason(day: date) -> str:
    """Return why the day is no working day; empty if it is one, as far as is known."""
    names = _holidays(day.year)
    if day in names:
        return "%(day)s 是%(name)s。" % {"day": day, "name": _holiday_name(names[day])}
    if names.is_working_day(day):
        return ""
    return "%(day)s 是星期%(weekday)s。" % {"day": day, "weekday": WEEKDAYS[day.weekday()]}


def avoidance_reasons(day: date, own: Collection[BusyPeriod] = ()) -> list[str]:
    """Return why no round should be on that day, each a sentence; empty if nothing is known against it."""
    reasons = [reason] if (reason := non_workday_reason(day)) else []
    if not reason and day.weekday() >= 5:
        reasons.append("%(day)s 是调休上班的星期%(weekday)s。" % {"day": day, "weekday": WEEKDAYS[day.weekday()]})
    return reasons + ["%s 在%s。" % (day, period.words) for period in busy_periods([day.year], own) if day in period]


def is_holiday_plan_known(year: int) -> bool:
    """Whether the State Council's holiday plan for the year is in the package."""
    from holidays.countries.china import ChinaStaticHolidays

    return year in ChinaStaticHolidays.special_public_holidays


def holidays_between(first: date, last: date) -> dict[date, str]:
    """Return {day: name} of public holidays, both ends included."""
    days = {
        day: _holiday_name(name) for year in range(first.year, last.year + 1) for day, name in _holidays(year).items()
    }
    return {day: name for day, name in sorted(days.items()) if first <= day <= last}


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or the month's last day."""
    count = day.month - 1 + months
    year, month = day.year + count // 12, count % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def _for_one_round(today: date, last: date | None, each: int, own: Collection[BusyPeriod]) -> list[DateProposal]:
    soonest = today + timedelta(days=MIN_NOTICE_DAYS)
    if last is None or months_after(last, MONTHS_BETWEEN[1]) <= soonest:
        first, until, aim = soonest, soonest + timedelta(days=30), soonest + timedelta(days=7)
    else:
        first, until = (months_after(last, months) for months in MONTHS_BETWEEN)
        first, aim = max(first, soonest), last + timedelta(days=AIM_DAYS)
    days = [first + timedelta(days=number) for number in range((until - first).days + 1)]
    busy = busy_periods({first.year, until.year}, own)
    open_days = [
        day
        for day in days
        if not non_workday_reason(day) and day.weekday() < 5 and not any(day in period for period in busy)
    ]
    ranked = sorted(open_days, key=lambda day: (_penalty(day, last), abs((day - aim).days), day))
    chosen: list[date] = []
    for day in ranked:  # spread the choices over different weeks
        if all(abs((day - other).days) >= 4 for other in chosen):
            chosen.append(day)
        if len(chosen) == each:
            break
    avoided = tuple(period.words for period in busy if period.first <= until and first <= period.last)
    return [_proposal(day, last, avoided) for day in chosen]


def _penalty(day: date, last: date | None) -> int:
    """Return how unsuitable a working day is; 0 is best."""
    return (
        4 * (last is not None and day.weekday() == last.weekday())
        + 3 * bool(_near_holiday(day))
        + 2 * (day.weekday() not in MIDDLE_OF_WEEK)
    )


def _proposal(day: date, last: date | None, avoided: tuple[str, ...]) -> DateProposal:
    reasons, cautions = ["工作日，不在法定节假日"], []
    if last is not None:
        between = {"date": date_format(last, "Y年n月j日"), "days": (day - last).days}
        reasons.append("距上一场（%(date)s）%(days)d 天" % between)
        if day.weekday() != last.weekday():
            reasons.append("与上一场不在同一个星期几（上一场星期%s）" % WEEKDAYS[last.weekday()])
        else:
            cautions.append("与上一场同在星期%s" % WEEKDAYS[last.weekday()])
    if day.weekday() in MIDDLE_OF_WEEK:
        reasons.append("在一周中间，外地单位当天或前一天能到")
    if near := _near_holiday(day):
        cautions.append(near)
    if not is_holiday_plan_known(day.year):
        cautions.append("%d 年的放假和调休安排还没有收录，公布后请再核对" % day.year)
    return DateProposal(day, tuple(reasons), tuple(cautions), avoided)


def _near_holiday(day: date) -> str:
    for step in (-1, 1):
        other = day + timedelta(days=step)
        if other in (names := _holidays(other.year)):
            side = "后一天" if step < 0 else "前一天"
            return "在%(name)s的%(side)s，人容易不齐" % {"name": _holiday_name(names[other]), "side": side}
    return ""


def _holiday_name(name: str) -> str:
    """休息日（由 2026-01-04 调休） → 调休休息日."""
    return "调休休息日" if name.startswith("休息日") else name


@lru_cache(maxsize=32)
def _holidays(year: int):
    import holidays  # the calendars of all countries: 300 modules, which few processes need

    return holidays.country_holidays("CN", years=year, language="zh_CN", expand=False)
