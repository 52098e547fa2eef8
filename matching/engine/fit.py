"""How far the facts move a match: a part from 0 to 1 beside the words, and the score that follows from both.

A contradiction lowers a match's place and never removes it. Everything that can be tuned stands at the top.
"""

import math
from collections.abc import Sequence

from matching.engine.facts import Fact

WEIGHTS = {
    "indicators": 4.0,
    "stage": 2.0,
    "price": 1.5,
    "ways": 1.0,
    "exclusivity": 1.0,
    "period": 0.75,
    "district": 0.25,
}
"""How much each kind of fact counts against the others."""

WORTH = {"fits": 1.0, "talk": -0.1, "contradicts": -1.0, "unknown": 0.0}
"""What a verdict is worth. Silence is neither for nor against."""

ROW_WORTH = {"met": 1.0, "missed": -1.0, "unstated": 0.0, "incomparable": 0.0}
"""What one indicator is worth; the fact about indicators is worth their mean."""

STRENGTH = 1.0
"""Words and facts: what the words add up to is multiplied by e^(±STRENGTH) at most."""


def fit(facts: Sequence[Fact]) -> float:
    """0–1 from the facts of a pair: .5 when nothing is known, above it when they speak for it."""
    total = sum(WEIGHTS.get(fact["kind"], 0.0) * _worth(fact) for fact in facts)
    return round(0.5 + 0.5 * max(-1.0, min(1.0, total / sum(WEIGHTS.values()))), 4)


def combine(words: float, part: float) -> float:
    """The score 0–100 of a match from the score of its words and `fit`. Never 100; unchanged where fit is .5.

    Scores are 100 (1 − e^−x) (see `methods.to_score`): x is multiplied, so that order and bounds are kept.
    """
    if not 0 < words < 100:
        return max(0.0, min(words, 100.0))
    reach = -math.log1p(-words / 100) * math.exp(STRENGTH * (2 * part - 1))
    return round(min(100 * -math.expm1(-reach), 99.9999), 4)


def _worth(fact: Fact) -> float:
    rows = fact.get("rows")
    if not rows:
        return WORTH.get(fact["verdict"], 0.0)
    return sum(ROW_WORTH.get(row["result"], 0.0) for row in rows) / len(rows)
