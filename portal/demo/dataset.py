"""Read the files of `demo_city/` and derive the relative day on which each row is entered.

Days are relative to today; negative numbers are past.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Model
from django.utils import timezone

DAYS_BEFORE_FIRST_ROUND = 60
DAYS_TO_REVIEW = 4
"""Days from entry to registration or publication."""
DAYS_TO_SETTLE = 75
"""Days from entry to 已转化, 已解决, 暂停 or 下架."""
WAITING = {"draft", "office_review", "city_review", "district_review", "diagnosis"}
BEST_GRADE = 3
SHARE_AFTER_LAST_ROUND = 7
"""One row in 7 is entered after the last round, for the next round to match."""


def folder() -> Path:
    """Where the demo data of this city is. ValidationError for a city without."""
    if settings.CITY.demo_folder is None:
        raise ValidationError(
            "%(city)s的城市包没有演示数据。要试用请建立首批账号：manage.py create_first_accounts。"
            % {"city": settings.CITY.name}
        )
    path: Path = settings.CITY.demo_folder
    return path


@cache
def rows(kind: str) -> list[dict]:
    """The rows of `demo_city/<kind>.jsonl`."""
    return [json.loads(line) for line in (folder() / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()]


def day(days: int) -> date:
    """The date `days` from today."""
    return timezone.localdate() + timedelta(days=days)


def moment(days: int, hour: int = 9, minute: int = 0) -> datetime:
    """A time on that day in the local time zone."""
    return timezone.make_aware(datetime.combine(day(days), time(hour, minute)))


def month(months: int, *, last: bool = False) -> date:
    """The first (or last) day of the month `months` from now."""
    count = timezone.localdate().month - 1 + months + last
    first = date(timezone.localdate().year + count // 12, count % 12 + 1, 1)
    return first - timedelta(days=1) if last else first


def backdate_settlement(model: type[Model], pk: int, entered: int) -> None:
    """Date the status change DAYS_TO_SETTLE after the day of entry, but at least two days ago."""
    # Written directly: services only record today's date.
    settled = moment(min(entered + DAYS_TO_SETTLE, -2), 16)
    model.objects.filter(pk=pk).update(updated_at=settled, status_changed_at=settled)


def write_dates(model: type[Model], dates_by_key: Mapping[int, Mapping[str, datetime]]) -> None:
    """Set the moments of rows ({pk: {column: moment}}), in one UPDATE for all rows with the same columns."""
    # Written directly: services only record today's date.
    keys_by_columns = defaultdict(list)
    for key, dates in dates_by_key.items():
        keys_by_columns[tuple(dates)].append(key)
    table = connection.ops.quote_name(model._meta.db_table)
    for columns, keys in keys_by_columns.items():
        names = [connection.ops.quote_name(column) for column in columns]
        values = [[dates_by_key[key][column] for key in keys] for column in columns]
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} AS entry SET {', '.join(f'{name} = given.{name}' for name in names)}"  # noqa: S608
                f" FROM unnest(%s::bigint[]{', %s::timestamptz[]' * len(names)}) AS given (key, {', '.join(names)})"
                " WHERE entry.id = given.key",
                [keys, *values],
            )


def past_rounds() -> list[dict]:
    """The past rounds, oldest first."""
    return sorted((row for row in rows("rounds") if row["starts_in_days"] < 0), key=lambda row: row["starts_in_days"])


@cache
def entry_days(kind: str) -> dict[str, int]:
    """{row id: relative day of entry} of achievements or demands.

    Entries are spread evenly over the weeks before the round they first take part in; rows that await a review are at
    most five days old.
    """
    ends = [row["starts_in_days"] for row in past_rounds()] + [0]
    starts = [ends[0] - DAYS_BEFORE_FIRST_ROUND, *ends[:-1]]
    days = {row["id"]: -1 - position % 5 for position, row in enumerate(rows(kind))}
    settled = [row["id"] for row in rows(kind) if row["status"] not in WAITING]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        row_ids = [row_id for row_id in settled if _first_round(kind)[row_id] == number]
        last = end - 2 * DAYS_TO_REVIEW
        for position, row_id in enumerate(row_ids):
            days[row_id] = start + 1 + (last - start - 1) * position // len(row_ids)
    return days


@cache
def _first_round(kind: str) -> dict[str, int]:
    """{row id: index of the first past round it takes part in}; the number of past rounds if none.

    An achievement is entered for the first round that features it, a demand for the round of its best achievement.
    """
    rounds = past_rounds()
    if kind == "achievements":
        reasons = {row_id: number for number, past in reversed(list(enumerate(rounds))) for row_id in past["featured"]}
    else:
        best = {row["demand"]: row["achievement"] for row in rows("truth") if row["grade"] == BEST_GRADE}
        reasons = {demand: _first_round("achievements")[achievement] for demand, achievement in best.items()}
    return {
        row["id"]: reasons.get(row["id"], position % len(rounds) if position % SHARE_AFTER_LAST_ROUND else len(rounds))
        for position, row in enumerate(rows(kind))
    }
