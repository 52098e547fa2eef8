"""An attacker who holds all public data and guesses the firm behind each anonymous demand.

The public data are the rows of the API. The attacker compares each anonymous row with every firm that has published
under its name: words of the alias in the firm's name, district, industry, pairs of characters in common, budget.
"""

import math
from collections import Counter, defaultdict
from itertools import pairwise

PLACES = ("大连市", "区", "县", "某", "企业", "公司", "代号", "（", "）")
CONFIDENT = 1.35
"""The attacker claims a firm whose score is this many times that of the next one."""


def guesses(rows: list[dict]) -> dict[str, tuple[str, bool]]:
    """{id of an anonymous row: (name of the likeliest firm, whether the attacker is confident)}."""
    named = defaultdict(list)
    for row in rows:
        if not row["is_anonymous"]:
            named[row["firm"]].append(row)
    weights = _weights(rows)
    result = {}
    for row in rows:
        if row["is_anonymous"]:
            scores = sorted(((_score(row, firm, own, weights), firm) for firm, own in named.items()), reverse=True)
            (best, firm), (second, _other) = scores[0], scores[1]
            result[row["id"]] = (firm, best > CONFIDENT * second)
    return result


def _score(row: dict, firm: str, own: list[dict], weights: dict[str, float]) -> float:
    text = sum(max(_similarity(row, other, weights) for other in own) for _once in (1,))
    alias = row["firm"].partition("（代号")[0]
    for place in (row["region"] or {"name": ""})["name"], *PLACES:
        alias = alias.replace(place, "") if place else alias
    shared = sum(1 for pair in map("".join, pairwise(alias)) if pair in firm)
    region = bool(row["region"]) and any(row["region"] == other["region"] for other in own)
    other_region = bool(row["region"]) and not region
    industry = bool(row["industry"]) and any(row["industry"] == other["industry"] for other in own)
    budget = any(row["budget_max_wan"] == other["budget_max_wan"] for other in own)
    facts = 0.3 * shared + 0.25 * region - 0.5 * other_region + 0.15 * industry + 0.02 * budget
    return max(0.001, 0.05 + 2 * text + facts)


def _text(row: dict) -> str:
    return "\n".join([row["title"], row["problem"], *row["keywords"]])


def _pairs(text: str) -> set[str]:
    return {a + b for a, b in pairwise(text) if a.isalnum() and b.isalnum()}


def _weights(rows: list[dict]) -> dict[str, float]:
    counts = Counter(pair for row in rows for pair in _pairs(_text(row)))
    return {pair: math.log(len(rows) / count) ** 2 for pair, count in counts.items()}


def _similarity(row: dict, other: dict, weights: dict[str, float]) -> float:
    left, right = _pairs(_text(row)), _pairs(_text(other))
    norm = math.sqrt(sum(weights[p] for p in left) * sum(weights[p] for p in right))
    return sum(weights[p] for p in left & right) / norm if norm else 0.0
