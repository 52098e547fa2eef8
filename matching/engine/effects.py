"""What a decision changes for later proposals: each reason has one stated effect, with a reach and an end.

An effect multiplies what words and facts add up to. It never removes a pair, and of one kind only one counts. It ends
with its time, when the decision is taken back, or when somebody lifts it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

STAGES = ("概念", "小试", "中试", "产业化")
LEAST, MOST = 0.3, 1.6
"""However many effects there are: the product stays within these."""


@dataclass(frozen=True, slots=True)
class Stated:
    """How a reason works. `factor` on the score's x, `days` from the decision on, `sentence` for people."""

    factor: float
    days: int
    sentence: str


STATED = {
    "has_supplier": Stated(0.6, 180, "该需求（及内容相近的需求）的其他推荐降低名次，180 天"),
    "indicator": Stated(0.75, 365, "该需求（及内容相近的需求）的推荐中，指标未达的降低名次，365 天"),
    "too_early": Stated(0.75, 365, "该需求（及内容相近的需求）的推荐中，阶段不高于这项成果的降低名次，365 天"),
    "price": Stated(0.8, 180, "该需求（及内容相近的需求）的推荐中，价格不低于这项成果的降低名次，180 天"),
    "field": Stated(
        0.75, 365, "该需求（及内容相近的需求）的推荐中，与这项成果同产业、与需求不同产业的降低名次，365 天"
    ),
    "twin_accepted": Stated(1.5, 365, "这项成果在内容相近的其他需求中提高名次，365 天"),
    "twin_rejected": Stated(0.5, 365, "这项成果在内容相近的其他需求中降低名次，365 天"),
}
REUSED = {"indicator", "too_early", "field"}
"""Reasons that speak about the pair: a near-copy of the need would get the same answer. A price or a supplier would
not."""


@dataclass(frozen=True, slots=True)
class Side:
    """What an effect needs to know of an achievement. `price_wan` None: negotiable or not said."""

    achievement: int
    stage: str | None = None
    price_wan: float | None = None
    industry: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect in force for one need. `of`: the achievement that was decided about; `needs_industry`: of the need."""

    kind: str
    decision: int
    of: Side
    needs_industry: int | None = None

    @property
    def stated(self) -> Stated:
        return STATED[self.kind]


class Felt(TypedDict):
    """What a match keeps of an effect that moved it."""

    kind: str
    decision: int
    factor: float


def ends(kind: str, made_on: date) -> date:
    """The last day of an effect."""
    return made_on + timedelta(days=STATED[kind].days)


def felt(effects: Iterable[Effect], side: Side, facts: dict[str, str]) -> list[Felt]:
    """Which of a need's effects move this pair: one of each kind, that of the latest decision."""
    found: dict[str, Felt] = {}
    for effect in sorted(effects, key=lambda one: one.decision):
        if _moves(effect, side, facts):
            found[effect.kind] = {
                "kind": effect.kind,
                "decision": effect.decision,
                "factor": effect.stated.factor,
            }
    return [found[kind] for kind in STATED if kind in found]


def moved(score: float, of: Sequence[Felt]) -> float:
    """The score 0–100 after effects: x of 100 (1 − e^−x) multiplied, so that order and bounds are kept."""
    if not of or not 0 < score < 100:
        return score
    factor = min(max(math.prod(one["factor"] for one in of), LEAST), MOST)
    return round(min(100 * -math.expm1(math.log1p(-score / 100) * factor), 99.9999), 4)


def _moves(effect: Effect, side: Side, facts: dict[str, str]) -> bool:
    same = effect.of.achievement == side.achievement
    if effect.kind in {"twin_accepted", "twin_rejected"}:
        return same
    if same:
        return False  # decided already: the decision itself stands on the match
    if effect.kind == "has_supplier":
        return True
    if effect.kind == "indicator":
        return facts.get("indicators") == "contradicts"
    if effect.kind == "too_early":
        return side.stage in STAGES and effect.of.stage in STAGES and _stage(side) <= _stage(effect.of)
    if effect.kind == "price":
        return None not in (side.price_wan, effect.of.price_wan) and side.price_wan >= effect.of.price_wan
    return side.industry is not None and side.industry == effect.of.industry != effect.needs_industry


def _stage(side: Side) -> int:
    return STAGES.index(side.stage)
