"""Periods for which figures are counted: a year, a quarter, a month or a week, in the time zone of the city."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

PERIOD_PATTERN = re.compile(
    r"(20\d\d)(?:Q([1-4])|-(0[1-9]|1[0-2])|W(0[1-9]|[1-4]\d|5[0-3])|D(0[1-9]|1[0-2])([0-2]\d|3[01]))?", re.ASCII
)


@dataclass(frozen=True)
class Period:
    """First and last day are inclusive. `name` is the URL value: 2026, 2026Q3, 2026-09, 2026W36, 2026D0930.

    A week is that of ISO 8601, from Monday to Sunday; its first days can be in the year before. D0930 is the year until
    30 September.
    """

    name: str
    first: date
    last: date

    @property
    def year(self) -> int:
        return self.first.year

    @property
    def label(self) -> str:
        if "D" in self.name:
            return "%d年1月1日至%d月%d日" % (self.year, self.last.month, self.last.day)
        if self.is_week:
            days = "%d月%d日至%d月%d日" % (self.first.month, self.first.day, self.last.month, self.last.day)
            return "%s年第%d周（%s）" % (self.name[:4], int(self.name[5:]), days)
        if "Q" in self.name:
            return "%(year)s年第%(quarter)s季度" % {"year": self.year, "quarter": self.name[-1]}
        if "-" in self.name:
            return "%(year)s年%(month)s月" % {"year": self.year, "month": self.first.month}
        return "%(year)s年" % {"year": self.year}

    @property
    def starts_at(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def ends_at(self) -> datetime:
        """Midnight after the last day."""
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time.min))

    @property
    def as_of(self) -> date:
        """The last day that is counted: today during the period, afterwards its last day."""
        return min(self.last, timezone.localdate())

    @property
    def is_week(self) -> bool:
        return "W" in self.name

    @property
    def is_year(self) -> bool:
        return len(self.name) == 4

    def quarters(self) -> list["Period"]:
        return [parse_period(f"{self.year}Q{number}") for number in range(1, 5)]

    def months(self) -> list["Period"]:
        return [parse_period(f"{self.year}-{number:02}") for number in range(1, 13)]


def parse_period(text: str) -> Period:
    """Parse 2026, 2026Q3, 2026-09, 2026W36 or 2026D0930; an empty text is this year. Raises ValidationError."""
    text = (text or str(timezone.localdate().year)).strip().upper()
    match = PERIOD_PATTERN.fullmatch(text)
    if match is None:
        raise ValidationError(
            "“%(text)s”不是期间。请写年（2026）、季度（2026Q3）、月（2026-09）或周（2026W36）。" % {"text": text[:20]}
        )
    year, quarter, month, week, until_month, until_day = match.groups()
    if week:
        return _week(text, int(year), int(week))
    if until_month:
        return _until(text, int(year), int(until_month), int(until_day))
    first, last = (1, 12) if not quarter and not month else (int(month), int(month)) if month else (0, 0)
    if quarter:
        first, last = 3 * int(quarter) - 2, 3 * int(quarter)
    return Period(text, date(int(year), first, 1), date(int(year), last, monthrange(int(year), last)[1]))


def _week(name: str, year: int, number: int) -> Period:
    try:
        first = date.fromisocalendar(year, number, 1)
    except ValueError:
        raise ValidationError("%d年没有第 %d 周。" % (year, number)) from None
    return Period(name, first, first + timedelta(days=6))


def _until(name: str, year: int, month: int, day: int) -> Period:
    try:
        return Period(name, date(year, 1, 1), date(year, month, day))
    except ValueError:
        raise ValidationError("%d年%d月没有 %d 日。" % (year, month, day)) from None


def year_until(day: date) -> Period:
    """The year of the day until this day."""
    return parse_period(f"{day.year}D{day.month:02}{day.day:02}")


def week_period(day: date) -> Period:
    """The week with this day."""
    year, number, _weekday = day.isocalendar()
    return parse_period(f"{year}W{number:02}")


def month_period(day: date) -> Period:
    return parse_period(f"{day.year}-{day.month:02}")


def year_period(year: int) -> Period:
    return parse_period(str(year))
