"""The score of the facts of a pair, and the score of a match from words and facts. All weights are defined here.

A contradiction lowers the rank of a match and never removes it.
"""

import math
from collections.abc import Sequence

from matching.engine.facts import Fact
from matching.engine.indicators import IndicatorComparison

FACT_WEIGHTS = {
    "indicators": 4.0,
    "stage": 2.0,
    "price": 1.5,
    "ways": 1.0,
    "exclusivity": 1.0,
    "period": 0.75,
    "district": 0.25,
}
"""Relative weight of each fact kind."""
_ALL_WEIGHTS = sum(FACT_WEIGHTS.values())

VERDICT_VALUES = {"fits": 1.0, "talk": -0.1, "contradicts": -1.0, "unknown": 0.0}

INDICATOR_VALUES = {"met": 1.0, "missed": -1.0, "partial": 0.5, "check": 0.0, "unstated": 0.0, "incomparable": 0.0}
"""Value of one indicator; the value of the fact `indicators` is their mean."""

LEANING_VALUES = {"met": 0.5, "missed": -0.25}
"""Value of an indicator that has to be checked, by what its numbers alone would say."""

LIMIT_PENALTIES = {"contradicts": 2.0, "talk": 0.0}
"""Subtracted from the weighted sum if the achievement's text excludes what the demand names."""

STRENGTH = 1.0
"""The score's x is multiplied by at most e^STRENGTH and at least e^−STRENGTH."""


def fact_score(facts: Sequence[Fact]) -> float:
    """Return a score 0–1 of the facts of a pair; .5 if nothing is known."""
    total = sum([FACT_WEIGHTS[fact["kind"]] * _value(fact) for fact in facts if fact["kind"] in FACT_WEIGHTS])
    total -= sum([LIMIT_PENALTIES.get(fact["verdict"], 0.0) for fact in facts if fact["kind"] == "limits"])
    return round(0.5 + 0.5 * max(-1.0, min(1.0, total / _ALL_WEIGHTS)), 4)


def combine_scores(words: float, facts: float) -> float:
    """Return the score 0–100 of a match from the score of its words (0–100) and its fact score (0–1).

    x of 100 (1 − e^−x) (see `methods.to_score`) is multiplied by e^(STRENGTH (2 facts − 1)), so that order and bounds
    are kept. The result is below 100, and equal to `words` if `facts` is .5.
    """
    if not 0 < words < 100:
        return max(0.0, min(words, 100.0))
    x = -math.log1p(-words / 100) * math.exp(STRENGTH * (2 * facts - 1))
    return round(min(100 * -math.expm1(-x), 99.9999), 4)


def _value(fact: Fact) -> float:
    rows = fact.get("rows")
    if not rows:
        return VERDICT_VALUES.get(fact["verdict"], 0.0)
    return sum(_row_value(row) for row in rows) / len(rows)


def _row_value(row: IndicatorComparison) -> float:
    if row["result"] == "check":
        return LEANING_VALUES.get(row.get("leaning", ""), 0.0)
    return INDICATOR_VALUES.get(row["result"], 0.0)
