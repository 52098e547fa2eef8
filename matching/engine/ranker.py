"""A ranker learned from decisions: the prior's score, corrected by what staff have shown to care about.

Logistic and linear: with few decisions the corrections are drawn to nothing and the prior's order stands; every weight
can be read. Decisions of officers who do not agree with anybody's count for little.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.likelihood import LEAST_GROUPS, LEAST_OF_EACH, folds, logistic_regression, sigmoid

LEAST_DECISIONS = 100
"""On the market's pairs 100 labels made a learned order worse than the prior."""
RIDGE = 12.0
"""How strongly corrections are drawn to nothing, in decisions; the prior's own weight and the constant are free."""
KINDS = ("indicators", "stage", "price", "ways", "period", "exclusivity", "district")
PARTS = ("title_similarity", "text_similarity", "bm25", "concepts")
VERDICTS = {"fits": 1.0, "talk": 0.0, "contradicts": -1.0, "unknown": 0.0}
NAMES = ("prior", *PARTS, *KINDS, *(f"{kind} unknown" for kind in ("indicators", "stage")))

LEAST_TRUST, JUDGED_OFFICER = 0.05, 15
"""An officer of whom fewer decisions are known is trusted; one who agrees with nobody counts this much."""


@dataclass(frozen=True, slots=True)
class Example:
    """A decided pair as it was when decided: the prior's score 0–100, its parts, its facts (kind → verdict)."""

    score: float
    parts: dict[str, float]
    facts: dict[str, str]
    accepted: bool
    group: Hashable
    officer: Hashable = None


@dataclass(frozen=True, slots=True)
class Ranker:
    """Weights in the order of NAMES, and a constant."""

    weights: tuple[float, ...]
    constant: float

    def __post_init__(self):
        if len(self.weights) != len(NAMES) or not all(map(math.isfinite, (*self.weights, self.constant))):
            raise ValueError(f"a ranker needs {len(NAMES)} finite weights and a constant")
        if self.weights[0] < 0:
            raise ValueError("a ranker that turns the prior round is none")

    def score(self, score: float, parts: dict[str, float], facts: dict[str, str]) -> float:
        """0–100, below 100: the ranker's own probability times 100. Higher is better."""
        total = self.constant + float(np.dot(self.weights, features(score, parts, facts)))
        return round(min(100 * float(sigmoid(np.array(total))), 99.9999), 4)

    def as_json(self) -> dict:
        return {"weights": dict(zip(NAMES, self.weights, strict=True)), "constant": self.constant}

    @classmethod
    def of_json(cls, kept: dict) -> "Ranker":
        """Raises ValueError, KeyError or TypeError when what was kept is damaged."""
        return cls(tuple(float(kept["weights"][name]) for name in NAMES), float(kept["constant"]))


def features(score: float, parts: dict[str, float], facts: dict[str, str]) -> np.ndarray:
    """(NAMES,): the prior on the scale on which it adds up, its parts 0–1, each fact −1, 0 or 1, what is not said."""
    prior = math.log(max(-math.log1p(-min(max(score, 0.0), 99.9999) / 100), 1e-3))
    verdicts = [VERDICTS.get(facts.get(kind, "unknown"), 0.0) for kind in KINDS]
    unknown = [float(facts.get(kind, "unknown") == "unknown") for kind in ("indicators", "stage")]
    return np.array([prior, *(float(parts.get(name, 0.0)) for name in PARTS), *verdicts, *unknown])


def enough(examples: Sequence[Example]) -> bool:
    """Whether a ranker may be learned from these at all."""
    yes = sum(example.accepted for example in examples)
    return (
        len(examples) >= LEAST_DECISIONS
        and min(yes, len(examples) - yes) >= LEAST_OF_EACH
        and len({example.group for example in examples}) >= LEAST_GROUPS
    )


def train(examples: Sequence[Example]) -> Ranker:
    """The ranker of these decisions."""
    x, accepted = _table(examples)
    return _fitted(x, accepted, _trust(x, accepted, [example.officer for example in examples]))


def trusted(examples: Sequence[Example]) -> list[Example]:
    """Without the decisions of officers who count least: by these no two orders can be compared."""
    x, accepted = _table(examples)
    trust = _trust(x, accepted, [example.officer for example in examples])
    return [example for example, weight in zip(examples, trust, strict=True) if weight > LEAST_TRUST]


def held_out_scores(examples: Sequence[Example]) -> list[float]:
    """The score each example gets from a ranker that has not seen its group."""
    fold = folds([example.group for example in examples])
    scores = [0.0] * len(examples)
    for number in set(fold.tolist()):
        seen = [example for example, place in zip(examples, fold, strict=True) if place != number]
        ranker = train(seen) if seen else None
        for row in np.flatnonzero(fold == number):
            one = examples[row]
            scores[row] = ranker.score(one.score, one.parts, one.facts) if ranker else one.score
    return scores


def _table(examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    x = np.array([features(one.score, one.parts, one.facts) for one in examples]).reshape(-1, len(NAMES))
    return x, np.array([one.accepted for one in examples], float)


def _fitted(x: np.ndarray, accepted: np.ndarray, trust: np.ndarray) -> Ranker:
    means, spreads = x.mean(axis=0), x.std(axis=0)
    used = spreads > 1e-9
    z = np.column_stack([(x - means)[:, used] / spreads[used], np.ones(len(x))])
    ridge = np.where(np.flatnonzero(used) == 0, 0.1, RIDGE)
    found = logistic_regression(z, accepted, ridge=np.append(ridge, 1e-6), weight=trust)
    weights = np.zeros(len(NAMES))
    weights[used] = found[:-1] / spreads[used]
    weights[0] = max(weights[0], 0.0)
    return Ranker(tuple(round(float(one), 6) for one in weights), round(float(found[-1] - weights @ means), 6))


def _trust(x: np.ndarray, accepted: np.ndarray, officers: Sequence[Hashable]) -> np.ndarray:
    """How much each decision counts, (rows,): 1 where its officer accepts what a ranker of the others puts first, least
    where they accept without looking. Nobody is named, nothing of it is kept."""
    trust = np.ones(len(x))
    for officer in set(officers):
        own = np.array([one == officer for one in officers])
        if own.sum() < JUDGED_OFFICER or own.all():
            continue
        if len(set(accepted[own])) < 2 or len(set(accepted[~own])) < 2:
            trust[own] = LEAST_TRUST if len(set(accepted[own])) < 2 else 1.0
            continue
        others = _fitted(x[~own], accepted[~own], np.ones(int((~own).sum())))
        scores = x[own] @ others.weights
        good, bad = scores[accepted[own] > 0], scores[accepted[own] == 0]
        auc = np.mean((good[:, None] > bad[None, :]) + 0.5 * (good[:, None] == bad[None, :]))
        trust[own] = min(max((auc - 0.5) / 0.2, LEAST_TRUST), 1.0)
    return trust
