"""From rows to the engine and back: what a run reads of achievements and needs, and the matches it proposes."""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from django.utils import timezone

from accounts.models import Region
from achievements.models import Achievement
from demands.models import Demand
from matching.engine import Corpus, build, facts
from matching.engine.fit import combine, fit
from matching.facts import need_of, offer_of
from matching.items import achievement_items, demand_items
from matching.learning.applied import Applied
from matching.models import DemandResult, Match, MatchRun
from matching.silence import Silence

WEIGHED = 3
"""So many times more than are shown are weighed by their facts: what the words put eighth may come first."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """Unsaved rows: the matches of some needs, best first, and one finding for each of these needs."""

    matches: list[Match] = field(default_factory=list)
    findings: list[DemandResult] = field(default_factory=list)


def snapshot(achievement_ids: list[int], demand_ids: list[int]) -> Corpus:
    """What the engine reads of these rows, in two queries."""
    achievements = Achievement.objects.filter(pk__in=achievement_ids)
    demands = Demand.objects.filter(pk__in=demand_ids)
    return Corpus.of(achievement_items(achievements), demand_items(demands))


def propose(run: MatchRun, demand_ids: list[int]) -> Proposed:
    """What fits some of a run's needs, at most `per_demand` each and none for a silent need (see `silence`).

    The answer for a need does not depend on which other needs stand in the same chunk: statistics come from the whole
    snapshot of the run.
    """
    index = _index(run.engine, tuple(run.achievement_ids), tuple(run.demand_ids), run.snapshot_hash)
    wanted = [item for item in index.corpus.demands if item.id in set(demand_ids)]
    rankings = list(index.rank(wanted, k=max(run.parameters["per_demand"] * WEIGHED, 20)))
    achievements = _with_facts(
        Achievement.objects, {p.achievement_id for ranking in rankings for p in ranking.proposals}, "institution"
    )
    demands = _with_facts(Demand.objects, {ranking.demand_id for ranking in rankings}, "firm")
    regions = dict(Region.objects.values_list("pk", "name"))
    today = timezone.localdate(run.queued_at)
    silence, applied = Silence.of_run(run), Applied.of_run(run)
    found, offers = Proposed(), {}
    for item, ranking in zip(wanted, rankings, strict=True):
        weighed = weigh(run, ranking, achievements, demands[item.id], regions, today, applied, offers)
        finding, shown = silence.judge(run, item.id, ranking.standing, weighed)
        found.findings.append(finding)
        for match in shown:
            match.shared_terms = index.explain(match.achievement_id, item)
            match.related_terms = index.relate(match.achievement_id, item)
        found.matches.extend(shown)
    return found


def weigh(
    run: MatchRun,
    ranking,
    achievements: dict,
    demand: Demand,
    regions: dict,
    today: date,
    applied=None,
    offers: dict | None = None,
):
    """Unsaved matches of one need in their final order: words and facts together, both kept as parts, moved by what was
    learned (`applied`, see `learning.applied`). `offers` keeps what was read of the achievements, by primary key: given
    again for the next need, each is read once.
    """
    matches, need, offers = [], need_of(demand, regions, today), {} if offers is None else offers
    for proposal in ranking.proposals:
        achievement = achievements[proposal.achievement_id]
        if proposal.achievement_id not in offers:
            offers[proposal.achievement_id] = offer_of(achievement, regions)
        found = facts.compare(offers[proposal.achievement_id], need)
        part = fit(found)
        matches.append(
            Match(
                achievement=achievement,
                demand=demand,
                first_run=run,
                run=run,
                score=combine(proposal.score, part),
                parts={**proposal.parts, "words": round(proposal.score / 100, 4), "fit": part},
                facts=found,
            )
        )
    for match in matches if applied else ():
        applied.to(match)
    matches.sort(key=lambda match: (-match.score, match.achievement_id))
    return matches


def _with_facts(rows, ids: set[int], owner: str) -> dict:
    return rows.select_related(owner).prefetch_related("indicators").in_bulk(ids)


@lru_cache(maxsize=1)
def _index(engine: str, achievement_ids: tuple, demand_ids: tuple, _snapshot_hash: str):
    """The run's index, built once per worker process however many of its chunks that process takes."""
    corpus = snapshot(list(achievement_ids), list(demand_ids))
    return build(corpus.achievements, corpus.demands, engine=engine)
