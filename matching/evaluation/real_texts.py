"""Evaluation on real texts: what the default run would show for needs whose candidates were graded by readers.

A folder holds real_registry.jsonl and real_needs.jsonl (id, title, text) and real_judgements.jsonl (need, item, grade
0–3). A pair of grade ≥ 2 is worth sending. Pairs that were not graded count as not worth sending: the readers of the
file also searched the registry by hand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matching.engine import Item
from matching.engine.candidates import candidates_of
from matching.engine.jsonl_files import read_items, read_lines

if TYPE_CHECKING:
    import numpy as np

    from matching.engine.arrays import Floats
    from matching.engine.ranking import DemandRanking

JUDGEMENT_FIELDS = {"need": "文字或整数", "item": "文字或整数", "grade": "整数"}
WORTH_SENDING = 2
DEPTHS = (1, 5, 20, 50)
FIT_DEPTH = 20
"""The prior is fitted to the first 20 achievements of each need, so that it also sees those that are not shown."""
RIDGE = 0.5


@dataclass(frozen=True)
class RealTexts:
    """`good`: for each need with something worth sending, the ids of these achievements."""

    achievements: list[Item]
    needs: list[Item]
    grades: dict[tuple[str | int, str | int], int]
    good: dict[str | int, set[str | int]]


@dataclass(frozen=True, slots=True)
class ShownPair:
    """A pair that a run would show: its probability, and whether the readers found it worth sending."""

    need: str | int
    achievement: str | int
    probability: float
    is_good: bool


def read_real_texts(folder: Path) -> RealTexts:
    """Read the three files of a folder. Raises OSError, and InvalidLine with the file and the line."""
    grades = {
        (fields["need"], fields["item"]): fields["grade"]
        for _, fields in read_lines(str(folder / "real_judgements.jsonl"), JUDGEMENT_FIELDS)
    }
    good: dict[str | int, set[str | int]] = {}
    for (need, item), grade in grades.items():
        if grade >= WORTH_SENDING:
            good.setdefault(need, set()).add(item)
    return RealTexts(
        read_items(str(folder / "real_registry.jsonl")), read_items(str(folder / "real_needs.jsonl")), grades, good
    )


def measure_engine(real: RealTexts, engine: str) -> dict[str, Any]:
    """Return what a run with default settings finds and shows, each figure as {"value", "low", "high", "of"}.

    `found`: needs with something good among the first 1, 5, 20, 50, of the needs with something. `served`: needs with
    something for which something good is shown. `wrong_silence`, `right_silence`: silent needs among those with and
    without something. `worth_sending`: share of the shown pairs. `probability`: mean p of the shown pairs, `gap`: its
    distance from the share, `auc`: whether p ranks them; with `held_out`, by priors fitted without the pair's need.
    """
    from matching.engine import build

    index = build(real.achievements, real.needs, engine=engine)
    rankings = list(index.rank(real.needs, k=max(DEPTHS)))
    shown = [
        ShownPair(
            ranking.demand_id,
            candidate.achievement_id,
            candidate.probability,
            candidate.achievement_id in real.good.get(ranking.demand_id, ()),
        )
        for ranking in rankings
        for candidate in candidates_of(ranking)
    ]
    first = {ranking.demand_id: _first_good(ranking, real) for ranking in rankings}
    silent = {ranking.demand_id for ranking in rankings} - {pair.need for pair in shown}
    served = {pair.need for pair in shown if pair.is_good}
    having, empty = list(real.good), [need.id for need in real.needs if need.id not in real.good]
    intercept, slope = fit_prior(*_leads(rankings, real))
    return {
        "engine": engine,
        "needs": len(real.needs),
        "achievements": len(real.achievements),
        "found": {depth: _share([first[need] < depth for need in having]) for depth in DEPTHS},
        "shown": len(shown),
        "good_shown": sum(pair.is_good for pair in shown),
        "served": _share([need in served for need in having]),
        "wrong_silence": _share([need in silent for need in having]),
        "right_silence": _share([need in silent for need in empty]),
        **_calibration(shown, [pair.probability for pair in shown]),
        "held_out": _calibration(shown, _held_out_probabilities(rankings, real, shown)),
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


def _first_good(ranking: "DemandRanking", real: RealTexts) -> int:
    """Return the position, from 0, of the first good achievement; max(DEPTHS) if there is none among them."""
    good = real.good.get(ranking.demand_id, ())
    positions = (n for n, ranked in enumerate(ranking.achievements) if ranked.achievement_id in good)
    return next(positions, max(DEPTHS))


def _leads(rankings: "Sequence[DemandRanking]", real: RealTexts) -> "tuple[Floats, Floats]":
    """Return the leads (pairs,) of the first FIT_DEPTH achievements of each need, and whether they are good."""
    import numpy as np

    leads, good = [], []
    for ranking in rankings:
        for ranked in ranking.achievements[:FIT_DEPTH]:
            leads.append(ranking.profile.lead(ranked.score))
            good.append(ranked.achievement_id in real.good.get(ranking.demand_id, ()))
    return np.array(leads), np.array(good, float)


def _held_out_probabilities(
    rankings: "Sequence[DemandRanking]", real: RealTexts, shown: Sequence[ShownPair]
) -> list[float]:
    """Return the probability of each shown pair by a prior that was fitted without its need."""
    import numpy as np

    from matching.engine.calibration import sigmoid

    ranking_of = {ranking.demand_id: ranking for ranking in rankings}
    prior_of = {
        need: fit_prior(*_leads([ranking for ranking in rankings if ranking.demand_id != need], real))
        for need in dict.fromkeys(pair.need for pair in shown)
    }
    probabilities = []
    for pair in shown:
        ranking, (intercept, slope) = ranking_of[pair.need], prior_of[pair.need]
        score = next(ranked.score for ranked in ranking.achievements if ranked.achievement_id == pair.achievement)
        probabilities.append(float(sigmoid(np.array(intercept + slope * ranking.profile.lead(score)))))
    return probabilities


def _calibration(shown: Sequence[ShownPair], probabilities: Sequence[float]) -> dict[str, Any]:
    """Return share worth sending, mean probability, their distance and the AUC, with intervals over needs."""
    import numpy as np

    from matching.engine.metrics import auc

    p, good = np.array(probabilities, float), np.array([pair.is_good for pair in shown], float)
    needs = np.array([str(pair.need) for pair in shown])
    return {
        "worth_sending": _over_needs(needs, lambda rows: _mean(good[rows])),
        "probability": _over_needs(needs, lambda rows: _mean(p[rows])),
        "gap": _over_needs(needs, lambda rows: _mean(p[rows]) - _mean(good[rows])),
        "auc": _over_needs(needs, lambda rows: auc(p[rows], np.where(good[rows] > 0, 4, 1))),
    }


def _mean(values: "Floats") -> float:
    return float(values.mean()) if len(values) else float("nan")


def _over_needs(needs: "np.ndarray", metric: "Callable[[np.ndarray], float | None]") -> dict[str, Any]:
    """Return a metric of the shown pairs with a 95% interval from bootstrap samples of whole needs."""
    import numpy as np

    from matching.engine.metrics import RESAMPLES, SEED, with_interval

    rows_of = [np.flatnonzero(needs == need) for need in dict.fromkeys(needs)]
    if not rows_of:
        return {**with_interval([]), "of": 0}
    random, size = np.random.default_rng(SEED), len(rows_of)
    samples = [[*range(size)], *random.integers(size, size=(RESAMPLES, size))]
    return {
        **with_interval([metric(np.concatenate([rows_of[n] for n in sample])) for sample in samples]),
        "of": len(needs),
    }


def _share(outcomes: Sequence[bool]) -> dict[str, Any]:
    """Return the share of true outcomes with Wilson's interval."""
    from matching.engine.evaluation_report import wilson

    if not outcomes:
        return {"value": None, "low": None, "high": None, "of": 0}
    low, high = wilson(sum(outcomes), len(outcomes))
    return {"value": round(sum(outcomes) / len(outcomes), 4), "low": low, "high": high, "of": len(outcomes)}
