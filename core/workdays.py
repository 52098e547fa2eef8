"""Deadlines in working days (工作日), with the public holidays and the shifted working days of China."""

from datetime import date, timedelta
from functools import lru_cache

import holidays


def add_workdays(day: date, count: int) -> date:
    """The working day that is `count` working days after `day`; `day` itself does not count.

    Years for which the calendar is not yet announced have the fixed holidays and no shifted working days.
    """
    while count > 0:
        day += timedelta(days=1)
        if _calendar(day.year).is_working_day(day):
            count -= 1
    return day


def count_workdays(start: date, end: date) -> int:
    """The working days after `start` up to and including `end`; 0 if `end` is not after `start`."""
    days = (end - start).days
    return sum(_calendar(day.year).is_working_day(day) for day in (start + timedelta(days=n + 1) for n in range(days)))


@lru_cache(maxsize=8)
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year)
