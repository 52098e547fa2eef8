"""How often officers accepted what the reader graded 0, 1, 2 and 3."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from matching.learning.training_examples import latest_verdicts
from matching.models import PairReading
from matching.reader.grade_probabilities import GradeProbabilities


@dataclass(frozen=True, slots=True)
class GradedDecision:
    """A decided match that the reader had graded before. `void`: void statements, `statements`: valid ones."""

    match_id: int
    demand_id: int
    grade: int
    model: str
    is_accepted: bool
    statements: int
    void: int


def graded_decisions(matches=None, *, model: str = "") -> list[GradedDecision]:
    """Return the latest verdict on each match that was graded before it was decided. `model`: only that model's.

    The reading counts that was the latest when the officer decided. Two queries.
    """
    before = PairReading.objects.filter(
        demand=OuterRef("match__demand"), achievement=OuterRef("match__achievement"), read_at__lte=OuterRef("made_at")
    ).order_by("-read_at", "-pk")
    decisions = list(
        latest_verdicts(matches).annotate(reading=Subquery(before.values("pk")[:1])).select_related("match")
    )
    readings = PairReading.objects.in_bulk({row.reading for row in decisions if row.reading})
    rows = []
    for decision in decisions:
        reading = readings.get(decision.reading)
        if reading is not None and model in ("", reading.model):
            rows.append(
                GradedDecision(
                    match_id=decision.match_id,
                    demand_id=decision.match.demand_id,
                    grade=reading.grade,
                    model=reading.model,
                    is_accepted=decision.is_acceptance,
                    statements=len(reading.statements),
                    void=reading.void,
                )
            )
    return rows


def grade_probabilities(model: str) -> GradeProbabilities:
    """Return the probabilities of a model's grades from the decisions made so far."""
    decided: dict[int, tuple[int, int]] = {}
    for row in graded_decisions(model=model):
        accepted, number = decided.get(row.grade, (0, 0))
        decided[row.grade] = (accepted + row.is_accepted, number + 1)
    return GradeProbabilities(decided)
