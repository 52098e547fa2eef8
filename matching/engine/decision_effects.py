"""Effects of decisions on later proposals (relevance feedback).

An effect multiplies the score's x (see `adjusted_score`). It never removes a pair; of each kind only one counts. It
ends after its number of days, or earlier if the decision is undone or a user lifts the effect.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NotRequired, TypedDict

from matching.engine.facts import STAGES

MIN_FACTOR, MAX_FACTOR = 0.3, 1.6
"""Bounds of the product of all factors of a pair."""


@dataclass(frozen=True, slots=True)
class EffectDefinition:
    """What a reason does: `factor` on the score's x, `days` from the decision on, `sentence` for users."""

    factor: float
    days: int
    sentence: str


# The stored name of a near-duplicate demand's decision about the same achievement.
DUPLICATE_ACCEPTED, DUPLICATE_REJECTED = "twin_accepted", "twin_rejected"
SIDE_UNFIT = "side_unfit"
"""A side's own word about a pair that no officer has decided: it lowers the pair itself."""

EFFECTS = {
    "has_supplier": EffectDefinition(0.6, 180, "该需求（及内容相近的需求）的其他推荐降低名次，180 天"),
    "indicator": EffectDefinition(0.75, 365, "该需求（及内容相近的需求）的推荐中，指标未达的降低名次，365 天"),
    "too_early": EffectDefinition(
        0.75, 365, "该需求（及内容相近的需求）的推荐中，阶段不高于这项成果的降低名次，365 天"
    ),
    "price": EffectDefinition(0.8, 180, "该需求（及内容相近的需求）的推荐中，价格不低于这项成果的降低名次，180 天"),
    "field": EffectDefinition(
        0.75, 365, "该需求（及内容相近的需求）的推荐中，与这项成果同产业、与需求不同产业的降低名次，365 天"
    ),
    DUPLICATE_ACCEPTED: EffectDefinition(1.5, 365, "这项成果在内容相近的其他需求中提高名次，365 天"),
    DUPLICATE_REJECTED: EffectDefinition(0.5, 365, "这项成果在内容相近的其他需求中降低名次，365 天"),
    SIDE_UNFIT: EffectDefinition(0.5, 365, "这一对降低名次，365 天"),
}
TRANSFERABLE_REASONS = {"indicator", "too_early", "field"}
"""Reasons that are about the pair, so that a near-duplicate demand would get the same answer. A price or a supplier is
about the firm."""


@dataclass(frozen=True, slots=True)
class AchievementAttributes:
    """The attributes of an achievement that effects depend on. `price_wan` (万元) is None if negotiable or unknown."""

    achievement: int
    stage: str | None = None
    price_wan: float | None = None
    industry: int | None = None
    institution: int | None = None


@dataclass(frozen=True, slots=True)
class DecisionEffect:
    """An effect that is in force for one demand.

    `achievement`: the achievement of the decision; `demand_industry`: the industry of the decision's demand. `side`:
    the side whose word it is, or "" for an officer's decision; `decision` is the number of either.
    `only_institution`: only achievements of this institution are affected.
    """

    kind: str
    decision: int
    achievement: AchievementAttributes
    demand_industry: int | None = None
    side: str = ""
    only_institution: int | None = None

    @property
    def definition(self) -> EffectDefinition:
        return EFFECTS[self.kind]


def effect_as_json(effect: DecisionEffect) -> list[Any]:
    """Return an effect as a list fit for JSON."""
    attributes = effect.achievement
    return [
        effect.kind,
        effect.decision,
        [attributes.achievement, attributes.stage, attributes.price_wan, attributes.industry, attributes.institution],
        effect.demand_industry,
        effect.side,
        effect.only_institution,
    ]


def effect_from_json(stored: Sequence[Any]) -> DecisionEffect:
    """Return the effect of which `effect_as_json` made the list."""
    kind, decision, attributes, demand_industry, side, only_institution = stored
    achievement = AchievementAttributes(*attributes)
    return DecisionEffect(kind, decision, achievement, demand_industry, side=side, only_institution=only_institution)


class AppliedEffect(TypedDict):
    """The record of an applied effect that is stored with a match. `side`: as of `DecisionEffect`, if it is not ""."""

    kind: str
    decision: int
    factor: float
    side: NotRequired[str]


def last_day(kind: str, decided_on: date) -> date:
    """Return the last day of an effect."""
    return decided_on + timedelta(days=EFFECTS[kind].days)


def applicable_effects(
    effects: Iterable[DecisionEffect], achievement: AchievementAttributes, facts: Mapping[str, str]
) -> list[AppliedEffect]:
    """Return the effects of a demand that apply to a pair: of each kind that of the latest decision, or of the latest
    word of a side if no officer has decided so.

    `facts`: verdict of each fact kind of the pair.
    """
    latest: dict[str, AppliedEffect] = {}
    for effect in sorted(effects, key=lambda effect: (not effect.side, effect.decision)):
        if _applies(effect, achievement, facts):
            applied: AppliedEffect = {
                "kind": effect.kind,
                "decision": effect.decision,
                "factor": effect.definition.factor,
            }
            latest[effect.kind] = applied | {"side": effect.side} if effect.side else applied
    return [latest[kind] for kind in EFFECTS if kind in latest]


def adjusted_score(score: float, effects: Sequence[AppliedEffect]) -> float:
    """Return the score 0–100 after effects: x of 100 (1 − e^−x) is multiplied by the factors' product."""
    if not effects or not 0 < score < 100:
        return score
    factor = min(max(math.prod(effect["factor"] for effect in effects), MIN_FACTOR), MAX_FACTOR)
    return round(min(100 * -math.expm1(math.log1p(-score / 100) * factor), 99.9999), 4)


def _applies(effect: DecisionEffect, achievement: AchievementAttributes, facts: Mapping[str, str]) -> bool:
    decided = effect.achievement
    is_same = decided.achievement == achievement.achievement
    if effect.only_institution not in (None, achievement.institution):
        return False
    if effect.kind in {DUPLICATE_ACCEPTED, DUPLICATE_REJECTED, SIDE_UNFIT}:
        return is_same
    if is_same:
        return False  # the match of the decision itself
    if effect.kind == "has_supplier":
        return True
    if effect.kind == "indicator":
        return facts.get("indicators") == "contradicts"
    if effect.kind == "too_early":
        return _is_not_later(achievement.stage, decided.stage)
    if effect.kind == "price":
        return (
            achievement.price_wan is not None
            and decided.price_wan is not None
            and achievement.price_wan >= decided.price_wan
        )
    return achievement.industry is not None and achievement.industry == decided.industry != effect.demand_industry


def _is_not_later(stage: str | None, other: str | None) -> bool:
    if stage not in STAGES or other not in STAGES:
        return False
    return STAGES.index(stage) <= STAGES.index(other)
