"""What a run applies of what was learned: the ranker, the effects of decisions, and the level."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matching.engine.decision_effects import DecisionEffect, adjusted_score, applicable_effects, effect_from_json
from matching.models import Learned, MatchChunk, MatchRun

if TYPE_CHECKING:
    from matching.candidates import Candidate
    from matching.engine.calibration import Calibrator
    from matching.engine.ranker import Ranker

type StoredEffects = Mapping[str, Sequence[Mapping[str, Any]]]
"""`MatchChunk.effects`."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunScoring:
    """Ranker, calibrator and effects of a run. Without a ranker matches keep the prior's score, without a calibrator
    the engine's prior probability (`candidate_policy`). `effects`: by primary key of the demand."""

    ranker: "Ranker | None" = None
    calibrator: "Calibrator | None" = None
    effects: dict[int, list[DecisionEffect]] = field(default_factory=dict)

    @classmethod
    def of_run(
        cls, run: MatchRun, demand_ids: Sequence[int], stored_effects: StoredEffects | None = None
    ) -> "RunScoring":
        """Load the rows that the run's parameters name, and the effects on these demands that were stored when the run
        was prepared. A missing or damaged row is left out and noted on the run.

        `stored_effects`: those of the chunk that has these demands, if the caller has read it.
        """
        ranker = _load(run, "ranker")
        levels = None if ranker else _load(run, "levels")
        calibrator = (ranker or levels or {}).get("calibrator")
        return cls(ranker["ranker"] if ranker else None, calibrator, _effects(run, demand_ids, stored_effects))

    def apply(self, match: "Candidate") -> None:
        """Replace the prior's score of a candidate by the final one and set its effects and level."""
        from matching.engine.candidates import level_of

        effects = self.effects.get(match.demand_id)
        verdicts = {fact["kind"]: fact["verdict"] for fact in match.facts} if self.ranker or effects else {}
        match.parts = {**match.parts, "prior": round(match.score / 100, 6)}
        if self.ranker:
            match.score = self.ranker.score(match.score, match.parts, verdicts)
        if effects:
            from matching.learning.affected import achievement_attributes

            match.effects = list(applicable_effects(effects, achievement_attributes(match.achievement), verdicts))
            match.score = adjusted_score(match.score, match.effects)
        if self.calibrator:
            match.probability = round(float(self.calibrator([match.score])[0]), 4)
            match.level = level_of(match.probability)


def learned_parameters(engine: str) -> dict:
    """Return the parameters {"ranker", "levels", "effects"} of a run that starts now: primary keys of rows in force."""
    parameters = {"effects": True}
    for kind in Learned.Kind.values:
        row = Learned.objects.in_force(kind, engine)
        parameters[kind] = row.pk if row else None
    return parameters


def _effects(run: MatchRun, demand_ids: Sequence[int], stored: StoredEffects | None) -> dict[int, list[DecisionEffect]]:
    wanted = set(demand_ids)
    if stored is None:
        chunks = MatchChunk.objects.filter(run=run, demand_ids__overlap=list(wanted))
        stored = {
            key: effects for of_chunk in chunks.values_list("effects", flat=True) for key, effects in of_chunk.items()
        }
    return {
        int(demand): [effect_from_json(effect) for effect in effects]
        for demand, effects in stored.items()
        if int(demand) in wanted
    }


def _load(run: MatchRun, kind: str) -> dict | None:
    """Return {"ranker", "calibrator"} of the row that the run names.

    If the row is missing or damaged, log an error, add a note to the run and return None.
    """
    from matching.engine.calibration import Calibrator
    from matching.engine.ranker import Ranker

    key = run.parameters.get(kind)
    if key is None:
        return None
    row = Learned.objects.filter(pk=key, kind=kind).first()
    try:
        if row is None or not row.is_intact:
            raise ValueError("missing" if row is None else "its checksum does not match")
        calibrator = Calibrator.from_json(row.parameters["scale"]) if row.parameters.get("scale") else None
        ranker = Ranker.from_json(row.parameters["ranker"]) if kind == "ranker" else None
        return {"calibrator": calibrator, "ranker": ranker}
    except (ValueError, KeyError, TypeError) as problem:
        log.error("run %s: %s #%s cannot be used (%s), the prior is used instead", run.pk, kind, key, problem)
        run.parameters = {**run.parameters, "note": f"{Learned.Kind(kind).label} #{key} 已丢失或损坏，本批次未使用"}
        MatchRun.objects.filter(pk=run.pk).update(parameters=run.parameters)
        return None
