"""The learned ranker: near the prior with few decisions, better with consistent ones, robust to careless reviewers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.calibration import sigmoid
from matching.engine.metrics import auc
from matching.engine.ranker import (
    FACT_KINDS,
    FEATURE_NAMES,
    Example,
    Ranker,
    cross_validated_scores,
    features,
    has_enough_decisions,
    reliable_examples,
    train,
)

VERDICTS = ("fits", "talk", "contradicts", "unknown")


def simulated_examples(number=600, seed=1, reviewers=("a", "b", "c", "d"), careless=None):
    """Reviewers accept by the prior and by the stage, which the prior ignores."""
    random = np.random.default_rng(seed)
    examples = []
    for n in range(number):
        score = float(random.uniform(20, 95))
        facts = {kind: str(random.choice(VERDICTS)) for kind in FACT_KINDS}
        utility = (score - 65) / 12 + {"fits": 2.0, "contradicts": -2.0}.get(facts["stage"], 0.0)
        reviewer = reviewers[n % len(reviewers)]
        accepted = bool(random.random() < sigmoid(np.array(utility)))
        if reviewer == careless:
            accepted = True
        examples.append(Example(score, {"bm25": float(random.random())}, facts, accepted, n // 5, reviewer))
    return examples


def scores_of(ranker, examples):
    return [ranker.score(example.score, example.parts, example.facts) for example in examples]


def test_it_learns_a_preference_that_the_prior_ignores():
    seen, unseen = simulated_examples(), simulated_examples(seed=2)
    accepted = np.array([1 + 3 * example.accepted for example in unseen])
    prior = auc(np.array([example.score for example in unseen]), accepted)
    learned = auc(np.array(scores_of(train(seen), unseen)), accepted)
    assert learned > prior + 0.05
    weights = dict(zip(FEATURE_NAMES, train(seen).weights, strict=True))
    assert weights["prior"] > 0 and weights["stage"] == max(weights[kind] for kind in FACT_KINDS)


def test_with_few_decisions_the_order_stays_close_to_the_prior():
    few = simulated_examples(number=20)
    scores = scores_of(train(few), simulated_examples(seed=3))
    prior = [example.score for example in simulated_examples(seed=3)]
    assert np.corrcoef(np.argsort(np.argsort(scores)), np.argsort(np.argsort(prior)))[0, 1] > 0.9


def test_a_reviewer_who_accepts_everything_has_little_weight():
    careless = simulated_examples(reviewers=("a", "b", "c", "lazy"), careless="lazy")
    unseen = simulated_examples(seed=4)
    accepted = np.array([1 + 3 * example.accepted for example in unseen])
    clean = auc(np.array(scores_of(train(simulated_examples()), unseen)), accepted)
    assert auc(np.array(scores_of(train(careless), unseen)), accepted) > clean - 0.01
    assert {example.reviewer for example in reliable_examples(careless)} == {"a", "b", "c"}


def test_cross_validated_scores_come_from_rankers_trained_without_the_demand():
    """The verdict of each demand is random, so only a ranker that was trained on it could predict it."""
    random = np.random.default_rng(8)
    kinds = random.random(80) < 0.5
    examples = [Example(float(random.uniform(30, 90)), {}, {}, bool(kinds[n // 5]), n // 5, "a") for n in range(400)]
    scores = cross_validated_scores(examples)
    accepted = np.array([1 + 3 * example.accepted for example in examples])
    assert abs(auc(np.array(scores), accepted) - 0.5) < 0.15


def test_few_decisions_or_one_demand_are_not_enough():
    assert has_enough_decisions(simulated_examples())
    assert not has_enough_decisions(simulated_examples(number=60))
    one_demand = [
        Example(example.score, example.parts, example.facts, example.accepted, 1) for example in simulated_examples()
    ]
    assert not has_enough_decisions(one_demand)


number = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(
    number,
    st.dictionaries(st.text(max_size=5), number, max_size=3),
    st.dictionaries(st.sampled_from(FACT_KINDS), st.text()),
)
def test_any_pair_has_finite_features_and_a_score_within_bounds(score, parts, facts):
    assert np.isfinite(features(score, parts, facts)).all()
    ranker = Ranker((1.0, *[0.5] * (len(FEATURE_NAMES) - 1)), 0.0)
    assert 0 <= ranker.score(score, parts, facts) < 100


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"weights": {}, "constant": 0.0},
        {"weights": dict.fromkeys(FEATURE_NAMES, "x"), "constant": 0.0},
        {"weights": dict.fromkeys(FEATURE_NAMES, float("nan")), "constant": 0.0},
        {"weights": dict.fromkeys(FEATURE_NAMES, 0.0) | {"prior": -1.0}, "constant": 0.0},
        {"weights": None, "constant": 0.0},
    ],
)
def test_a_damaged_ranker_is_refused(stored):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Ranker.from_json(stored)


def test_a_ranker_equals_itself_after_storage():
    ranker = train(simulated_examples(number=200))
    assert Ranker.from_json(ranker.as_json()) == ranker
