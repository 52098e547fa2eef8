"""What waits for a user (待办): each app registers a source in `AppConfig.ready()`.

A source returns, for a user, one `OpenWork` for each kind of work: a queryset of the rows that wait, with owner and
clock. Every count and every list of open work is read from that queryset, so that a number always agrees with its list.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Min, Model, Q, QuerySet, Value
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.models import User
from core.workdays import add_workdays


@dataclass(frozen=True)
class Clock:
    """Since when a row waits, and until when it may.

    since: lookup of a date or a moment. The row is due on the day that `due` (a lookup of a
    date) names, or `days` or `workdays` after `since`; without any of them it waits without a due day. `is_late`: all
    rows are late, each by a rule of its own.
    """

    since: str
    due: str = ""
    days: int = 0
    workdays: int = 0
    is_late: bool = False

    @property
    def is_limited(self) -> bool:
        return bool(self.due or self.days or self.workdays or self.is_late)

    def due_on(self, since: date | None, due: date | None) -> date | None:
        if self.due or since is None or not (self.days or self.workdays):
            return due
        return add_workdays(since, self.workdays) if self.workdays else since + timedelta(days=self.days)

    def overdue(self) -> Q:
        """Condition on a row: it is late today."""
        today = timezone.localdate()
        if self.is_late:
            return Q(pk__isnull=False)
        if self.due:
            return Q(**{f"{self.due}__lt": today})
        if not self.is_limited:
            return Q(pk__in=[])
        last = today - timedelta(days=self.days + 1)
        while self.workdays and add_workdays(last, self.workdays) >= today:
            last -= timedelta(days=1)
        # A moment in a comparison with a day is taken as the day in the local zone.
        begin = timezone.make_aware(datetime.combine(last + timedelta(days=1), datetime.min.time()))
        return Q(**{f"{self.since}__lt": begin})


@dataclass(frozen=True)
class OpenWork:
    """One kind of work that waits for the user.

    rows: those that wait; `key` names their list, /workbench/work/<key>/. url: the page where the work is done, with
    the same rows; `action` labels its button. owner: the office that has to act; `owner_of(row)`: the person or
    office of one row, if it differs. title_of, url_of: name and page of a row, as this user may read them.
    is_watched: others have to act, the user looks after it; it is never the user's next step.
    """

    key: str
    label: str
    rows: QuerySet[Any]
    clock: Clock
    url: str
    action: str
    owner: str
    url_of: Callable[[Any], str]
    title_of: Callable[[Any], str] = str
    owner_of: Callable[[Any], str] | None = None
    is_watched: bool = False

    def waiting(self, *, overdue_only: bool = False) -> QuerySet[Any]:
        """The rows, the most urgent first, with `waits_since`."""
        rows = self.rows.annotate(waits_since=F(self.clock.since))
        rows = rows.filter(self.clock.overdue()) if overdue_only else rows
        return rows.order_by(*([self.clock.due] if self.clock.due else []), "waits_since", "pk")


@dataclass(frozen=True)
class WorkSummary:
    """since: the longest waiting row; due_on: the next due day, which has passed if rows are overdue."""

    work: OpenWork
    number: int
    overdue: int
    since: date | None
    due_on: date | None


@dataclass(frozen=True)
class WorkEntry:
    """One row of a list of open work. late_days: since the due day, 0 while there is time."""

    title: str
    url: str
    owner: str
    since: date | None
    due_on: date | None
    late_days: int


type WorkSource = Callable[[User], Iterable[OpenWork]]

_sources: dict[str, tuple[int, WorkSource]] = {}


def register_source(name: str, source: WorkSource, *, order: int = 50) -> None:
    """Add a source. `name` is that of its app; sources with a smaller `order` come first."""
    _sources[name] = (order, source)


def open_work_of(user: User) -> list[OpenWork]:
    """All kinds of work of a user, also those of which nothing waits."""
    ordered = sorted(_sources.items(), key=lambda item: (item[1][0], item[0]))
    return [work for _name, (_order, source) in ordered for work in source(user)]


def summaries_of(user: User) -> list[WorkSummary]:
    """The kinds of which something waits. One query for all kinds, besides those that the sources need themselves."""
    return [summary for summary in _summaries(open_work_of(user)) if summary.number]


def summarise(work: OpenWork) -> WorkSummary:
    return _summary(work, work.rows.order_by().aggregate(**_aggregates(work)))


def _summaries(works: list[OpenWork]) -> list[WorkSummary]:
    """Each kind is a scalar subquery of one statement, which gives its aggregates as one JSON object.

    The subqueries are put together as SQL: as expressions of a queryset Django would copy and resolve each of their
    parts once more, which took half of the processor time of the page.
    """
    parts, parameters = [], []
    for work in works:
        rows = work.rows.order_by().values(all_rows=Value(1)).annotate(summary=JSONObject(**_aggregates(work)))
        try:
            sql, values = rows.values("summary").query.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            sql, values = "NULL", ()
        parts.append(f"({sql})")
        parameters += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        row = cursor.fetchone()
    return [_summary(work, _from_json(values)) for work, values in zip(works, row, strict=True)]


def _aggregates(work: OpenWork) -> dict[str, Any]:
    parts: dict[str, Any] = {"number": Count("pk", distinct=True), "since": Min(work.clock.since)}
    if work.clock.is_limited:
        parts["overdue"] = Count("pk", distinct=True, filter=work.clock.overdue())
    if work.clock.due:
        parts["due"] = Min(work.clock.due)
    return parts


def _from_json(text: str | None) -> dict[str, Any]:
    """Aggregates with their dates and moments, which JSON has as texts. None: no row, not even a group."""
    if text is None:
        return {"number": 0, "since": None}
    values = json.loads(text)
    texts = {name: values[name] for name in ("since", "due") if values.get(name)}
    return values | {name: (parse_datetime if "T" in text else parse_date)(text) for name, text in texts.items()}


def _summary(work: OpenWork, values: dict[str, Any]) -> WorkSummary:
    since = as_day(values["since"])
    due_on = work.clock.due_on(since, values.get("due"))
    return WorkSummary(work, values["number"], values.get("overdue", 0), since, due_on)


def entries_of(work: OpenWork, rows: Iterable[Model]) -> list[WorkEntry]:
    """Rows of `work.waiting()` for a page."""
    today, owner_of = timezone.localdate(), work.owner_of or (lambda row: work.owner)
    entries = []
    for row in rows:
        since = as_day(row.waits_since)  # type: ignore[attr-defined]  # annotated by `waiting`
        due_on = work.clock.due_on(since, getattr(row, work.clock.due) if work.clock.due else None)
        late = (today - due_on).days if due_on else 0
        entries.append(
            WorkEntry(work.title_of(row), work.url_of(row), owner_of(row) or work.owner, since, due_on, max(late, 0))
        )
    return entries


def as_day(value: date | datetime | None) -> date | None:
    """The local day of a date or a moment."""
    return timezone.localdate(value) if isinstance(value, datetime) else value
