"""Calibration: from a score to the probability that staff accept the pair.

The quality of a calibrator is always measured on groups of near-duplicate demands that it was not fitted to.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from matching.engine.arrays import Booleans, Floats, Integers

FOLDS = 5
MIN_DECISIONS, MIN_OF_EACH_VERDICT, MIN_GROUPS = 60, 15, 12
"""Below these numbers no calibrator is fitted."""

SHRINKAGE = 4.0
"""Number of pseudo-decisions with the mean acceptance rate that are added to each step of an isotonic calibrator."""

Kind = Literal["isotonic", "platt"]


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A non-decreasing piecewise linear function: `probabilities` at `scores` (both (points,), scores increasing),
    constant outside. Raises ValueError if these conditions do not hold."""

    kind: Kind
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        values = (*self.scores, *self.probabilities)
        if not self.scores or len(self.scores) != len(self.probabilities) or not all(map(math.isfinite, values)):
            raise ValueError("a calibrator needs as many finite scores as probabilities")
        if any(a >= b for a, b in zip(self.scores, self.scores[1:], strict=False)):
            raise ValueError("the scores of a calibrator must increase")
        if min(self.probabilities) < 0 or max(self.probabilities) > 1:
            raise ValueError("probabilities must be between 0 and 1")
        if any(a > b for a, b in zip(self.probabilities, self.probabilities[1:], strict=False)):
            raise ValueError("the probabilities of a calibrator must not decrease")

    def __call__(self, scores: Sequence[float] | Floats) -> Floats:
        """Return the probabilities (n,) of scores 0–100 (n,)."""
        probabilities: Floats = np.interp(np.asarray(scores, float), self.scores, self.probabilities)
        return probabilities

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "scores": list(self.scores), "probabilities": list(self.probabilities)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Calibrator":
        """Raises ValueError, KeyError or TypeError if the stored value is damaged."""
        kind = stored["kind"]
        if kind not in {"isotonic", "platt"}:
            raise ValueError(f"unknown kind of calibrator: {kind}")
        return cls(kind, tuple(map(float, stored["scores"])), tuple(map(float, stored["probabilities"])))


def has_enough_decisions(accepted: Sequence[bool] | Booleans, groups: Sequence[Hashable]) -> bool:
    """Return whether the decisions suffice to fit a calibrator."""
    positive = sum(map(bool, accepted))
    return (
        len(accepted) >= MIN_DECISIONS
        and min(positive, len(accepted) - positive) >= MIN_OF_EACH_VERDICT
        and len(set(groups)) >= MIN_GROUPS
    )


def fit_calibrator(
    scores: Sequence[float] | Floats, accepted: Sequence[bool] | Booleans, groups: Sequence[Hashable]
) -> Calibrator:
    """Fit an isotonic and a Platt calibrator; return the kind with the smaller log loss on held-out groups."""
    scores, accepted = np.asarray(scores, float), np.asarray(accepted, bool)
    losses = {kind: log_loss(_held_out(kind, scores, accepted, groups), accepted) for kind in _FITS}
    return _FITS[min(losses, key=lambda kind: (losses[kind], kind))](scores, accepted)


def cross_fitted_probabilities(
    scores: Sequence[float] | Floats, accepted: Sequence[bool] | Booleans, groups: Sequence[Hashable]
) -> Floats:
    """Return the probability of each decision (n,) from a calibrator that was fitted without its group."""
    scores, accepted = np.asarray(scores, float), np.asarray(accepted, bool)
    fold = group_folds(groups)
    probabilities = np.empty(len(scores))
    for number in range(FOLDS):
        held_out = fold == number
        if held_out.any():
            training_groups = [group for group, is_out in zip(groups, held_out, strict=True) if not is_out]
            fitted = (
                fit_calibrator(scores[~held_out], accepted[~held_out], training_groups)
                if training_groups
                else _constant(accepted)
            )
            probabilities[held_out] = fitted(scores[held_out])
    return probabilities


