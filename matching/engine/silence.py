"""When to say 暂无高匹配: does the best that a registry holds for a need stand out from the rest, or only top a crowd?

A score alone cannot tell: what it is worth depends on the registry. Where something fits, the first place stands clear
of the tenth; where nothing does, a dozen achievements share the same everyday words. By those words it is told: what a
method adds to them (concepts, synonyms) finds relatives for every need, also where none can help.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

LEAST_REGISTRY = 30
"""A smaller registry has no crowd to stand out from: there only the pass mark of the score decides."""

CROWD = 10
"""The place whose total is taken for that of the crowd."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the best of a registry stands for one need, by the literal totals of the method.

    `best`: the first total; `ahead`: the first over the tenth; `registry`: how many there are.
    """

    best: float
    ahead: float
    registry: int

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Rule:
    """A logistic rule: the probability that nothing fits, from `logarithms` with these weights and a constant."""

    best: float
    ahead: float
    constant: float
    silent_from: float = 0.2

    def knows(self, standing: Standing) -> bool:
        """Whether the registry is large enough to tell."""
        return standing.registry >= LEAST_REGISTRY

    def probability(self, standing: Standing) -> float:
        """That nothing in the registry fits this need, 0–1; 0 where the registry is too small to tell."""
        if not self.knows(standing):
            return 0.0
        best, ahead = logarithms(standing)
        return round(1 / (1 + math.exp(-(self.constant + self.best * best + self.ahead * ahead))), 4)

    def is_silent(self, standing: Standing) -> bool:
        return self.probability(standing) >= self.silent_from


PRIOR = Rule(best=-2.2229, ahead=-2.1028, constant=-2.5014)
"""Before there are decisions; how it was found, and how well it does: docs/matching.md."""


def logarithms(standing: Standing) -> tuple[float, float]:
    """What a rule weighs; finite for any standing."""
    best, ahead = (math.log(min(max(value, 0.02), 50.0)) for value in (standing.best, standing.ahead))
    return best, ahead


def fit_rule(standings: Sequence[Standing], nothing_fits: Sequence[bool], *, ridge: float = 1.0) -> Rule:
    """The rule of needs that people have judged, drawn towards no opinion by `ridge` in units of each spread."""
    import numpy as np

    from matching.engine.likelihood import logistic_regression

    x = np.array([logarithms(one) for one in standings])
    means, spreads = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-3)
    z = np.column_stack([(x - means) / spreads, np.ones(len(x))])
    weights = logistic_regression(z, np.asarray(nothing_fits, float), ridge=np.array([ridge, ridge, 0.0]))
    slopes = np.minimum(weights[:2], 0.0) / spreads  # a better best never speaks for silence
    constant = float(weights[2] - slopes @ means)
    return Rule(best=round(float(slopes[0]), 4), ahead=round(float(slopes[1]), 4), constant=round(constant, 4))
