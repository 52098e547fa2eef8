"""Deadlines in working days (工作日): holidays and shifted working days of China, and days of the city's package."""

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from cities import City

if TYPE_CHECKING:
    from holidays import HolidayBase

NUMERALS = "〇一两三四五六七八九十"


def add_workdays(day: date, count: int) -> date:
    """The working day that is `count` working days after `day`; `day` itself does not count.

    Years for which the calendar is not yet announced have the fixed holidays and no shifted working days, unless the
    city's package names them.
    """
    while count > 0:
        day += timedelta(days=1)
        if is_workday(day):
            count -= 1
    return day


def count_workdays(start: date, end: date) -> int:
    """The working days after `start` up to and including `end`; 0 if `end` is not after `start`."""
    days = (end - start).days
    return sum(is_workday(day) for day in (start + timedelta(days=n + 1) for n in range(days)))


def is_workday(day: date) -> bool:
    return _is_workday(settings.CITY, day)


@lru_cache(maxsize=4096)
def _is_workday(city: City, day: date) -> bool:
    """Kept: a page of 待办 asks thousands of times, for a few hundred days."""
    own = _own_days(city).get(day)
    return bool(_calendar(day.year).is_working_day(day)) if own is None else own


def workdays_text(count: int) -> str:
    """五个工作日; from eleven on in digits."""
    return f"{NUMERALS[count] if count < len(NUMERALS) else f'{count} '}个工作日"


@lru_cache(maxsize=4)
def _own_days(city: City) -> dict[date, bool]:
    return {row.day: row.is_workday for row in city.holidays}


@lru_cache(maxsize=8)
def _calendar(year: int) -> "HolidayBase":
    import holidays  # the calendars of all countries: 300 modules, which few processes need

    return holidays.country_holidays("CN", years=year)
