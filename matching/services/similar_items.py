"""相似成果 and 相似需求: recomputed in a worker when an item was published or changed.

A refresh works through the items in batches, each written in a short transaction with the place where the next one
begins. A killed worker or a long refresh is continued by the next task.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import Item
from matching.items import achievement_items, public_demand_items, sorted_items
from matching.models import SimilarAchievement, SimilarDemand, SimilarRefresh
from matching.shared_indexes import build_index, lock_of, open_index

if TYPE_CHECKING:
    from matching.engine.extended_index import ExtendedIndex
    from matching.engine.ranking import DemandRanking, Index, RankedAchievement

SIMILARITY_ENGINE = "p2"
"""Two items of one kind are compared as wholes: the sentences of one are no queries to the other."""
MIN_SIMILARITY = 50.0
"""Least score (0–100) at which two items are shown as similar."""
SHOWN = 4
KEPT = 8
"""Number stored per item: more than shown, because some may be withdrawn before the next computation."""
MAX_FULL_REFRESH = 2000
"""Up to this number of items, each change recomputes all (ten seconds); above it, only the changed items, and all items
once a night."""
BATCH = 500
WORK_FOR = timedelta(minutes=4)
"""A task ends after this time and leaves the rest to the next one, so that it does not hold a worker."""
SAVING = timedelta(seconds=1)
"""A change that was saved so shortly before an index was read may have been committed afterwards."""


def refresh_similar(*, always: bool = False) -> int:
    """Recompute the similar items of each kind in which something changed; returns the number of rows written.

    `always`: recompute everything. Runs in a worker; if another worker of the host is already at it, returns 0. Readers
    leave out items that were withdrawn since.
    """
    until = time.monotonic() + WORK_FOR.total_seconds()
    with lock_of("similar-items") as is_free:
        if not is_free:
            return 0
        achievements = _Side("achievement", SimilarAchievement, Achievement.objects.published(), achievement_items)
        demands = _Side("demand", SimilarDemand, Demand.objects.published(), public_demand_items)
        return sum(side.refresh(always=always, until=until) for side in (achievements, demands))


class _Side:
    """The published items of one kind."""

    def __init__(
        self, kind: str, similar: Any, published: QuerySet[Any], items: Callable[[QuerySet[Any]], Iterable[Item]]
    ) -> None:
        self.kind, self.similar, self.published, self.items = kind, similar, published, items

    def refresh(self, *, always: bool, until: float) -> int:
        """Begin a refresh if something has changed, or continue the one that was begun; returns the rows written."""
        refresh = SimilarRefresh.objects.get_or_create(kind=self.kind)[0]
        if (refresh.is_over or always) and not self._begin(refresh, always=always):
            return 0
        index, written = self._index(refresh), 0
        while True:
            asked = list(self.items(self._wanted(refresh).filter(pk__gt=refresh.after).order_by("pk")[:BATCH]))
            rows = self._similar_rows(index, asked)
            with transaction.atomic():
                self.similar.objects.filter(item__in=[item.id for item in asked]).delete()
                self.similar.objects.bulk_create(rows, batch_size=5000)
                refresh.is_over = len(asked) < BATCH
                refresh.after = asked[-1].id if asked else refresh.after
                refresh.save(update_fields=["is_over", "after"])
            written += len(rows)
            if refresh.is_over or time.monotonic() >= until:
                return written

    def _begin(self, refresh: SimilarRefresh, *, always: bool) -> bool:
        """Note what the next refresh has to compute; False if nothing has."""
        begun_at, count = timezone.now(), self.published.count()
        refresh.since = None if always or refresh.begun_at is None else refresh.begun_at
        if count < 2 or not self._wanted(refresh).exists():
            return False
        if count <= MAX_FULL_REFRESH:
            refresh.since = None
        refresh.begun_at, refresh.after, refresh.is_over = begun_at, 0, False
        refresh.save()
        return True

    def _wanted(self, refresh: SimilarRefresh) -> QuerySet[Any]:
        return self.published if refresh.since is None else self._saved_since(refresh.since)

    def _saved_since(self, moment: Any) -> QuerySet[Any]:
        return self.published.filter(Q(updated_at__gt=moment) | Q(published_at__gt=moment))

    def _index(self, refresh: SimilarRefresh) -> "Index | ExtendedIndex":
        """Return the index of the last full refresh with what was saved since, or for a full refresh a new one."""
        is_begun, kind = refresh.since is None and refresh.after > 0, f"similar {self.kind}"
        index = open_index(refresh.snapshot_hash, SIMILARITY_ENGINE, kind) if refresh.since or is_begun else None
        if index is None:
            indexed_at = timezone.now()
            index = build_index(self._all_items, self._all_items, SIMILARITY_ENGINE, kind)
            refresh.snapshot_hash, refresh.indexed_at = index.corpus.fingerprint, indexed_at
            refresh.save(update_fields=["snapshot_hash", "indexed_at"])
            return index
        if refresh.since is None:
            return index
        from matching.engine.extended_index import ExtendedIndex

        since = (refresh.indexed_at or refresh.since or timezone.now()) - SAVING
        changed = list(self.items(self._saved_since(since).order_by("pk")))
        return ExtendedIndex(index, changed, [int(item.id) for item in changed])

    def _all_items(self) -> Iterable[Item]:
        return sorted_items(self.items, self.published)

    def _similar_rows(self, index: Any, asked: Sequence[Item]) -> list[Any]:
        now = timezone.now()
        return [
            self.similar(
                item_id=ranking.demand_id, other_id=near.achievement_id, place=place, score=near.score, made_at=now
            )
            for ranking in index.rank(asked, k=KEPT + 1)
            for place, near in enumerate(_similar(ranking), start=1)
        ]


def _similar(ranking: "DemandRanking") -> list["RankedAchievement"]:
    """Return the similar items of a ranking without the item itself."""
    return [
        ranked
        for ranked in ranking.achievements
        if ranked.achievement_id != ranking.demand_id and ranked.score >= MIN_SIMILARITY
    ]
