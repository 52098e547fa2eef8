"""Which decisions change what is proposed now, read from the decisions themselves: nothing is stored twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching.engine.effects import REUSED, STATED, Effect, Side, ends
from matching.engine.twins import Likeness
from matching.facts import STAGES
from matching.items import demand_items
from matching.learning.examples import verdicts_that_stand
from matching.models import Decision

LONGEST = timedelta(days=max(stated.days for stated in STATED.values()))


@dataclass(frozen=True, slots=True)
class InForce:
    """A decision that changes proposals, what it does, until when, and whether somebody has lifted it."""

    decision: Decision
    kind: str
    sentence: str
    until: date
    is_lifted: bool


def in_force(matches=None, on: date | None = None) -> list[InForce]:
    """Of the matches given (all, unless given), the latest decision first."""
    on = on or timezone.localdate()
    found = []
    for decision in _recent(matches, on):
        for kind in kinds_of(decision):
            until = ends(kind, timezone.localdate(decision.made_at))
            if until >= on:
                lifted = hasattr(decision, "lifted")
                found.append(InForce(decision, kind, STATED[kind].sentence, until, lifted))
    return sorted(found, key=lambda one: (one.decision.made_at, one.decision.pk), reverse=True)


@dataclass(frozen=True, slots=True)
class Change:
    """All that one decision changes now, for a page."""

    decision: Decision
    sentences: list[str]
    until: date
    is_lifted: bool


def changes(matches) -> list[Change]:
    """The decisions of these matches that change what is proposed, the latest first. What would only reach near-copies
    of a need is left out where it has none."""
    found = in_force(matches)
    sources = sorted({one.decision.match.demand_id for one in found})
    wanted = Demand.objects.open().values_list("pk", flat=True)
    alike = _alike(list(wanted), sources) if sources else {}
    by_decision: dict[int, list[InForce]] = {}
    for one in found:
        has_copies = any(other != one.decision.match.demand_id for other in alike[one.decision.match.demand_id])
        if has_copies or not one.kind.startswith("twin_"):
            by_decision.setdefault(one.decision.pk, []).append(one)
    return [
        Change(ones[0].decision, [one.sentence for one in ones], max(one.until for one in ones), ones[0].is_lifted)
        for ones in by_decision.values()
    ]


def kinds_of(decision: Decision) -> list[str]:
    """The effects a verdict has; none for reasons without a stated one."""
    if decision.is_acceptance:
        return ["twin_accepted"]
    kinds = [decision.reason] if decision.reason in STATED else []
    return [*kinds, "twin_rejected"] if decision.reason in REUSED else kinds


def effects_for(demand_ids: Iterable[int], on: date) -> dict[int, list[Effect]]:
    """{need: effects} for the needs of a run: those of their own decisions and of their near-copies'."""
    active = [one for one in in_force(on=on) if not one.is_lifted]
    if not active:
        return {}
    sources = {one.decision.match.demand_id for one in active}
    wanted = list(demand_ids)
    alike = _alike(wanted, sorted(sources))
    found: dict[int, list[Effect]] = {}
    for one in active:
        match = one.decision.match
        effect = Effect(one.kind, one.decision.pk, side_of(match.achievement), match.demand.industry_id)
        for demand in alike.get(match.demand_id, ()):
            if one.kind.startswith("twin_") and demand == match.demand_id:
                continue  # the need itself has the decision on the match
            found.setdefault(demand, []).append(effect)
    return found


def side_of(achievement: Achievement) -> Side:
    price = achievement.price_min_wan if achievement.price_min_wan is not None else achievement.price_max_wan
    return Side(
        achievement=achievement.pk,
        stage=STAGES.get(achievement.maturity_bucket or achievement.stage),
        price_wan=None if price is None else float(price),
        industry=achievement.industry_id,
    )


def _recent(matches, on: date):
    since = on - LONGEST - timedelta(days=1)
    rows = verdicts_that_stand(matches).filter(made_at__date__gte=since)
    return rows.select_related("by", "lifted__by", "match__achievement", "match__demand")


def _alike(wanted: list[int], sources: list[int]) -> dict[int, list[int]]:
    """{need that was decided about: needs of the run it is a near-copy of, or the same}."""
    items = {item.id: item for item in demand_items(Demand.objects.filter(pk__in={*wanted, *sources}))}
    wanted = [demand for demand in wanted if demand in items]
    alike = Likeness([items[demand] for demand in wanted]).to([items[source] for source in sources]).tocoo()
    found: dict[int, list[int]] = {source: [source] for source in sources}
    for row, column in zip(alike.row, alike.col, strict=True):
        if wanted[column] != sources[row]:
            found[sources[row]].append(wanted[column])
    return found
