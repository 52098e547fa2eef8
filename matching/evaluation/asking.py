"""What the product would say of pairs now: words and facts together, and which needs it would be silent about."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import DEFAULT, Item
from matching.engine.fit import combine, fit
from matching.engine.silence import Standing
from matching.facts import compare
from matching.items import ACHIEVEMENT_TEXTS, DEMAND_TEXTS, as_item
from matching.models import Match, MatchRun
from matching.proposals import weigh
from matching.silence import Silence

DEEP = 20
"""So many places are weighed by their facts before the first of them is shown."""


@dataclass(frozen=True)
class Registry:
    """Both sides by an id of one's own, which is also their `pk`; `regions`: names by primary key of a region.

    Achievements have `institution` and `indicators` at hand, demands `firm` and `indicators`.
    """

    achievements: dict[int, Achievement]
    demands: dict[int, Demand]
    regions: dict
    today: date


@dataclass(frozen=True)
class Answers:
    """`scores` (pairs,) 0–100; of each need the probability that nothing fits, whether it is silent, its standing."""

    scores: list[float]
    silence: dict[int, float]
    silent: frozenset[int]
    standings: dict[int, Standing]


def ask_about(registry: Registry, pairs: Sequence[tuple[int, int]], engine: str) -> Answers:
    """`pairs`: (achievement, demand) of the registry. Statistics come from the registry, as in a run."""
    import numpy as np

    from matching.engine.ranking import Index, Corpus  # isort: skip

    offered = [_item(row, ACHIEVEMENT_TEXTS) for row in registry.achievements.values()]
    index = Index(Corpus.of(offered, [_item(row, DEMAND_TEXTS) for row in registry.demands.values()]), engine=engine)
    row_of, place_of = (
        {item.id: row for row, item in enumerate(side)} for side in (index.corpus.achievements, index.corpus.demands)
    )
    columns = np.array([[row_of[offer], place_of[need]] for offer, need in pairs], int).reshape(-1, 2)
    words = index.scores((columns[:, 0], columns[:, 1]))
    scores = [
        combine(
            score, fit(compare(registry.achievements[offer], registry.demands[need], registry.regions, registry.today))
        )
        for score, (offer, need) in zip(words, pairs, strict=True)
    ]
    run = MatchRun(parameters={"threshold": -1.0, "per_demand": DEEP})
    rule, findings, standings = Silence.of_run(run), {}, {}
    for ranking in index.rank(index.corpus.demands, k=DEEP):
        demand = registry.demands[ranking.demand_id]
        weighed = weigh(run, ranking, registry.achievements, demand, registry.regions, registry.today)
        findings[demand.pk], _shown = rule.judge(run, demand.pk, ranking.standing, weighed)
        standings[demand.pk] = ranking.standing
    return Answers(
        scores=scores,
        silence={demand: finding.no_match_probability for demand, finding in findings.items()},
        silent=frozenset(demand for demand, finding in findings.items() if finding.has_no_match),
        standings=standings,
    )


def rankings(registry: Registry, demands: Iterable[int], engine: str = DEFAULT) -> Iterator[tuple[int, list[Match]]]:
    """For each of these needs its best twenty as unsaved matches in their final order; nothing learned is applied."""
    from matching.engine import build

    wanted = set(demands)
    index = build(
        [_item(row, ACHIEVEMENT_TEXTS) for row in registry.achievements.values()],
        [_item(row, DEMAND_TEXTS) for row in registry.demands.values()],
        engine=engine,
    )
    run = MatchRun(parameters={"threshold": -1.0, "per_demand": DEEP})
    for ranking in index.rank([item for item in index.corpus.demands if item.id in wanted], k=DEEP):
        demand = registry.demands[ranking.demand_id]
        yield demand.pk, weigh(run, ranking, registry.achievements, demand, registry.regions, registry.today)


def _item(row, names: Sequence[str]) -> Item:
    title, *parts = (getattr(row, name) for name in names)
    return as_item(row.pk, title, *parts)
