"""What a run with default settings finds and shows on real texts: finding, served needs, silence, calibration of p."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matching.engine.candidates import candidates_of
from matching.evaluation.real_texts import ItemId, RealTexts
from matching.evaluation.resampling import Interval, share_with_interval, with_interval

if TYPE_CHECKING:
    from matching.engine.arrays import Floats
    from matching.engine.ranking import DemandRanking

DEPTHS = (1, 5, 20, 50)
FIT_DEPTH = 20
"""The prior is fitted to the first 20 achievements of each need, so that it also sees those that are not shown."""
RIDGE = 0.5

type GoodOfNeed = Mapping[ItemId, set[ItemId]]


@dataclass(frozen=True, slots=True)
class ShownPair:
    """A pair that a run would show: its probability, and whether the readers found it worth sending."""

    need: ItemId
    achievement: ItemId
    probability: float
    is_good: bool


def measure_engine(real: RealTexts, engine: str) -> dict[str, Any]:
    """Return what a run with default settings finds and shows, each figure as {"value", "low", "high", "number"}.

    `found`: needs with something good among the first 1, 5, 20, 50, of the needs with something. `served`: needs with
    something for which something good is shown. `wrong_silence`, `right_silence`: silent needs among those with and
    without something. `worth_sending`: share of the shown pairs. `probability`: mean p of the shown pairs, `gap`: its
    distance from the share, `auc`: whether p ranks them; with `held_out`, by priors fitted without the pair's need.
    """
    from matching.engine import build

    needs, good = [real.needs[need] for need in real.grades], real.good
    index = build(real.achievements.values(), real.needs.values(), engine=engine)
    rankings = list(index.rank(needs, k=max(DEPTHS)))
    shown = [
        ShownPair(
            ranking.demand_id,
            candidate.achievement_id,
            candidate.probability,
            candidate.achievement_id in good.get(ranking.demand_id, ()),
        )
        for ranking in rankings
        for candidate in candidates_of(ranking)
    ]
    first = {ranking.demand_id: _first_good(ranking, good) for ranking in rankings}
    silent = {ranking.demand_id for ranking in rankings} - {pair.need for pair in shown}
    served = {pair.need for pair in shown if pair.is_good}
    having, empty = list(good), [need.id for need in needs if need.id not in good]
    intercept, slope = fit_prior(*_leads(rankings, good))
    return {
        "engine": engine,
        "needs": len(needs),
        "achievements": len(real.achievements),
        "found": {depth: _share([first[need] < depth for need in having]) for depth in DEPTHS},
        "shown": len(shown),
        "good_shown": sum(pair.is_good for pair in shown),
        "served": _share([need in served for need in having]),
        "wrong_silence": _share([need in silent for need in having]),
        "right_silence": _share([need in silent for need in empty]),
        **_calibration(shown, [pair.probability for pair in shown]),
        "held_out": _calibration(shown, _held_out_probabilities(rankings, good, shown)),
        "prior": {"intercept": round(intercept, 2), "slope": round(slope, 2)},
    }


def fit_prior(leads: "Floats", good: "Floats") -> tuple[float, float]:
    """Return intercept and slope of the prior probability, a logistic regression on `ScoreProfile.lead`."""
    import numpy as np

    from matching.engine.calibration import logistic_regression

    slope, intercept = logistic_regression(
        np.column_stack([leads, np.ones(len(leads))]), good, ridge=np.array([RIDGE, 0.0])
    )
    return float(intercept), float(slope)


def _first_good(ranking: "DemandRanking", good: GoodOfNeed) -> int:
    """Return the position, from 0, of the first good achievement; max(DEPTHS) if there is none among them."""
    wanted = good.get(ranking.demand_id, ())
    positions = (n for n, ranked in enumerate(ranking.achievements) if ranked.achievement_id in wanted)
    return next(positions, max(DEPTHS))


def _leads(rankings: "Sequence[DemandRanking]", good: GoodOfNeed) -> "tuple[Floats, Floats]":
    """Return the leads (pairs,) of the first FIT_DEPTH achievements of each need, and whether they are good."""
    import numpy as np

    leads, is_good = [], []
    for ranking in rankings:
        for ranked in ranking.achievements[:FIT_DEPTH]:
            leads.append(ranking.profile.lead(ranked.score))
            is_good.append(ranked.achievement_id in good.get(ranking.demand_id, ()))
    return np.array(leads), np.array(is_good, float)


def _held_out_probabilities(
    rankings: "Sequence[DemandRanking]", good: GoodOfNeed, shown: Sequence[ShownPair]
) -> list[float]:
    """Return the probability of each shown pair by a prior that was fitted without its need."""
    import numpy as np

    from matching.engine.calibration import sigmoid

    ranking_of = {ranking.demand_id: ranking for ranking in rankings}
    prior_of = {
        need: fit_prior(*_leads([ranking for ranking in rankings if ranking.demand_id != need], good))
        for need in dict.fromkeys(pair.need for pair in shown)
    }
    probabilities = []
    for pair in shown:
        ranking, (intercept, slope) = ranking_of[pair.need], prior_of[pair.need]
        score = next(ranked.score for ranked in ranking.achievements if ranked.achievement_id == pair.achievement)
        probabilities.append(float(sigmoid(np.array(intercept + slope * ranking.profile.lead(score)))))
    return probabilities


def _calibration(shown: Sequence[ShownPair], probabilities: Sequence[float]) -> dict[str, Interval]:
    """Return share worth sending, mean probability, their distance and the AUC, with intervals over needs."""
    import numpy as np

    from matching.engine.metrics import auc

    of_need: dict[ItemId, list[tuple[float, bool]]] = {}
    for pair, probability in zip(shown, probabilities, strict=True):
        of_need.setdefault(pair.need, []).append((probability, pair.is_good))

    def over_needs(figure: Callable[["Floats", "Floats"], float | None]) -> Interval:
        def of_rows(rows: list[tuple[float, bool]]) -> float | None:
            return figure(*np.array(rows, float).T) if rows else None

        return with_interval(list(of_need.values()), of_rows)

    return {
        "worth_sending": over_needs(lambda p, good: float(good.mean())),
        "probability": over_needs(lambda p, good: float(p.mean())),
        "gap": over_needs(lambda p, good: float(p.mean() - good.mean())),
        "auc": over_needs(lambda p, good: auc(p, np.where(good > 0, 4, 1))),
    }


def _share(outcomes: Sequence[bool]) -> Interval:
    return share_with_interval(sum(outcomes), len(outcomes))
