"""The index of a run: built from the rows that take part in it when it is prepared, and opened by every chunk."""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import F, Func, QuerySet

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import Item
from matching.items import achievement_items, demand_items
from matching.models import MatchRun
from matching.shared_indexes import build_index, open_index

if TYPE_CHECKING:
    from matching.engine.ranking import Index

log = logging.getLogger(__name__)

READ_AT_A_TIME = 2000


def index_of_run(run: MatchRun) -> "Index":
    """Return the index of a run: the stored one, else one of its rows as they are now."""
    if run.snapshot_hash:
        index = open_index(run.snapshot_hash, run.engine)
        if index is not None:
            return index
    index = new_index_of_run(run)
    fingerprint = index.corpus.fingerprint
    if run.snapshot_hash and run.snapshot_hash != fingerprint:
        log.warning("run %s: its index was lost, and rows have changed since; the rest is matched as it is now", run.pk)
        MatchRun.objects.filter(pk=run.pk).update(snapshot_hash=fingerprint)
        run.snapshot_hash = fingerprint
    return index


def new_index_of_run(run: MatchRun) -> "Index":
    """Return the index of a run's rows as they are now, and store it if it is new."""
    return build_index(
        lambda: _read(achievement_items, Achievement.objects.filter(pk__in=_ids(run, "achievement_ids"))),
        lambda: _read(demand_items, Demand.objects.filter(pk__in=_ids(run, "demand_ids"))),
        run.engine,
    )


def _read(items, rows: QuerySet) -> Iterator[Item]:
    return items(rows.order_by("pk"))


def _ids(run: MatchRun, field: str) -> QuerySet:
    """The numbers of a column, as a query: a hundred thousand of them are no parameters."""
    numbers = MatchRun.objects.filter(pk=run.pk).annotate(item=Func(F(field), function="unnest"))
    return numbers.order_by().values("item")
