"""Preparation of a run, in a task: its index, and what decisions change in each of its chunks.

A chunk afterwards reads neither the texts of the registry nor the decisions. Each step can be repeated.
"""

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from matching.engine.decision_effects import effect_as_json
from matching.models import MatchChunk, MatchRun
from matching.run_index import extension_of_batch, new_index_of_run, snapshot_of_extension
from matching.shared_indexes import lock_of

log = logging.getLogger(__name__)

CHUNKS_AT_A_TIME = 200


def prepare_run(run_id: int) -> bool:
    """Prepare a run once; returns whether it is prepared. False if it is over, or if another process is at it."""
    with lock_of(f"run-{run_id}") as is_free:
        run = MatchRun.objects.filter(pk=run_id, status=MatchRun.Status.QUEUED).first()
        if run is None:
            return False
        if run.prepared_at is not None:
            return True
        if not is_free:
            return False
        run.extension = extension_of_batch(run)
        fingerprint = snapshot_of_extension(run) if run.extension else new_index_of_run(run).corpus.fingerprint
        effects = _effects(run)
        with transaction.atomic():
            if MatchRun.objects.select_for_update().filter(pk=run_id, prepared_at=None).exists():
                _write_effects(run, effects)
                run.snapshot_hash, run.prepared_at = fingerprint, timezone.now()
                run.save(update_fields=["snapshot_hash", "prepared_at", "extension"])
    return True


def _effects(run: MatchRun) -> dict[int, list[Any]]:
    """Return {demand: effects in force when the run was queued}."""
    from matching.learning.decision_effects import effects_for  # imports NumPy and SciPy

    if not run.parameters.get("effects"):
        return {}
    effects = effects_for(run.demand_ids, timezone.localdate(run.queued_at))
    return {demand: [effect_as_json(effect) for effect in of_demand] for demand, of_demand in effects.items()}


def _write_effects(run: MatchRun, effects: dict[int, list[Any]]) -> None:
    touched = []
    for chunk in run.chunks.filter(finished_at=None).iterator(chunk_size=CHUNKS_AT_A_TIME):
        chunk.effects = {str(demand): effects[demand] for demand in chunk.demand_ids if demand in effects}
        if chunk.effects:
            touched.append(chunk)
    MatchChunk.objects.bulk_update(touched, ["effects"], batch_size=CHUNKS_AT_A_TIME)
