"""A ranker learned from decisions. It corrects the prior, which is the score of the engine and the facts.

It is a logistic regression with a ridge penalty: with few decisions the corrections are near 0 and the prior's order
stays. Decisions of reviewers who do not agree with the others get a small weight.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.engine.arrays import Booleans, Floats
from matching.engine.calibration import MIN_GROUPS, MIN_OF_EACH_VERDICT, group_folds, logistic_regression, sigmoid

MIN_DECISIONS = 100
"""On the graded pairs of docs/matching.md an order learned from 100 labels was worse than the prior."""
RIDGE = 12.0
"""Penalty of the corrections, in decisions. The weight of the prior is hardly penalised, the intercept not at all."""
FACT_KINDS = ("indicators", "stage", "price", "ways", "period", "exclusivity", "district")
SCORE_PARTS = ("title_similarity", "text_similarity", "bm25", "concepts")
VERDICT_VALUES = {"fits": 1.0, "talk": 0.0, "contradicts": -1.0, "unknown": 0.0}
KINDS_OFTEN_UNKNOWN = ("indicators", "stage")
FEATURE_NAMES = ("prior", *SCORE_PARTS, *FACT_KINDS, *(f"{kind} unknown" for kind in KINDS_OFTEN_UNKNOWN))

MIN_RELIABILITY, MIN_DECISIONS_OF_REVIEWER = 0.05, 15
"""Least weight of a decision; reviewers with fewer decisions than the second number have weight 1."""


@dataclass(frozen=True, slots=True)
class Example:
    """A decided pair with the values at the time of the decision.

    `score`: the prior's score 0–100; `parts`: its components; `facts`: verdict of each fact kind; `group`: group of
    near-duplicate demands.
    """

    score: float
    parts: Mapping[str, float]
    facts: Mapping[str, str]
    accepted: bool
    group: Hashable
    reviewer: Hashable = None


@dataclass(frozen=True, slots=True)
class Ranker:
    """Weights (features,) in the order of FEATURE_NAMES, and an intercept.

    Raises ValueError if a number is missing or not finite, or if the weight of the prior is negative.
    """

    weights: tuple[float, ...]
    intercept: float

    def __post_init__(self) -> None:
        if len(self.weights) != len(FEATURE_NAMES) or not all(map(math.isfinite, (*self.weights, self.intercept))):
            raise ValueError(f"a ranker needs {len(FEATURE_NAMES)} finite weights and an intercept")
        if self.weights[0] < 0:
            raise ValueError("the prior's weight must not be negative")

    def score(self, score: float, parts: Mapping[str, float], facts: Mapping[str, str]) -> float:
        """Return 100 × the probability of acceptance, below 100. Arguments as in `Example`."""
        total = self.intercept + float(np.dot(self.weights, features(score, parts, facts)))
        return round(min(100 * float(sigmoid(np.array(total))), 99.9999), 4)

    def as_json(self) -> dict[str, Any]:
        return {"weights": dict(zip(FEATURE_NAMES, self.weights, strict=True)), "constant": self.intercept}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Ranker":
        """Raises ValueError, KeyError or TypeError if the stored value is damaged."""
        return cls(tuple(float(stored["weights"][name]) for name in FEATURE_NAMES), float(stored["constant"]))


def features(score: float, parts: Mapping[str, float], facts: Mapping[str, str]) -> Floats:
    """Return the features (features,) in the order of FEATURE_NAMES.

    The prior enters as ln(−ln(1 − score / 100)), its parts as 0–1, the verdict of a fact as −1, 0 or 1.
    """
    prior = math.log(max(-math.log1p(-min(max(score, 0.0), 99.9999) / 100), 1e-3))
    verdicts = [VERDICT_VALUES.get(facts.get(kind, "unknown"), 0.0) for kind in FACT_KINDS]
    unknown = [float(facts.get(kind, "unknown") == "unknown") for kind in KINDS_OFTEN_UNKNOWN]
    return np.array([prior, *(float(parts.get(name, 0.0)) for name in SCORE_PARTS), *verdicts, *unknown])


def has_enough_decisions(examples: Sequence[Example]) -> bool:
    """Return whether the examples suffice to train a ranker."""
    positive = sum(example.accepted for example in examples)
    return (
        len(examples) >= MIN_DECISIONS
        and min(positive, len(examples) - positive) >= MIN_OF_EACH_VERDICT
        and len({example.group for example in examples}) >= MIN_GROUPS
    )


def train(examples: Sequence[Example]) -> Ranker:
    """Train a ranker; each example is weighted by the reliability of its reviewer."""
    x, accepted = _design_matrix(examples)
    return _fit(x, accepted, _reliabilities(x, accepted, [example.reviewer for example in examples]))


def reliable_examples(examples: Sequence[Example]) -> list[Example]:
    """Leave out the examples of reviewers with the least reliability. Comparisons of two orders use the others."""
    x, accepted = _design_matrix(examples)
    reliabilities = _reliabilities(x, accepted, [example.reviewer for example in examples])
    return [example for example, weight in zip(examples, reliabilities, strict=True) if weight > MIN_RELIABILITY]


def cross_validated_scores(examples: Sequence[Example]) -> list[float]:
    """Return the score of each example from a ranker that was trained without its group."""
    fold = group_folds([example.group for example in examples])
    scores = [0.0] * len(examples)
    for number in set(fold.tolist()):
        training = [example for example, own in zip(examples, fold, strict=True) if own != number]
        ranker = train(training) if training else None
        for row in np.flatnonzero(fold == number).tolist():
            example = examples[row]
            scores[row] = ranker.score(example.score, example.parts, example.facts) if ranker else example.score
    return scores


def _design_matrix(examples: Sequence[Example]) -> tuple[Floats, Floats]:
    """Return features (examples × features) and targets (examples,)."""
    x = np.array([features(example.score, example.parts, example.facts) for example in examples])
    return x.reshape(-1, len(FEATURE_NAMES)), np.array([example.accepted for example in examples], float)


def _fit(x: Floats, accepted: Floats, sample_weight: Floats) -> Ranker:
    means, spreads = x.mean(axis=0), x.std(axis=0)
    varies = spreads > 1e-9
    standardised = np.column_stack([(x - means)[:, varies] / spreads[varies], np.ones(len(x))])
    ridge = np.where(np.flatnonzero(varies) == 0, 0.1, RIDGE)
    fitted = logistic_regression(standardised, accepted, ridge=np.append(ridge, 1e-6), sample_weight=sample_weight)
    weights = np.zeros(len(FEATURE_NAMES))
    weights[varies] = fitted[:-1] / spreads[varies]
    weights[0] = max(weights[0], 0.0)
    intercept = float(fitted[-1] - weights @ means)
    return Ranker(tuple(round(float(weight), 6) for weight in weights), round(intercept, 6))


def _reliabilities(x: Floats, accepted: Floats, reviewers: Sequence[Hashable]) -> Floats:
    """Return the weight of each decision (examples,).

    The weight of a reviewer grows with the AUC of a ranker of the other reviewers on their decisions: the least at
    AUC .5, 1 from .7 on. A reviewer with a single verdict for everything has the least weight. Nothing is stored.
    """
    reliabilities = np.ones(len(x))
    for reviewer in set(reviewers):
        own: Booleans = np.array([other == reviewer for other in reviewers])
        if own.sum() < MIN_DECISIONS_OF_REVIEWER or own.all():
            continue
        if len(set(accepted[own])) < 2 or len(set(accepted[~own])) < 2:
            reliabilities[own] = MIN_RELIABILITY if len(set(accepted[own])) < 2 else 1.0
            continue
        others = _fit(x[~own], accepted[~own], np.ones(int((~own).sum())))
        scores = x[own] @ np.array(others.weights)
        positive, negative = scores[accepted[own] > 0], scores[accepted[own] == 0]
        auc = np.mean((positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :]))
        reliabilities[own] = min(max((auc - 0.5) / 0.2, MIN_RELIABILITY), 1.0)
    return reliabilities
