import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.reader.agreement import quadratic_kappa
from matching.reader.grade_probabilities import PRIOR, GradeProbabilities


def test_prior_without_decisions():
    assert GradeProbabilities().all == dict(PRIOR)


def test_decisions_take_over():
    probabilities = GradeProbabilities({3: (18, 20), 2: (130, 200)})
    assert probabilities(3) == pytest.approx((7 + 18) / 30, abs=1e-4)
    assert probabilities(2) == pytest.approx((4.5 + 130) / 210, abs=1e-4)


def test_grades_in_the_wrong_order_share_their_mean():
    probabilities = GradeProbabilities({3: (10, 50), 2: (40, 50)})
    assert probabilities(2) == probabilities(3) == pytest.approx((4.5 + 7 + 50) / 120, abs=1e-4)


@given(
    st.dictionaries(st.integers(0, 3), st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
)
def test_never_lower_for_a_better_grade(decided):
    values = list(GradeProbabilities(decided).all.values())
    assert values == sorted(values) and values[0] > 0 and values[-1] < 1


def test_quadratic_kappa():
    assert quadratic_kappa([(0, 0), (3, 3), (1, 1)]) == 1
    assert quadratic_kappa([(0, 3), (3, 0)]) == -1
    assert quadratic_kappa([(0, 0), (0, 3), (3, 0), (3, 3)]) == 0
    assert quadratic_kappa([(1, 1), (1, 1)]) is None and quadratic_kappa([]) is None
    # One of four pairs is off by one; all sixteen combinations of both sides differ by 40 in squares.
    assert quadratic_kappa([(0, 0), (1, 2), (3, 3), (2, 2)]) == pytest.approx(1 - 1 * 4 / 40)
