"""What a run makes of what was learned: the ranker's score, the effects of single decisions, the level."""

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import timezone

from matching.engine.effects import Effect, felt, moved
from matching.models import Learned, Match, MatchRun

if TYPE_CHECKING:
    from matching.engine.likelihood import Scale
    from matching.engine.ranker import Ranker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Applied:
    """Nothing learned is the usual case: then a match keeps the prior's score and has no level."""

    ranker: "Ranker | None" = None
    scale: "Scale | None" = None
    effects: dict[int, list[Effect]] = field(default_factory=dict)

    @classmethod
    def of_run(cls, run: MatchRun) -> "Applied":
        """What the run named when it started. What is missing or damaged by now is left out, and the run says so."""
        from matching.learning.effects import effects_for

        ranker = _whole(run, "ranker")
        levels = None if ranker else _whole(run, "levels")
        scale = (ranker or levels or {}).get("scale")
        today = timezone.localdate(run.queued_at)
        effects = effects_for(run.demand_ids, today) if run.parameters.get("effects") else {}
        return cls(ranker["ranker"] if ranker else None, scale, effects)

    def to(self, match: Match) -> None:
        """Move the match's score from the prior's to the one that is shown, and say its level."""
        from matching.engine.likelihood import level_of

        facts = {fact["kind"]: fact["verdict"] for fact in match.facts}
        match.parts = {**match.parts, "prior": round(match.score / 100, 6)}
        if self.ranker:
            match.score = self.ranker.score(match.score, match.parts, facts)
        if mine := self.effects.get(match.demand_id):
            from matching.learning.effects import side_of

            match.effects = list(felt(mine, side_of(match.achievement), facts))
            match.score = moved(match.score, match.effects)
        if self.scale:
            match.probability = round(float(self.scale([match.score])[0]), 4)
            match.level = level_of(match.probability)


def named(engine: str) -> dict:
    """What a run that starts now should name in its parameters: {"ranker", "levels", "effects"}."""
    found = {"effects": True}
    for kind in Learned.Kind.values:
        row = Learned.objects.in_force(kind, engine)
        found[kind] = row.pk if row else None
    return found


def _whole(run: MatchRun, kind: str) -> dict | None:
    """{"ranker", "scale"} of the row that the run names; None, a line in the log and a note on the run if it is gone or
    damaged."""
    from matching.engine.likelihood import Scale
    from matching.engine.ranker import Ranker

    key = run.parameters.get(kind)
    if key is None:
        return None
    row = Learned.objects.filter(pk=key, kind=kind).first()
    try:
        if row is None or not row.is_intact:
            raise ValueError("missing" if row is None else "its checksum does not match")
        scale = Scale.of_json(row.parameters["scale"]) if row.parameters.get("scale") else None
        return {"scale": scale, "ranker": Ranker.of_json(row.parameters["ranker"]) if kind == "ranker" else None}
    except (ValueError, KeyError, TypeError) as problem:
        log.error("run %s: %s #%s cannot be used (%s), the prior is used instead", run.pk, kind, key, problem)
        run.parameters = {**run.parameters, "note": f"{Learned.Kind(kind).label} #{key} 已丢失或损坏，本批次未使用"}
        MatchRun.objects.filter(pk=run.pk).update(parameters=run.parameters)
        return None
