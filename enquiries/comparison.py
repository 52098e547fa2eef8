"""The answers to a demand side by side, each compared with the demand's own indicators and terms. Pure reading."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils import timezone

from accounts.models import Region
from demands.models import Demand
from enquiries.models import Approach
from matching.engine import facts
from matching.facts import achievement_facts, demand_facts
from matching.models import Match

VERDICTS = {"met": "ok", "missed": "no", "partial": "ask", "check": "ask", "unstated": "open", "incomparable": "open"}
"""Shape of the mark beside the word for each result of an indicator."""


@dataclass(frozen=True)
class ComparedAnswer:
    """`indicators`: by the demand's indicator as written; `facts`: the other facts of the pair by kind."""

    approach: Approach
    indicators: dict[str, dict]
    facts: dict[str, facts.Fact]

    @property
    def label(self) -> str:
        """Before each of its lines on a phone: the institution, and the achievement in short."""
        item = self.approach.achievement
        return f"{self.approach.institution}：{item.title[:10] if item else '直接提的方案'}"

    @property
    def price_text(self) -> str:
        """That of the offer, else that of the achievement."""
        offer, item = getattr(self.approach, "offer", None), self.approach.achievement
        if offer and offer.states_price:
            return offer.price_text
        return item.price_text if item else "面议"

    @property
    def met_count(self) -> int:
        return sum(row["result"] == "met" for row in self.indicators.values())

    @property
    def missed_count(self) -> int:
        return sum(row["result"] == "missed" for row in self.indicators.values())

    @property
    def open_count(self) -> int:
        """Indicators of which the answer says nothing that can be compared."""
        return len(self.indicators) - self.met_count - self.missed_count


@dataclass(frozen=True)
class Comparison:
    """`needs`: the demand's indicators as written, in their order, as keys of `ComparedAnswer.indicators`."""

    needs: list[str]
    answers: list[ComparedAnswer]

    @property
    def rows(self) -> list[tuple[str, list[tuple[ComparedAnswer, dict]]]]:
        """(indicator, [(answer, its result)])."""
        return [(need, [(answer, answer.indicators.get(need, {})) for answer in self.answers]) for need in self.needs]


def compare_answers(demand: Demand, approaches: Iterable[Approach]) -> Comparison:
    """Compare answers with their demand. Reads `offer`, `institution` and the achievement with its indicators."""
    regions = dict(Region.objects.values_list("pk", "name"))
    of_demand = demand_facts(demand, regions, timezone.localdate())
    answers = []
    for approach in approaches:
        compared = facts.compare_facts(_facts_of_answer(approach, regions), of_demand)
        rows = next((fact.get("rows", []) for fact in compared if fact["kind"] == "indicators"), [])
        answers.append(
            ComparedAnswer(
                approach,
                {row["need"]: {**row, "mark": VERDICTS.get(row["result"], "open")} for row in rows},
                {fact["kind"]: fact for fact in compared if fact["kind"] != "indicators"},
            )
        )
    needs = list(dict.fromkeys(need for answer in answers for need in answer.indicators))
    return Comparison(needs, answers)


def pair_reason(approach: Approach) -> str:
    """One sentence of the engine about a pair with an achievement; empty for a free offer or without a demand."""
    if approach.achievement is None or approach.demand is None:
        return ""
    regions = dict(Region.objects.values_list("pk", "name"))
    compared = facts.compare_facts(
        achievement_facts(approach.achievement, regions),
        demand_facts(approach.demand, regions, timezone.localdate()),
    )
    return Match(achievement=approach.achievement, demand=approach.demand, facts=compared).verdict


def _facts_of_answer(approach: Approach, regions: dict[int, str]) -> facts.AchievementFacts:
    """What the achievement states and what the answer adds: its own price counts before that of the achievement."""
    offer = getattr(approach, "offer", None)
    texts = (("应答", approach.text), *((("应答", offer.method),) if offer and offer.method else ()))
    if approach.achievement is None:
        return facts.AchievementFacts(
            price_wan=offer.price_wan if offer else None,
            price_negotiable=not (offer and offer.states_price),
            district=regions.get(approach.institution.stat_region_id or 0),
            texts=texts,
        )
    of_item = achievement_facts(approach.achievement, regions)
    of_item = replace(of_item, texts=(*texts, *of_item.texts))
    if offer and offer.states_price:
        return replace(of_item, price_wan=offer.price_wan, price_negotiable=False)
    return of_item
