"""From rows to the engine and back: what a run reads of achievements and needs, and the matches it proposes."""

from datetime import date
from functools import lru_cache

from django.utils import timezone

from accounts.models import Region
from achievements.models import Achievement
from demands.models import Demand
from matching.engine import SHOWN_FROM, Corpus, Item, build
from matching.engine.fit import combine, fit
from matching.facts import compare
from matching.models import Match, MatchRun

WEIGHED = 3
"""So many times more than are shown are weighed by their facts: what the words put eighth may come first."""


def snapshot(achievement_ids: list[int], demand_ids: list[int]) -> Corpus:
    """What the engine reads of these rows, in two queries."""
    achievements = Achievement.objects.filter(pk__in=achievement_ids).values_list(
        "pk", "title", "summary", "innovation", "scenario", "keywords"
    )
    demands = Demand.objects.filter(pk__in=demand_ids).values_list("pk", "title", "problem", "goal", "keywords")
    return Corpus.of((_item(*row) for row in achievements), (_item(*row) for row in demands))


def propose(run: MatchRun, demand_ids: list[int]) -> list[Match]:
    """Unsaved matches for some of a run's needs: at most `per_demand` each, none below the threshold.

    The answer for a need does not depend on which other needs stand in the same chunk: statistics come from the whole
    snapshot of the run.
    """
    index = _index(run.engine, tuple(run.achievement_ids), tuple(run.demand_ids), run.snapshot_hash)
    per_demand, threshold = run.parameters["per_demand"], run.parameters["threshold"]
    wanted = [item for item in index.corpus.demands if item.id in set(demand_ids)]
    rankings = list(
        index.rank(wanted, k=max(per_demand * WEIGHED, 20), minimum=threshold if threshold >= 0 else SHOWN_FROM)
    )
    achievements = _with_facts(
        Achievement.objects, {p.achievement_id for ranking in rankings for p in ranking.proposals}, "institution"
    )
    demands = _with_facts(Demand.objects, {ranking.demand_id for ranking in rankings}, "firm")
    regions = dict(Region.objects.values_list("pk", "name"))
    today = timezone.localdate(run.queued_at)
    texts = {item.id: item for item in wanted}
    matches = []
    for ranking in rankings:
        demand = demands[ranking.demand_id]
        weighed = [_weigh(run, p, achievements[p.achievement_id], demand, regions, today) for p in ranking.proposals]
        weighed.sort(key=lambda match: (-match.score, match.achievement_id))
        for rank, match in enumerate(weighed[:per_demand], start=1):
            match.rank = rank
            match.shared_terms = index.explain(match.achievement_id, texts[ranking.demand_id])
            match.related_terms = index.relate(match.achievement_id, texts[ranking.demand_id])
            matches.append(match)
    return matches


def _weigh(run: MatchRun, proposal, achievement, demand, regions: dict[int, str], today: date) -> Match:
    """Words and facts together: both stay visible as parts."""
    facts = compare(achievement, demand, regions, today)
    part = fit(facts)
    return Match(
        achievement_id=achievement.pk,
        demand_id=demand.pk,
        first_run=run,
        run=run,
        score=combine(proposal.score, part),
        parts={**proposal.parts, "words": round(proposal.score / 100, 4), "fit": part},
        facts=facts,
    )


def _item(pk: int, title: str, *parts) -> Item:
    return Item(pk, title, "\n".join(" ".join(part) if isinstance(part, list) else part for part in parts if part))


def _with_facts(rows, ids: set[int], owner: str) -> dict:
    return rows.select_related(owner).prefetch_related("indicators").in_bulk(ids)


@lru_cache(maxsize=1)
def _index(engine: str, achievement_ids: tuple, demand_ids: tuple, _snapshot_hash: str):
    """The run's index, built once per worker process however many of its chunks that process takes."""
    corpus = snapshot(list(achievement_ids), list(demand_ids))
    return build(corpus.achievements, corpus.demands, engine=engine)
