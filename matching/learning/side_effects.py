"""Effects of what a firm or an institution says about a pair (不适合，因为…).

They have the kinds, factors and ends of officers' decisions, but reach only what is the side's own, so that nobody can
push down the achievement of a competitor for others:

* a firm's word: proposals for the demand and for near-duplicates among the demands of the same firm;
* an institution's word: proposals of the same institution's achievements for the demand, and the achievement itself in
  near-duplicates of the demand.

Both lower the pair itself. They are no decisions: nothing is learned from them, and no figure of officers counts them.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.utils import timezone

from demands.models import Demand
from matching.engine.decision_effects import (
    DUPLICATE_REJECTED,
    EFFECTS,
    SIDE_UNFIT,
    TRANSFERABLE_REASONS,
    DecisionEffect,
    last_day,
)
from matching.learning.affected import achievement_attributes, affected_demands
from matching.models import Question, SideFeedback

LONGEST = timedelta(days=max(definition.days for definition in EFFECTS.values()))


def side_effects_for(demand_ids: list[int], on: date) -> dict[int, list[DecisionEffect]]:
    """Return {demand: effects} of the feedback in force that reaches these demands."""
    rows = SideFeedback.objects.in_force().filter(made_at__date__gte=on - LONGEST - timedelta(days=1))
    feedback = list(rows.select_related("achievement", "demand").order_by("pk"))
    if not feedback:
        return {}
    affected = affected_demands(demand_ids, sorted({row.demand_id for row in feedback}))
    reached = {demand for demands in affected.values() for demand in demands}
    firms = dict(Demand.objects.filter(pk__in=reached).values_list("pk", "firm"))
    by_demand: dict[int, list[DecisionEffect]] = {}
    for row in feedback:
        for demand in affected[row.demand_id]:
            if row.side == Question.Side.FIRM and firms[demand] != row.demand.firm_id:
                continue
            by_demand.setdefault(demand, []).extend(_effects(row, is_itself=demand == row.demand_id, on=on))
    return by_demand


def effect_sentences(feedback: SideFeedback) -> list[str]:
    """What the feedback changes, for a page."""
    is_firm = feedback.side == Question.Side.FIRM
    scope = "只影响本企业自己的需求" if is_firm else "只影响本单位自己的成果"
    return [*(EFFECTS[kind].sentence for kind in _kinds(feedback.reason, is_itself=True)), scope]


def until(feedback: SideFeedback) -> date:
    """The last day of the longest effect."""
    made_on = timezone.localdate(feedback.made_at)
    return max(last_day(kind, made_on) for kind in _kinds(feedback.reason, is_itself=True))


def _effects(row: SideFeedback, *, is_itself: bool, on: date) -> Iterator[DecisionEffect]:
    is_institution = row.side == Question.Side.INSTITUTION
    kinds: Iterable[str] = _kinds(row.reason, is_itself=is_itself)
    if is_institution and not is_itself:
        kinds = [kind for kind in kinds if kind == DUPLICATE_REJECTED]
    for kind in kinds:
        if last_day(kind, timezone.localdate(row.made_at)) >= on:
            yield DecisionEffect(
                kind,
                row.pk,
                achievement_attributes(row.achievement),
                row.demand.industry_id,
                side=row.side,
                only_institution=row.achievement.institution_id if is_institution else None,
            )


def _kinds(reason: str, *, is_itself: bool) -> list[str]:
    """The kinds of effects on the demand itself, or on a near-duplicate of it."""
    kinds = [reason] if reason in EFFECTS else []
    if is_itself:
        return [SIDE_UNFIT, *kinds]
    return [*kinds, DUPLICATE_REJECTED] if reason in TRANSFERABLE_REASONS else kinds
