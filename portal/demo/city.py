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
DAYS_TO_SETTLE = 75
"""From the day a row is entered to the day it is transferred, solved, paused or withdrawn."""
WAITING = {"draft", "office_review", "city_review", "district_review", "diagnosis"}
BEST_GRADE = 3
SHARE_AFTER_LAST_ROUND = 7
"""One row in so many came after the last round: what the next one will find."""


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


def date_settled(model, pk: int, entered: int) -> None:
    """What came of a row entered so many days ago (negative) came some weeks later, and at least two days ago."""
    # Straight into the columns: no service may say that something happened on another day than today.
    settled = moment(min(entered + DAYS_TO_SETTLE, -2), 16)
    model.objects.filter(pk=pk).update(updated_at=settled, status_changed_at=settled)


def past_rounds() -> list[dict]:
    """The rounds that are over, oldest first."""
    return sorted((row for row in rows("rounds") if row["starts_in_days"] < 0), key=lambda row: row["starts_in_days"])


@cache
def entry_days(kind: str) -> dict[str, int]:
    """How many days ago (negative) each achievement or demand was entered, by its id.

    Each round meets something new, evenly spread over the weeks before it. What waits for a review is a few days old.
    """
    ends = [row["starts_in_days"] for row in past_rounds()] + [0]
    starts = [ends[0] - DAYS_BEFORE_FIRST_ROUND, *ends[:-1]]
    days = {row["id"]: -1 - position % 5 for position, row in enumerate(rows(kind))}
    settled = [row["id"] for row in rows(kind) if row["status"] not in WAITING]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        part = [row_id for row_id in settled if _first_round(kind)[row_id] == number]
        last = end - 2 * DAYS_TO_REVIEW
        for position, row_id in enumerate(part):
            days[row_id] = start + 1 + (last - start - 1) * position // len(part)
    return days


@cache
def _first_round(kind: str) -> dict[str, int]:
    """The number of the past round that an item took part in first; one more for what came after the last.

    An achievement was there for the first round that features it, a demand for the one with its best achievement.
    """
    rounds = past_rounds()
    if kind == "achievements":
        reasons = {row_id: number for number, one in reversed(list(enumerate(rounds))) for row_id in one["featured"]}
    else:
        best = {row["demand"]: row["achievement"] for row in rows("truth") if row["grade"] == BEST_GRADE}
        reasons = {demand: _first_round("achievements")[achievement] for demand, achievement in best.items()}
    return {
        row["id"]: reasons.get(row["id"], position % len(rounds) if position % SHARE_AFTER_LAST_ROUND else len(rounds))
        for position, row in enumerate(rows(kind))
    }
