"""The learned order: the prior's where decisions say nothing, better where officers agree, unmoved by careless ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.likelihood import sigmoid
from matching.engine.measures import auc
from matching.engine.ranker import KINDS, NAMES, Example, Ranker, enough, features, held_out_scores, train, trusted

VERDICTS = ("fits", "talk", "contradicts", "unknown")


def decided(number=600, seed=1, officers=("a", "b", "c", "d"), careless=None):
    """Officers accept by the prior and, what the prior does not know, by whether the stage fits."""
    random = np.random.default_rng(seed)
    examples = []
    for n in range(number):
        score = float(random.uniform(20, 95))
        facts = {kind: str(random.choice(VERDICTS)) for kind in KINDS}
        utility = (score - 65) / 12 + {"fits": 2.0, "contradicts": -2.0}.get(facts["stage"], 0.0)
        officer = officers[n % len(officers)]
        accepted = bool(random.random() < sigmoid(np.array(utility)))
        if officer == careless:
            accepted = True
        examples.append(Example(score, {"bm25": float(random.random())}, facts, accepted, n // 5, officer))
    return examples


def order(ranker, examples):
    return [ranker.score(one.score, one.parts, one.facts) for one in examples]


def test_it_learns_what_officers_care_about_and_the_prior_does_not_know():
    seen, unseen = decided(), decided(seed=2)
    accepted = np.array([1 + 3 * one.accepted for one in unseen])
    prior = auc(np.array([one.score for one in unseen]), accepted)
    learned = auc(np.array(order(train(seen), unseen)), accepted)
    assert learned > prior + 0.05
    weights = dict(zip(NAMES, train(seen).weights, strict=True))
    assert weights["prior"] > 0 and weights["stage"] == max(weights[kind] for kind in KINDS)


def test_with_few_decisions_the_order_stays_close_to_the_prior():
    few = decided(number=20)
    scores = order(train(few), decided(seed=3))
    prior = [one.score for one in decided(seed=3)]
    assert np.corrcoef(np.argsort(np.argsort(scores)), np.argsort(np.argsort(prior)))[0, 1] > 0.9


def test_an_officer_who_accepts_everything_counts_for_next_to_nothing():
    careless = decided(officers=("a", "b", "c", "lazy"), careless="lazy")
    unseen = decided(seed=4)
    accepted = np.array([1 + 3 * one.accepted for one in unseen])
    clean = auc(np.array(order(train(decided()), unseen)), accepted)
    assert auc(np.array(order(train(careless), unseen)), accepted) > clean - 0.01
    assert {one.officer for one in trusted(careless)} == {"a", "b", "c"}


def test_held_out_scores_come_from_rankers_that_have_not_seen_the_need():
    """Each need is accepted or not as a whole, by nothing that the engine sees: who has not seen it cannot know."""
    random = np.random.default_rng(8)
    kinds = random.random(80) < 0.5
    examples = [Example(float(random.uniform(30, 90)), {}, {}, bool(kinds[n // 5]), n // 5, "a") for n in range(400)]
    scores = held_out_scores(examples)
    accepted = np.array([1 + 3 * one.accepted for one in examples])
    assert abs(auc(np.array(scores), accepted) - 0.5) < 0.15


def test_enough():
    assert enough(decided())
    assert not enough(decided(number=60))
    one_need = [Example(one.score, one.parts, one.facts, one.accepted, 1) for one in decided()]
    assert not enough(one_need)


number = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(
    number, st.dictionaries(st.text(max_size=5), number, max_size=3), st.dictionaries(st.sampled_from(KINDS), st.text())
)
def test_any_pair_has_finite_features_and_a_score_within_bounds(score, parts, facts):
    assert np.isfinite(features(score, parts, facts)).all()
    ranker = Ranker((1.0, *[0.5] * (len(NAMES) - 1)), 0.0)
    assert 0 <= ranker.score(score, parts, facts) < 100


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"weights": {}, "constant": 0.0},
        {"weights": dict.fromkeys(NAMES, "x"), "constant": 0.0},
        {"weights": dict.fromkeys(NAMES, float("nan")), "constant": 0.0},
        {"weights": dict.fromkeys(NAMES, 0.0) | {"prior": -1.0}, "constant": 0.0},
        {"weights": None, "constant": 0.0},
    ],
)
def test_what_was_kept_damaged_is_refused(kept):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Ranker.of_json(kept)


def test_a_ranker_survives_being_kept():
    ranker = train(decided(number=200))
    assert Ranker.of_json(ranker.as_json()) == ranker
