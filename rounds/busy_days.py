"""Days on which officers and firms are busy although they are working days: 全国两会, 高考, and the city's own list.

Pure. The city's list is `rounds.models.AvoidedPeriod`; it comes as `BusyPeriod`, too.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

SESSIONS = {
    2023: (date(2023, 3, 4), date(2023, 3, 13)),
    2024: (date(2024, 3, 4), date(2024, 3, 11)),
    2025: (date(2025, 3, 4), date(2025, 3, 11)),
    2026: (date(2026, 3, 4), date(2026, 3, 12)),
}
"""全国两会: opening of the CPPCC to closing of the NPC. Other years: USUAL_SESSION.

2026 by the press conference of the NPC on 4 March 2026 (5 to 12 March) and the session of the CPPCC that opened that
day, as China News Service and others reported on it.
"""
USUAL_SESSION = ((3, 3), (3, 15))
"""Within these days the sessions lay in every year of the list."""
EXAMS = ((6, 7), (6, 9))
"""高考, every year."""


@dataclass(frozen=True)
class BusyPeriod:
    """Both ends included. `note`: what is not certain, or why."""

    name: str
    first: date
    last: date
    note: str = ""

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def words(self) -> str:
        """全国两会（3月4日至11日）."""
        days = f"{self.first.month}月{self.first.day}日"
        days += "" if self.last == self.first else f"至{_end_of(self)}"
        return f"{self.name}（{'，'.join(filter(None, (days, self.note)))}）"


def busy_periods(years: Collection[int], own: Collection[BusyPeriod] = ()) -> list[BusyPeriod]:
    """The periods of these years and the city's own ones, by date."""
    return sorted([*_national(years), *own], key=lambda period: (period.first, period.name))


def sessions_are_known(year: int) -> bool:
    return year in SESSIONS


def _national(years: Collection[int]) -> Iterator[BusyPeriod]:
    for year in years:
        first, last = SESSIONS.get(year) or (date(year, *day) for day in USUAL_SESSION)
        note = "" if sessions_are_known(year) else "会期没有收录，按往年推算，请核对"
        yield BusyPeriod("全国两会", first, last, note)
        yield BusyPeriod("高考", date(year, *EXAMS[0]), date(year, *EXAMS[1]))


def _end_of(period: BusyPeriod) -> str:
    if period.first.month == period.last.month:
        return f"{period.last.day}日"
    return f"{period.last.month}月{period.last.day}日"
