"""Periods for which figures are counted: a year, a quarter or a month, in the time zone of the city."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

PERIOD_PATTERN = re.compile(r"(20\d\d)(?:Q([1-4])|-(0[1-9]|1[0-2]))?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """First and last day are inclusive. `name` is the URL value: 2026, 2026Q3, 2026-09."""

    name: str
    first: date
    last: date

    @property
    def year(self) -> int:
        return self.first.year

    @property
    def label(self) -> str:
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
    def is_year(self) -> bool:
        return len(self.name) == 4

    def quarters(self) -> list["Period"]:
        return [parse_period(f"{self.year}Q{number}") for number in range(1, 5)]

    def months(self) -> list["Period"]:
        return [parse_period(f"{self.year}-{number:02}") for number in range(1, 13)]


def parse_period(text: str) -> Period:
    """Parse 2026, 2026Q3 or 2026-09; an empty text is this year. Raises ValidationError."""
    text = (text or str(timezone.localdate().year)).strip().upper()
    match = PERIOD_PATTERN.fullmatch(text)
    if match is None:
        raise ValidationError(
            "“%(text)s”不是期间。请写年（2026）、季度（2026Q3）或月（2026-09）。" % {"text": text[:20]}
        )
    year, quarter, month = match.groups()
    first, last = (1, 12) if not quarter and not month else (int(month), int(month)) if month else (0, 0)
    if quarter:
        first, last = 3 * int(quarter) - 2, 3 * int(quarter)
    return Period(text, date(int(year), first, 1), date(int(year), last, monthrange(int(year), last)[1]))


def year_period(year: int) -> Period:
    return parse_period(str(year))
