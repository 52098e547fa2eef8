"""Achievements and demands that no run has matched as they are now: published, resumed, or changed since.

What takes part in matching is compared with `MatchedAchievement` and `MatchedDemand`. So nothing is forgotten if a
message to a worker is lost, and whoever changes an item need not know of the matching.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Q, QuerySet

from achievements.models import Achievement
from demands.models import Demand
from matching.items import ACHIEVEMENT_TEXTS, DEMAND_TEXTS
from matching.models import MatchedAchievement, MatchedDemand, MatchRun

READ_AT_A_TIME = 500
SAVING = timedelta(seconds=1)
"""An item that was saved so shortly before a batch may have been committed after the batch has read it."""
ACHIEVEMENT_FIELDS = (
    *ACHIEVEMENT_TEXTS,
    *("economics", "limits", "maturity_evidence", "maturity_bucket", "stage", "transfer_ways", "willingness"),
    *("price_min_wan", "price_max_wan", "transferred_note", "industry_id"),
)
DEMAND_FIELDS = (
    *DEMAND_TEXTS,
    *("transfer_ways", "budget_min_wan", "budget_max_wan", "period_text", "period_end", "industry_id"),
)
"""What the engine reads of an item: its texts, and the columns of `matching.facts`."""
INDICATOR_FIELDS = ("name", "comparison", "value", "value_to", "unit", "condition")


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item as it is now. `is_changed`: it differs from what the last run has read, or no run has read it."""

    pk: int
    content_hash: str
    seen_at: datetime
    is_changed: bool


@dataclass(frozen=True, slots=True)
class _Side[M: (MatchedAchievement, MatchedDemand)]:
    matched: type[M]
    fields: tuple[str, ...]
    owner: str

    def participating(self) -> QuerySet:
        if self.matched is MatchedDemand:
            return Demand.objects.open()
        return Achievement.objects.available()

    def unseen(self) -> QuerySet:
        """Those that take part in matching and are new or saved since a run has read them."""
        return self.participating().filter(Q(matched=None) | ~Q(matched__seen_at=F("updated_at")))

    def states(self, rows: QuerySet) -> Iterator[ItemState]:
        rows = rows.select_related(self.owner, "matched").prefetch_related("indicators").order_by("pk")
        for row in rows.iterator(chunk_size=READ_AT_A_TIME):
            content_hash = hash_content(row, self.fields, getattr(row, self.owner).stat_region_id)
            known = getattr(row, "matched", None)
            yield ItemState(row.pk, content_hash, row.updated_at, known is None or known.content_hash != content_hash)


ACHIEVEMENTS = _Side(MatchedAchievement, ACHIEVEMENT_FIELDS, "institution")
DEMANDS = _Side(MatchedDemand, DEMAND_FIELDS, "firm")


def hash_content(row: Achievement | Demand, fields: Sequence[str], region_id: int | None) -> str:
    """SHA-256 (hex) of what the engine reads of a row. Reads its indicators."""
    values: list[Any] = [getattr(row, field) for field in fields]
    indicators = [[getattr(indicator, field) for field in INDICATOR_FIELDS] for indicator in row.indicators.all()]
    return hashlib.sha256(json.dumps([values, indicators, region_id], cls=DjangoJSONEncoder).encode()).hexdigest()


def forget_absent() -> None:
    """Forget what was read of items that take no part in matching now.

    When they return, they are matched again: what was published meanwhile was not compared with them.
    """
    for side in (ACHIEVEMENTS, DEMANDS):
        side.matched._default_manager.exclude(item__in=side.participating().values("pk")).delete()


def take_unmatched(side: _Side) -> list[ItemState]:
    """Return the items that have to be matched. Of those that were saved without a change for the engine, note it."""
    states = list(side.states(side.unseen()))
    for state in states:
        if not state.is_changed:
            side.matched._default_manager.filter(pk=state.pk).update(seen_at=state.seen_at)
    return [state for state in states if state.is_changed]


def remember[M: (MatchedAchievement, MatchedDemand)](
    side: _Side[M], states: Iterable[ItemState], run: MatchRun
) -> None:
    """Note that `run` reads these items as they are."""
    side.matched._default_manager.bulk_create(
        [
            side.matched(item_id=state.pk, run=run, content_hash=state.content_hash, seen_at=state.seen_at)
            for state in states
        ],
        update_conflicts=True,
        unique_fields=["item"],
        update_fields=["run", "content_hash", "seen_at"],
        batch_size=1000,
    )


def remember_batch(run: MatchRun) -> None:
    """Note what a batch has read: its items that were not saved since, or while it was queued."""
    before = run.queued_at - SAVING
    remember(ACHIEVEMENTS, _read_before(ACHIEVEMENTS, run.achievement_ids, before), run)
    remember(DEMANDS, _read_before(DEMANDS, run.demand_ids, before), run)


def _read_before(side: _Side, ids: Sequence[int], before: datetime) -> Iterator[ItemState]:
    return side.states(side.unseen().filter(pk__in=ids, updated_at__lt=before))
