"""The index of a run: built from the rows that take part in it when it is prepared, and opened by every chunk.

An immediate run over a large registry does not build one: it extends that of the last batch by what has changed since.
All that was measured of the registry stays that of the batch, so the candidates of a demand that the batch has stored
(`StoredRanking`) only have to be compared with what is new.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import Item
from matching.items import achievement_items, demand_items, sorted_items
from matching.models import MatchRun, StoredRanking
from matching.shared_indexes import build_index, open_index
from matching.unmatched_items import SAVING

if TYPE_CHECKING:
    from matching.engine.extended_index import ExtendedIndex
    from matching.engine.ranking import DemandRanking, Index

log = logging.getLogger(__name__)

MIN_EXTENDED = 2000
"""The index of a smaller registry is built in a second or two, so it is always built anew."""
MOST_CHANGED = 0.1
"""Share of the achievements that may have changed since a batch: with more, its measures are of another registry."""
KEPT = 30
"""Candidates of a demand that a batch stores: more than are compared, because some may be withdrawn."""


def index_of_run(run: MatchRun) -> "Index | ExtendedIndex":
    """Return the index of a run: the stored one, else one of its rows as they are now."""
    if run.extension:
        if MatchRun.objects.filter(pk=run.extension["base"]).exists():
            return _extended(run.pk, run.snapshot_hash)
        run.extension = {}  # the batch was removed
        MatchRun.objects.filter(pk=run.pk).update(extension={})
    return _own_index(run)


def _own_index(run: MatchRun) -> "Index":
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
        lambda: sorted_items(achievement_items, Achievement.objects.all(), run.achievement_ids),
        lambda: sorted_items(demand_items, Demand.objects.all(), run.demand_ids),
        run.engine,
    )


def extension_of_batch(run: MatchRun) -> dict[str, Any]:
    """Return what an immediate run adds to the index of the last batch: `base`, `added`, `removed` and `demands`.

    {} if the registry is small, if too much has changed, or if there is no such batch.
    """
    return _extension(run.engine, run.achievement_ids, run.demand_ids) if run.is_immediate else {}


def extended_registry(engine: str, achievement_ids: Sequence[int]) -> "ExtendedIndex | None":
    """Return the index of the last batch with what has changed in the registry since, for demands that are not in it.

    None where an immediate run would build an index of its own.
    """
    from matching.engine.extended_index import ExtendedIndex

    extension = _extension(engine, achievement_ids, ())
    if not extension:
        return None
    base, added, _demands = _parts(extension)
    return ExtendedIndex(_own_index(base), added, extension["removed"])


def _extension(engine: str, achievement_ids: Sequence[int], demand_ids: Sequence[int]) -> dict[str, Any]:
    if len(achievement_ids) < MIN_EXTENDED:
        return {}
    done = MatchRun.objects.batches().done().filter(engine=engine, prepared_at__isnull=False)
    base = done.order_by("-queued_at").first()
    if base is None or not StoredRanking.objects.filter(run=base).exists():
        return {}
    since = base.queued_at - SAVING
    added, removed = _changes(achievement_ids, base.achievement_ids, Achievement.objects.filter(updated_at__gte=since))
    if len(added) + len(removed) > MOST_CHANGED * len(base.achievement_ids):
        return {}
    if open_index(base.snapshot_hash, engine) is None:
        return {}
    demands, _gone = _changes(demand_ids, base.demand_ids, Demand.objects.filter(updated_at__gte=since))
    return {"base": base.pk, "added": added, "removed": removed, "demands": demands}


def snapshot_of_extension(run: MatchRun) -> str:
    """Return the hash of what an extended index is made of, as it is now."""
    return _extension_hash(run.extension, *_parts(run.extension))


def _extension_hash(extension: dict[str, Any], base: MatchRun, added: list[Item], demands: list[Item]) -> str:
    digest = hashlib.sha256(repr((base.snapshot_hash, extension["removed"])).encode())
    for item in (*added, *demands):
        digest.update(repr((item.id, item.title, item.text)).encode())
    return digest.hexdigest()


def known_rankings(run: MatchRun, demand_ids: Sequence[int]) -> dict[int, Any]:
    """Return what the batch that a run extends has stored of these demands: {demand: KnownRanking}."""
    import numpy as np

    from matching.engine.extended_index import KnownRanking
    from matching.engine.ranking import RankedAchievement

    if not run.extension:
        return {}
    unchanged = set(demand_ids) - set(run.extension["demands"])
    rows = StoredRanking.objects.filter(run=run.extension["base"], demand__in=unchanged)
    return {
        row.demand_id: KnownRanking(
            [
                RankedAchievement(number, score, dict(zip(row.parts, values, strict=True)))
                for number, score, *values in row.candidates
            ],
            np.array(row.background),
            is_whole=row.is_whole,
        )
        for row in rows
    }


def stored_rankings(run: MatchRun, rankings: Iterable["DemandRanking"]) -> list[StoredRanking]:
    """Return unsaved rows of the rankings of a batch over a large registry, from which later runs continue."""
    if run.is_immediate:
        return []
    return [
        StoredRanking(
            run=run,
            demand_id=ranking.demand_id,
            parts=list(ranking.achievements[0].parts) if ranking.achievements else [],
            candidates=[
                [ranked.achievement_id, ranked.score, *ranked.parts.values()] for ranked in ranking.achievements
            ],
            background=ranking.background.tolist(),
            is_whole=len(ranking.achievements) >= ranking.profile.registry_size,
        )
        for ranking in rankings
        if ranking.background is not None and ranking.profile.registry_size >= MIN_EXTENDED
    ]


@lru_cache(maxsize=1)
def _extended(run_id: int, snapshot_hash: str) -> "ExtendedIndex":
    from matching.engine.extended_index import ExtendedIndex

    run = MatchRun.objects.get(pk=run_id)
    base, added, demands = _parts(run.extension)
    index = _own_index(base)
    if snapshot_hash != _extension_hash(run.extension, base, added, demands):
        log.warning("run %s: rows have changed since it was prepared; the rest is matched as it is now", run_id)
    return ExtendedIndex(index, added, run.extension["removed"], demands)


def _parts(extension: dict[str, Any]) -> tuple[MatchRun, list[Item], list[Item]]:
    added = achievement_items(Achievement.objects.filter(pk__in=extension["added"]).order_by("pk"))
    demands = demand_items(Demand.objects.filter(pk__in=extension["demands"]).order_by("pk"))
    return MatchRun.objects.get(pk=extension["base"]), list(added), list(demands)


def _changes(present: Sequence[int], before: Sequence[int], saved: QuerySet) -> tuple[list[int], list[int]]:
    """Return the numbers of rows that are new or were saved, and of those that are gone or were saved."""
    now, then = set(present), set(before)
    changed = set(saved.order_by().values_list("pk", flat=True)) & now
    return sorted((now - then) | changed), sorted((then - now) | (changed & then))
