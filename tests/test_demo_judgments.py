"""`truth.jsonl`: graded pairs of demands and achievements, judged twice, split by demand."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "demo_city"
TRUTH = [json.loads(line) for line in (FOLDER / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
TWICE = [row for row in TRUTH if None not in row["judges"]]
BEST = defaultdict(int)
for row in TRUTH:
    BEST[row["demand"]] = max(BEST[row["demand"]], row["grade"])


def weighted_kappa(pairs: list[tuple[int, int]]) -> float:
    """Cohen's kappa of grades 0–3 with squared distances as weights (Cohen 1968)."""
    total = len(pairs)
    first, second = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    seen = sum((grade - other) ** 2 for grade, other in pairs) / total
    by_chance = sum((i - j) ** 2 * first[i] * second[j] for i in range(4) for j in range(4)) / total**2
    return 1 - seen / by_chance


def test_enough_pairs_were_judged_twice():
    assert len(BEST) >= 80
    assert len(TWICE) >= 2000
    assert len(TWICE) / len(TRUTH) >= 0.95
    assert all(count >= 15 for count in Counter(row["demand"] for row in TRUTH).values())


def test_at_least_fifteen_demands_have_no_fitting_achievement():
    assert sum(best < 2 for best in BEST.values()) >= 15
    assert sum(best == 3 for best in BEST.values()) >= 60


def test_fitting_pairs_have_a_reason():
    for row in TRUTH:
        assert row["grade"] in range(4)
        assert bool(row["reason"]) == (row["grade"] >= 2), (row["demand"], row["achievement"])
    assert sum(bool(row["indicator"]) for row in TRUTH) >= 40


def test_disagreements_have_a_note():
    for row in TRUTH:
        first, second = row["judges"]
        if first != second:
            assert row["note"] or None in row["judges"], (row["demand"], row["achievement"])
        else:
            assert row["grade"] == first or row["note"], (row["demand"], row["achievement"])


def test_a_third_of_the_demands_is_reserved_for_the_final_report():
    splits = defaultdict(set)
    for row in TRUTH:
        splits[row["split"]].add(row["demand"])
    assert set(splits) == {"development", "final"}
    assert not splits["development"] & splits["final"]
    assert 0.3 <= len(splits["final"]) / len(BEST) <= 0.37
    assert sum(BEST[demand] < 2 for demand in splits["final"]) >= 4


def test_the_readme_states_the_actual_agreement():
    stated = re.search(r"加权 κ = (\d\.\d\d)", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert f"{weighted_kappa([tuple(row['judges']) for row in TWICE]):.2f}" == stated.group(1)


def test_kappa_of_perfect_opposite_and_random_agreement():
    assert weighted_kappa([(0, 0), (3, 3), (1, 1)]) == 1
    assert weighted_kappa([(0, 3), (3, 0)]) == -1
    assert abs(weighted_kappa([(0, 0), (0, 3), (3, 0), (3, 3)])) < 1e-9
