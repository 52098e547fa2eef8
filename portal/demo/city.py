"""The files of `demo_city/`, and when in the city's invented past each of their rows happened."""

import json
from datetime import date, datetime, time, timedelta
from functools import cache

from django.conf import settings
from django.utils import timezone

FOLDER = settings.BASE_DIR / "demo_city"
DAYS_BEFORE_FIRST_ROUND = 60
DAYS_TO_REVIEW = 4
"""From the day a row is entered to the day it is registered or published."""


@cache
def rows(kind: str) -> list[dict]:
    """The rows of one file, as they stand there."""
    return [json.loads(line) for line in (FOLDER / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()]


def day(days: int) -> date:
    """So many days from today; negative is past."""
    return timezone.localdate() + timedelta(days=days)


def moment(days: int, hour: int = 9, minute: int = 0) -> datetime:
    """A time of that day, in the city's time zone."""
    return timezone.make_aware(datetime.combine(day(days), time(hour, minute)))


def month(months: int, *, last: bool = False) -> date:
    """The first (or last) day of the month so many months from now."""
    count = timezone.localdate().month - 1 + months + last
    first = date(timezone.localdate().year + count // 12, count % 12 + 1, 1)
    return first - timedelta(days=1) if last else first


def past_rounds() -> list[dict]:
    """The rounds that are over, oldest first."""
    return sorted((row for row in rows("rounds") if row["starts_in_days"] < 0), key=lambda row: row["starts_in_days"])


@cache
def entry_days(kind: str) -> dict[str, int]:
    """How many days ago (negative) each achievement or demand was entered, by its id.

    A row is there before the first round that features it; the others are spread evenly over the rounds and the
    weeks after the last one, so that every round meets something new. What waits for a review is a few days old.
    """
    rounds = past_rounds()
    ends = [row["starts_in_days"] for row in rounds] + [0]
    starts = [ends[0] - DAYS_BEFORE_FIRST_ROUND, *ends[:-1]]
    featured = {row: number for number, one in reversed(list(enumerate(rounds))) for row in one["featured"]}
    parts = [[] for _ in ends]
    for position, row in enumerate(rows(kind)):
        if row["status"] in {"draft", "office_review", "city_review", "district_review", "diagnosis"}:
            continue
        parts[featured.get(row["id"], position % len(parts))].append(row["id"])
    days = {row["id"]: -1 - position % 5 for position, row in enumerate(rows(kind))}
    for start, end, part in zip(starts, ends, parts, strict=True):
        last = end - 2 * DAYS_TO_REVIEW
        for position, row_id in enumerate(part):
            days[row_id] = start + 1 + (last - start - 1) * position // len(part)
    return days
