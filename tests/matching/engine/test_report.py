"""The figures: equal to what can be worked out by hand, honest about chance."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.measures import Trial
from matching.engine.report import Judged, compare, evaluate, held_out, wilson, worst

HAND = Judged(
    engine="hand",
    scores=[90, 80, 10, 70, 60, 50],
    levels=[4, 1, 1, 1, 3, 1],
    demands=["a", "a", "a", "b", "b", "b"],
    groups=["a", "a", "a", "b", "b", "b"],
    probabilities=[0.95, 0.65, 0.05, 0.65, 0.35, 0.05],
    silence={"a": 0.1, "b": 0.9},
    silent=frozenset({"b"}),
)


def figure(name, judged=HAND, **kwargs):
    return evaluate(judged, resamples=50, **kwargs)["figures"][name]["value"]


def test_figures_worked_out_by_hand():
    assert figure("first_good") == 0.5
    assert figure("accepted@5") == pytest.approx(1 / 3, abs=1e-4)
    assert figure("auc") == 0.75
    assert figure("ndcg@10") == pytest.approx((1 + 1 / math.log2(3)) / 2, abs=1e-4)
    assert figure("precision_high") == pytest.approx(1 / 3, abs=1e-4)
    assert figure("precision_middle") == 1
    assert figure("precision_low") == 0
    assert figure("silent_otherwise") == 0.5
    assert figure("silent_when_nothing_fits") is None
    assert figure("brier") == pytest.approx((0.05**2 + 2 * 0.65**2 + 2 * 0.05**2 + 0.65**2) / 6, abs=1e-4)
    # Tenths: .95 kept 1; two of .65 kept 0; two of .05 kept 0; .35 kept 1.
    assert figure("ece") == pytest.approx((0.05 + 1.3 + 0.1 + 0.65) / 6, abs=1e-4)


def test_the_reliability_table_says_what_was_promised_and_kept():
    table = evaluate(HAND, resamples=10)["reliability"]
    assert [(line["from"], line["number"], line["promised"], line["kept"]) for line in table] == [
        (0.0, 2, 0.05, 0.0), (0.3, 1, 0.35, 1.0), (0.6, 2, 0.65, 0.0), (0.9, 1, 0.95, 1.0),
    ]  # fmt: skip


def made(number=600, noise=1.0, seed=4, engine="one"):
    random = np.random.default_rng(seed)
    truth = random.normal(size=number)
    levels = np.clip(np.round(2 + truth), 1, 4).astype(int)
    scores = 50 + 10 * (truth + noise * np.random.default_rng(seed + 1).normal(size=number))
    needs = [n // 12 for n in range(number)]
    return Judged(engine, list(scores), list(levels), needs, [need // 2 for need in needs])


def test_the_same_figures_as_the_command_line_of_the_engine():
    judged = made()
    ours = evaluate(judged, resamples=20)["figures"]
    theirs = Trial(judged.levels, judged.demands, judged.groups).measure(judged.scores)
    for name in ("spearman", "ndcg@10", "auc"):
        assert ours[name]["value"] == pytest.approx(theirs[name]["value"], abs=1e-3)


def test_intervals_hold_the_value_and_are_the_same_every_time():
    one, again = evaluate(made()), evaluate(made())
    assert one == again
    for name in ("spearman", "ndcg@10", "auc", "first_good"):
        found = one["figures"][name]
        assert found["low"] <= found["value"] <= found["high"] and found["low"] < found["high"]


def test_six_of_six_are_not_certain():
    rows = range(6)
    judged = Judged("six", [90, 10] * 3, [4, 1] * 3, [n // 2 for n in rows], [n // 2 for n in rows])
    assert evaluate(judged, resamples=50)["figures"]["first_good"] == {
        "value": 1.0, "low": 0.4385, "high": 1.0, "number": 3,
    }  # fmt: skip


def test_a_better_engine_wins_and_a_twin_does_not():
    weak, strong = made(noise=3.0), made(noise=0.3, engine="two")
    assert compare(weak, strong, resamples=200)["spearman"]["wins"] == "other"
    assert compare(strong, weak, resamples=200)["spearman"]["wins"] == "one"
    assert compare(weak, strong, resamples=200)["brier"]["wins"] == "other"  # of an error less is better
    twin = compare(weak, weak, resamples=200)
    assert {found["wins"] for found in twin.values()} == {""}


def test_engines_that_were_asked_about_other_pairs_are_not_compared():
    with pytest.raises(ValueError, match="same pairs"):
        compare(made(number=120), made(number=240))


def test_the_worst_misses_come_first():
    rows = [(one["row"], one["kind"]) for one in worst(HAND)]
    assert rows[:3] == [(1, "praised"), (3, "praised"), (4, "missed")]


def test_probabilities_held_out_once_serve_every_part():
    judged = held_out(made())
    assert evaluate(judged, resamples=5)["calibrated"] == "held out"
    assert list(judged.probabilities) == list(held_out(made()).probabilities)


def test_too_few_decisions_have_no_levels_of_their_own():
    few = Judged("few", [10, 20], [1, 4], [1, 2], [1, 2])
    assert evaluate(few, resamples=5)["calibrated"] == "too few"


def test_wilson_by_hand():
    assert wilson(0, 10) == (0.0, 0.2775)
    assert wilson(5, 10) == (0.2366, 0.7634)


rows = st.lists(
    st.tuples(st.floats(0, 100), st.integers(1, 4), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=40
)


@settings(max_examples=40, deadline=None)
@given(rows)
def test_any_judged_pairs_give_figures_without_nan(found):
    scores, levels, demands, groups = map(list, zip(*found, strict=True))
    report = evaluate(Judged("any", scores, levels, demands, groups), resamples=5)
    for one in report["figures"].values():
        assert all(value is None or math.isfinite(value) for value in one.values())
