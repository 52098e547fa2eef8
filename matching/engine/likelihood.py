"""From a score to the probability that staff accept the pair, and to the words 高, 中, 低.

A scale is learned from decisions, its quality always measured on needs it has not seen: near-copies stay together.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

HIGH, MIDDLE = 0.6, 0.3
"""The words promise this much: 高 at least six in ten accepted, 中 at least three in ten."""

Level = Literal["high", "middle", "low"]
LEVELS: tuple[Level, ...] = ("high", "middle", "low")

FOLDS = 5
LEAST_DECISIONS, LEAST_OF_EACH, LEAST_GROUPS = 60, 15, 12
"""Below this a scale would say more about chance than about matches."""

SHRINK = 4.0
"""So many invented decisions at the mean are added to each step of an isotonic scale: three of three are not 100%."""


def level_of(probability: float) -> Level:
    """The word for a probability of being accepted."""
    return "high" if probability >= HIGH else "middle" if probability >= MIDDLE else "low"


@dataclass(frozen=True, slots=True)
class Scale:
    """Rising steps: `probabilities` at `scores`, straight lines between, flat outside. Both as long, scores rising."""

    kind: Literal["isotonic", "platt"]
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self):
        values = (*self.scores, *self.probabilities)
        if not self.scores or len(self.scores) != len(self.probabilities) or not all(map(math.isfinite, values)):
            raise ValueError("a scale needs as many finite scores as probabilities")
        if any(a >= b for a, b in zip(self.scores, self.scores[1:], strict=False)):
            raise ValueError("the scores of a scale must rise")
        if min(self.probabilities) < 0 or max(self.probabilities) > 1:
            raise ValueError("probabilities lie between 0 and 1")
        if any(a > b for a, b in zip(self.probabilities, self.probabilities[1:], strict=False)):
            raise ValueError("the probabilities of a scale must not fall")

    def __call__(self, scores: Sequence[float]) -> np.ndarray:
        """Probabilities (n,) of scores 0–100 (n,)."""
        return np.interp(np.asarray(scores, float), self.scores, self.probabilities)

    def as_json(self) -> dict:
        return {"kind": self.kind, "scores": list(self.scores), "probabilities": list(self.probabilities)}

    @classmethod
    def of_json(cls, kept: dict) -> "Scale":
        """Raises ValueError, KeyError or TypeError when what was kept is damaged."""
        if kept["kind"] not in {"isotonic", "platt"}:
            raise ValueError(f"unknown kind of scale: {kept['kind']}")
        return cls(kept["kind"], tuple(map(float, kept["scores"])), tuple(map(float, kept["probabilities"])))


def enough(accepted: Sequence[bool], groups: Sequence[Hashable]) -> bool:
    """Whether these decisions can carry a scale at all."""
    yes = sum(map(bool, accepted))
    return (
        len(accepted) >= LEAST_DECISIONS
        and min(yes, len(accepted) - yes) >= LEAST_OF_EACH
        and len(set(groups)) >= LEAST_GROUPS
    )


def fit_scale(scores: Sequence[float], accepted: Sequence[bool], groups: Sequence[Hashable]) -> Scale:
    """The scale of these decisions: isotonic or Platt, whichever is closer on groups it has not seen."""
    scores, accepted = np.asarray(scores, float), np.asarray(accepted, bool)
    losses = {kind: log_loss(_held_out(kind, scores, accepted, groups), accepted) for kind in _FITS}
    return _FITS[min(losses, key=lambda kind: (losses[kind], kind))](scores, accepted)


def cross_fitted(scores: Sequence[float], accepted: Sequence[bool], groups: Sequence[Hashable]) -> np.ndarray:
    """Probability of each decision (n,) from a scale that has not seen its group."""
    scores, accepted = np.asarray(scores, float), np.asarray(accepted, bool)
    fold = folds(groups)
    probabilities = np.empty(len(scores))
    for number in range(FOLDS):
        out = fold == number
        if out.any():
            inside = [group for group, is_out in zip(groups, out, strict=True) if not is_out]
            fitted = fit_scale(scores[~out], accepted[~out], inside) if inside else _constant(accepted)
            probabilities[out] = fitted(scores[out])
    return probabilities


def folds(groups: Sequence[Hashable], number: int = FOLDS) -> np.ndarray:
    """A fold 0 … number − 1 for each row (n,): whole groups, the largest first, each to the smallest fold so far."""
    sizes: dict[Hashable, int] = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    filled, place = [0] * number, {}
    for group in sorted(sizes, key=lambda group: (-sizes[group], str(group))):
        smallest = min(range(number), key=lambda one: (filled[one], one))
        place[group] = smallest
        filled[smallest] += sizes[group]
    return np.array([place[group] for group in groups], int)


def log_loss(probabilities: np.ndarray, accepted: np.ndarray) -> float:
    """Mean −ln of the probability given to what happened; probabilities are kept .001 from certainty."""
    likely = np.clip(probabilities, 0.001, 0.999)
    return float(-np.mean(np.where(accepted, np.log(likely), np.log(1 - likely)))) if len(likely) else math.inf


def isotonic(scores: np.ndarray, accepted: np.ndarray) -> Scale:
    """Pool adjacent violators (Ayer et al. 1955), each step drawn towards the mean by SHRINK decisions."""
    values, place = np.unique(scores, return_inverse=True)
    weights = np.bincount(place).astype(float)
    blocks: list[list[float]] = []  # accepted, number, sum of scores
    for yes, weight, value in zip(np.bincount(place, accepted), weights, values, strict=True):
        blocks.append([float(yes), weight, value * weight])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    mean = float(np.mean(accepted))
    at = tuple(total / number for _yes, number, total in blocks)
    shrunk = [(yes + SHRINK * mean) / (number + SHRINK) for yes, number, _total in blocks]
    return Scale("isotonic", at, tuple(np.maximum.accumulate(shrunk)))


def platt(scores: np.ndarray, accepted: np.ndarray) -> Scale:
    """A logistic curve by Newton's method, with Platt's (1999) softened targets; never falling."""
    mean, spread = float(scores.mean()), float(scores.std())
    if spread == 0:
        return _constant(accepted)
    x = np.column_stack([(scores - mean) / spread, np.ones(len(scores))])
    yes = int(accepted.sum())
    target = np.where(accepted, (yes + 1) / (yes + 2), 1 / (len(scores) - yes + 2))
    weights = logistic_regression(x, target, ridge=np.array([1e-3, 0.0]))
    at = np.linspace(0, 100, 101)
    slope = max(float(weights[0]), 0.0)
    curve = sigmoid(slope * (at - mean) / spread + weights[1]) if slope else _constant(accepted)(at)
    return Scale("platt", tuple(at), tuple(curve))


def logistic_regression(x: np.ndarray, target: np.ndarray, *, ridge: np.ndarray, weight=None) -> np.ndarray:
    """Weights (columns,) that minimise the log loss of sigmoid(x w) against targets 0–1 plus ½ Σ ridge w²."""
    weight = np.ones(len(x)) if weight is None else weight
    weights = np.zeros(x.shape[1])
    for _step in range(50):
        likely = sigmoid(x @ weights)
        gradient = x.T @ (weight * (likely - target)) + ridge * weights
        curvature = (x * (weight * likely * (1 - likely))[:, None]).T @ x + np.diag(ridge + 1e-9)
        change = np.linalg.solve(curvature, gradient)
        weights = weights - np.clip(change, -2, 2)
        if np.abs(change).max() < 1e-9:
            break
    return weights


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -40, 40)))


def _constant(accepted: np.ndarray) -> Scale:
    return Scale("isotonic", (50.0,), (float((np.sum(accepted) + 1) / (len(accepted) + 2)),))


_FITS = {"isotonic": isotonic, "platt": platt}


def _held_out(kind: str, scores: np.ndarray, accepted: np.ndarray, groups: Sequence[Hashable]) -> np.ndarray:
    fold, probabilities = folds(groups), np.full(len(scores), float(np.mean(accepted)))
    for number in range(FOLDS):
        out = fold == number
        if out.any() and not out.all():
            probabilities[out] = _FITS[kind](scores[~out], accepted[~out])(scores[out])
    return probabilities
