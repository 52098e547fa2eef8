"""From rows to the engine and back: what a run reads of achievements and needs, and the matches it proposes."""

from functools import lru_cache

from accounts.models import Region
from achievements.models import Achievement
from demands.models import Demand
from matching.engine import SHOWN_FROM, Corpus, Item, build
from matching.facts import compare
from matching.models import Match, MatchRun


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
    threshold = run.parameters["threshold"]
    wanted = [item for item in index.corpus.demands if item.id in set(demand_ids)]
    rankings = list(
        index.rank(wanted, k=run.parameters["per_demand"], minimum=threshold if threshold >= 0 else SHOWN_FROM)
    )
    texts = {item.id: item for item in wanted}
    achievements = _with_facts(
        Achievement.objects, {p.achievement_id for ranking in rankings for p in ranking.proposals}, "institution"
    )
    demands = _with_facts(Demand.objects, {ranking.demand_id for ranking in rankings}, "firm")
    regions = dict(Region.objects.values_list("pk", "name"))
    return [
        Match(
            achievement_id=proposal.achievement_id,
            demand_id=ranking.demand_id,
            first_run=run,
            run=run,
            rank=rank,
            score=proposal.score,
            parts=proposal.parts,
            shared_terms=index.explain(proposal.achievement_id, texts[ranking.demand_id]),
            facts=compare(achievements[proposal.achievement_id], demands[ranking.demand_id], regions),
        )
        for ranking in rankings
        for rank, proposal in enumerate(ranking.proposals, start=1)
    ]


def _item(pk: int, title: str, *parts) -> Item:
    return Item(pk, title, "\n".join(" ".join(part) if isinstance(part, list) else part for part in parts if part))


def _with_facts(rows, ids: set[int], owner: str) -> dict:
    return rows.select_related(owner).prefetch_related("indicators").in_bulk(ids)


@lru_cache(maxsize=1)
def _index(engine: str, achievement_ids: tuple, demand_ids: tuple, _snapshot_hash: str):
    """The run's index, built once per worker process however many of its chunks that process takes."""
    corpus = snapshot(list(achievement_ids), list(demand_ids))
    return build(corpus.achievements, corpus.demands, engine=engine)
