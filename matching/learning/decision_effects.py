"""The decisions that affect proposals now. Effects are computed from the decisions and not stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching.engine.decision_effects import (
    DUPLICATE_ACCEPTED,
    DUPLICATE_REJECTED,
    EFFECTS,
    TRANSFERABLE_REASONS,
    AchievementAttributes,
    DecisionEffect,
    last_day,
)
from matching.engine.near_duplicates import NearDuplicates
from matching.facts import STAGES
from matching.items import demand_items
from matching.learning.training_examples import latest_verdicts
from matching.models import Decision

LONGEST = timedelta(days=max(definition.days for definition in EFFECTS.values()))
ONLY_NEAR_DUPLICATES = {DUPLICATE_ACCEPTED, DUPLICATE_REJECTED}
"""Effects that concern near-duplicates of the decision's demand, but not the demand itself."""


@dataclass(frozen=True, slots=True)
class ActiveEffect:
    """An effect of a decision that has not ended. A lifted effect is included."""

    decision: Decision
    kind: str
    sentence: str
    until: date
    is_lifted: bool


def active_effects(matches=None, on: date | None = None) -> list[ActiveEffect]:
    """Return the effects of the decisions on the given matches (default: all), the latest decision first."""
    on = on or timezone.localdate()
    effects = []
    for decision in _recent_verdicts(matches, on):
        for kind in effect_kinds(decision):
            until = last_day(kind, timezone.localdate(decision.made_at))
            if until >= on:
                is_lifted = hasattr(decision, "lifted")
                effects.append(ActiveEffect(decision, kind, EFFECTS[kind].sentence, until, is_lifted))
    return sorted(effects, key=lambda effect: (effect.decision.made_at, effect.decision.pk), reverse=True)


@dataclass(frozen=True, slots=True)
class EffectsOfDecision:
    """All active effects of one decision, for a page."""

    decision: Decision
    sentences: list[str]
    until: date
    is_lifted: bool


def effects_by_decision(matches) -> list[EffectsOfDecision]:
    """Return the active effects of the decisions on the given matches, the latest decision first.

    Effects on near-duplicates are left out for demands that have none among the open demands.
    """
    effects = active_effects(matches)
    sources = sorted({effect.decision.match.demand_id for effect in effects})
    open_demands = Demand.objects.open().values_list("pk", flat=True)
    affected = _affected_demands(list(open_demands), sources) if sources else {}
    by_decision: dict[int, list[ActiveEffect]] = {}
    for effect in effects:
        source = effect.decision.match.demand_id
        has_duplicates = any(demand != source for demand in affected[source])
        if has_duplicates or effect.kind not in ONLY_NEAR_DUPLICATES:
            by_decision.setdefault(effect.decision.pk, []).append(effect)
    return [
        EffectsOfDecision(
            group[0].decision,
            [effect.sentence for effect in group],
            max(effect.until for effect in group),
            group[0].is_lifted,
        )
        for group in by_decision.values()
    ]


def effect_kinds(decision: Decision) -> list[str]:
    """Return the kinds of effects of a verdict; none for reasons without an effect."""
    if decision.is_acceptance:
        return [DUPLICATE_ACCEPTED]
    kinds = [decision.reason] if decision.reason in EFFECTS else []
    return [*kinds, DUPLICATE_REJECTED] if decision.reason in TRANSFERABLE_REASONS else kinds


def effects_for(demand_ids: Iterable[int], on: date) -> dict[int, list[DecisionEffect]]:
    """Return {demand: effects} of decisions on these demands and on their near-duplicates."""
    effects = [effect for effect in active_effects(on=on) if not effect.is_lifted]
    if not effects:
        return {}
    sources = {effect.decision.match.demand_id for effect in effects}
    affected = _affected_demands(list(demand_ids), sorted(sources))
    by_demand: dict[int, list[DecisionEffect]] = {}
    for effect in effects:
        match = effect.decision.match
        decision_effect = DecisionEffect(
            effect.kind, effect.decision.pk, achievement_attributes(match.achievement), match.demand.industry_id
        )
        for demand in affected.get(match.demand_id, ()):
            if effect.kind in ONLY_NEAR_DUPLICATES and demand == match.demand_id:
                continue
            by_demand.setdefault(demand, []).append(decision_effect)
    return by_demand


def achievement_attributes(achievement: Achievement) -> AchievementAttributes:
    price = achievement.price_min_wan if achievement.price_min_wan is not None else achievement.price_max_wan
    return AchievementAttributes(
        achievement=achievement.pk,
        stage=STAGES.get(achievement.maturity_bucket or achievement.stage),
        price_wan=None if price is None else float(price),
        industry=achievement.industry_id,
    )


def _recent_verdicts(matches, on: date):
    since = on - LONGEST - timedelta(days=1)
    rows = latest_verdicts(matches).filter(made_at__date__gte=since, match__demand__is_private=False)
    return rows.select_related("by", "lifted__by", "match__achievement", "match__demand")


def _affected_demands(demand_ids: list[int], sources: list[int]) -> dict[int, list[int]]:
    """Return {source: demands}: for each demand of a decision itself and its near-duplicates among `demand_ids`."""
    items = {item.id: item for item in demand_items(Demand.objects.filter(pk__in={*demand_ids, *sources}))}
    demand_ids = [demand for demand in demand_ids if demand in items]
    near_duplicates = NearDuplicates([items[demand] for demand in demand_ids])
    similarities = near_duplicates.similarities_to([items[source] for source in sources]).tocoo()
    affected: dict[int, list[int]] = {source: [source] for source in sources}
    for row, column in zip(similarities.row, similarities.col, strict=True):
        if demand_ids[column] != sources[row]:
            affected[sources[row]].append(demand_ids[column])
    return affected