def group_folds(groups: Sequence[Hashable], number: int = FOLDS) -> Integers:
    """Return a fold 0 … number − 1 for each row (n,). Each group is in one fold; the folds have similar sizes.

    The largest group is assigned first, each to the smallest fold.
    """
    sizes: dict[Hashable, int] = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    fold_sizes = [0] * number
    fold_of: dict[Hashable, int] = {}
    for group in sorted(sizes, key=lambda group: (-sizes[group], str(group))):
        smallest = min(range(number), key=lambda fold: (fold_sizes[fold], fold))
        fold_of[group] = smallest
        fold_sizes[smallest] += sizes[group]
    return np.array([fold_of[group] for group in groups], int)


def log_loss(probabilities: Floats, accepted: Booleans) -> float:
    """Return the mean −ln of the probability of the observed verdict. Probabilities are clipped to [.001, .999]."""
    clipped = np.clip(probabilities, 0.001, 0.999)
    return float(-np.mean(np.where(accepted, np.log(clipped), np.log(1 - clipped)))) if len(clipped) else math.inf


def fit_isotonic(scores: Floats, accepted: Booleans) -> Calibrator:
    """Pool adjacent violators (Ayer et al., 1955); each step is shrunk towards the mean by SHRINKAGE."""
    values, position = np.unique(scores, return_inverse=True)
    weights = np.bincount(position).astype(float)
    blocks: list[list[float]] = []  # accepted, number, sum of scores
    for positive, weight, value in zip(np.bincount(position, accepted), weights, values, strict=True):
        blocks.append([float(positive), weight, value * weight])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    mean = float(np.mean(accepted))
    mean_scores = tuple(total / number for _positive, number, total in blocks)
    shrunk = [(positive + SHRINKAGE * mean) / (number + SHRINKAGE) for positive, number, _total in blocks]
    return Calibrator("isotonic", mean_scores, tuple(np.maximum.accumulate(shrunk)))


def fit_platt(scores: Floats, accepted: Booleans) -> Calibrator:
    """Fit a non-decreasing logistic curve with smoothed targets (Platt, 1999)."""
    mean, spread = float(scores.mean()), float(scores.std())
    if spread == 0:
        return _constant(accepted)
    x = np.column_stack([(scores - mean) / spread, np.ones(len(scores))])
    positive = int(accepted.sum())
    target = np.where(accepted, (positive + 1) / (positive + 2), 1 / (len(scores) - positive + 2))
    weights = logistic_regression(x, target, ridge=np.array([1e-3, 0.0]))
    points = np.linspace(0, 100, 101)
    slope = max(float(weights[0]), 0.0)
    curve = sigmoid(slope * (points - mean) / spread + weights[1]) if slope else _constant(accepted)(points)
    return Calibrator("platt", tuple(points), tuple(curve))


def logistic_regression(x: Floats, target: Floats, *, ridge: Floats, sample_weight: Floats | None = None) -> Floats:
    """Minimise the log loss of sigmoid(x w) plus ½ Σ ridge w² by Newton's method; return w (columns,).

    `x` (rows × columns), `target` (rows,) 0–1, `ridge` (columns,), `sample_weight` (rows,).
    """
    sample_weight = np.ones(len(x)) if sample_weight is None else sample_weight
    weights = np.zeros(x.shape[1])
    for _step in range(50):
        predicted = sigmoid(x @ weights)
        gradient = x.T @ (sample_weight * (predicted - target)) + ridge * weights
        hessian = (x * (sample_weight * predicted * (1 - predicted))[:, None]).T @ x + np.diag(ridge + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        weights = weights - np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return weights


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + e^−x), with x clipped to [−40, 40]."""
    return 1 / (1 + np.exp(-np.clip(x, -40, 40)))


def _constant(accepted: Booleans) -> Calibrator:
    return Calibrator("isotonic", (50.0,), (float((np.sum(accepted) + 1) / (len(accepted) + 2)),))


_FITS = {"isotonic": fit_isotonic, "platt": fit_platt}


def _held_out(kind: str, scores: Floats, accepted: Booleans, groups: Sequence[Hashable]) -> Floats:
    fold, probabilities = group_folds(groups), np.full(len(scores), float(np.mean(accepted)))
    for number in range(FOLDS):
        held_out = fold == number
        if held_out.any() and not held_out.all():
            probabilities[held_out] = _FITS[kind](scores[~held_out], accepted[~held_out])(scores[held_out])
    return probabilities
