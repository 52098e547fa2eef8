"""Detection of demands for which no achievement fits (暂无高匹配).

A score alone cannot decide this, because its meaning depends on the registry. If an achievement fits, its lexical total
lies clearly above the tenth; if none fits, many achievements share the same everyday words. The totals of the plain
words are used, because concepts and synonyms find similar achievements for every demand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MIN_REGISTRY_SIZE = 30
"""For a smaller registry the rule does not apply; the score threshold decides instead."""

REFERENCE_RANK = 10
"""The best total is compared with the total at this rank."""


@dataclass(frozen=True, slots=True)
class ScoreProfile:
    """The lexical totals of one demand over the registry.

    `best`: greatest total; `lead`: greatest total divided by the total at REFERENCE_RANK; `registry_size`: number of
    achievements.
    """

    best: float
    lead: float
    registry_size: int

    def as_json(self) -> dict[str, float]:
        """Return the numbers under the names by which they are stored."""
        stored = {"best": self.best, "ahead": self.lead, "registry": self.registry_size}
        return {name: round(value, 4) for name, value in stored.items()}


@dataclass(frozen=True, slots=True)
class NoMatchRule:
    """Logistic regression on `rule_features`: the probability that no achievement of the registry fits a demand."""

    best_weight: float
    lead_weight: float
    intercept: float
    threshold: float = 0.2

    def is_applicable(self, profile: ScoreProfile) -> bool:
        """Return whether the registry is large enough."""
        return profile.registry_size >= MIN_REGISTRY_SIZE

    def probability(self, profile: ScoreProfile) -> float:
        """Return the probability that no achievement fits, 0–1. It is 0 if the rule is not applicable."""
        if not self.is_applicable(profile):
            return 0.0
        best, lead = rule_features(profile)
        return round(1 / (1 + math.exp(-(self.intercept + self.best_weight * best + self.lead_weight * lead))), 4)

    def is_no_match(self, profile: ScoreProfile) -> bool:
        """Return whether the probability reaches the threshold."""
        return self.probability(profile) >= self.threshold


PRIOR_RULE = NoMatchRule(best_weight=-2.2229, lead_weight=-2.1028, intercept=-2.5014)
"""The rule in use until decisions exist. How it was fitted and its error rates: docs/matching.md."""


def rule_features(profile: ScoreProfile) -> tuple[float, float]:
    """Return ln(best) and ln(lead), each clipped to [ln .02, ln 50]."""
    best, lead = (math.log(min(max(value, 0.02), 50.0)) for value in (profile.best, profile.lead))
    return best, lead


def fit_no_match_rule(
    profiles: Sequence[ScoreProfile], has_no_match: Sequence[bool], *, ridge: float = 1.0
) -> NoMatchRule:
    """Fit the rule to judged demands. `ridge` penalises the weights of the standardised features."""
    import numpy as np

    from matching.engine.calibration import logistic_regression

    x = np.array([rule_features(profile) for profile in profiles])
    means, spreads = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-3)
    standardised = np.column_stack([(x - means) / spreads, np.ones(len(x))])
    weights = logistic_regression(standardised, np.asarray(has_no_match, float), ridge=np.array([ridge, ridge, 0.0]))
    slopes = np.minimum(weights[:2], 0.0) / spreads  # a greater best total must not raise the probability
    intercept = float(weights[2] - slopes @ means)
    return NoMatchRule(
        best_weight=round(float(slopes[0]), 4), lead_weight=round(float(slopes[1]), 4), intercept=round(intercept, 4)
    )
