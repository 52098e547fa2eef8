from hypothesis import given
from hypothesis import strategies as st

from mechanism.evaluation import RecusalFacts, recusal_reasons, summarise_marks

WEIGHTS = {"science": 20, "technology": 80}
marks = st.fixed_dictionaries(dict.fromkeys(WEIGHTS, st.integers(0, 100)))


@given(st.lists(marks, min_size=1, max_size=9))
def test_the_mean_lies_between_the_lowest_and_the_highest_expert(given_marks):
    result = summarise_marks(WEIGHTS, given_marks)
    assert result.totals[0] - 0.05 <= result.total <= result.totals[-1] + 0.05
    assert list(result.totals) == sorted(result.totals)
    for value in result.values.values():
        assert value.lowest <= value.mean <= value.highest
        assert (value.deviation == 0) == (value.lowest == value.highest)


def test_units_are_compared_despite_spelling_variants():
    def same(unit: str, of: str) -> bool:
        return bool(recusal_reasons(RecusalFacts("甲", [unit], [of], [])))

    assert same("大连 理工大学", "大连理工大学")
    assert same("大连理工大学化工学院", "大连理工大学")
    assert not same("大连大学", "大连理工大学")
    assert not same("大连", "大连理工大学"), "too short to say"
    assert not same("", "大连理工大学")
