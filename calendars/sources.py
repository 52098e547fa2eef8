"""Where the entries of a user's calendar come from: each app registers its source in `AppConfig.ready()`.

A source takes the user and returns what the user may read of the user's own appointments. Names of firms come from
`accounts.names`, as on a page: a calendar program keeps what it has read.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One entry: from `starts_at` to `ends_at`, or all of `day`.

    `key` identifies it for ever, also in other calendars of the platform; `sequence` grows with each change of its
    time. `changed_at`: when it was last changed; the same entry has the same value, so that nothing new is sent.
    `path`: the page that tells more. `is_transparent`: the time stays free in the user's calendar, as all of `day`.
    """

    key: str
    summary: str
    sequence: int
    changed_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    day: date | None = None
    description: str = ""
    location: str = ""
    path: str = ""
    is_cancelled: bool = False
    is_transparent: bool = False


type CalendarSource = Callable[[User], Iterable[CalendarEvent]]

_sources: dict[str, CalendarSource] = {}


def register_source(name: str, source: CalendarSource) -> None:
    """Add a source. `name` is that of its app and appears in the log if the source fails."""
    _sources[name] = source


def events_of(user: User) -> list[CalendarEvent]:
    """The entries of all sources, by key: the order does not depend on the database."""
    events = [event for source in _sources.values() for event in source(user)]
    return sorted(events, key=lambda event: event.key)
