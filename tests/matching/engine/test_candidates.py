"""Candidates of a demand: probability grows with the lead over the tenth score; silent only if nothing is shared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import Item, build
from matching.engine.candidates import (
    HIGH,
    MAX_CANDIDATES,
    MIN_BEST_SCORE,
    MIN_REFERENCE_SCORE,
    ScoreProfile,
    candidates_of,
    level_of,
    none_fits,
    score_profile,
)

scores = st.floats(0, 100)


@given(scores, scores, scores, st.integers(0, 10**6))
def test_any_profile_gives_any_score_a_probability(best, reference, score, registry_size):
    assert 0 <= ScoreProfile(best, reference, registry_size).probability(score) <= 1


@given(scores, scores, scores, scores)
def test_a_greater_score_or_a_lower_reference_never_lowers_the_probability(score, more, reference, less):
    low, high = sorted([score, more])
    low_reference, high_reference = sorted([reference, less])
    smaller = ScoreProfile(100, high_reference, 500).probability(low)
    assert ScoreProfile(100, low_reference, 500).probability(high) >= smaller


def test_levels_have_one_threshold():
    assert [level_of(p) for p in (1, HIGH, HIGH - 0.01, 0)] == ["high", "high", "candidate", "candidate"]


def test_a_typical_candidate_is_no_sure_pair_and_a_great_lead_is():
    profile = ScoreProfile(best=60.0, reference=38.0, registry_size=2000)
    assert 0.02 < profile.probability(45.0) < 0.10 < profile.probability(60.0) < HIGH < profile.probability(90.0)


def test_the_probability_that_none_fits():
    assert (none_fits([]), none_fits([0.5, 0.5]), none_fits([1.0, 0.2])) == (1.0, 0.25, 0.0)


def test_the_reference_is_the_tenth_score_and_at_least_the_floor():
    assert score_profile([*range(90, 50, -1)], 500) == ScoreProfile(90, 81, 500)
    assert score_profile([70.0, 20.0], 2) == ScoreProfile(70.0, 0.0, 2)
    floor = ScoreProfile(70.0, MIN_REFERENCE_SCORE, 2)
    assert ScoreProfile(70.0, 0.0, 2).probability(70.0) == floor.probability(70.0) > HIGH
    assert score_profile([], 0) == ScoreProfile(0.0, 0.0, 0)


@pytest.fixture(scope="module")
def registry():
    """Achievements that share everyday words, and one that a demand is about."""
    everyday = "本技术提高生产效率降低成本，已在企业应用，适用于设备改造"
    things = "阀泵轴齿轮缸炉塔釜筛网膜管桥船塔坝渠井灯镜钟表秤尺锯刨钻铣磨铸锻焊镀漆染织纺纱线绳带布革纸墨胶塑"
    achievements = [Item(n, f"{thing}制造改进", everyday) for n, thing in enumerate(things)]
    return [*achievements, Item(99, "镁合金微弧氧化膜封孔", f"镁合金表面微弧氧化膜耐蚀封孔处理。{everyday}")]


def ranked(registry, *demands, k=20):
    return list(build(registry, demands).rank(demands, k=k))


def test_a_demand_with_a_fitting_achievement_has_a_greater_lead(registry):
    fits, vague = ranked(
        registry,
        Item(1, "镁合金壳体微弧氧化后耐蚀性差", "壳体微弧氧化膜有微孔，盐雾试验不过，想找封孔处理"),
        Item(2, "企业想降低成本", "提高效率，改造设备"),
    )
    first, *_others = candidates_of(fits)
    assert (first.achievement_id, first.level) == (99, "high")
    assert len(candidates_of(vague)) == MAX_CANDIDATES
    assert {candidate.level for candidate in candidates_of(vague)} == {"candidate"}


def test_candidates_are_in_order_of_score_and_probability(registry):
    (ranking,) = ranked(registry, Item(1, "镁合金壳体", "微弧氧化膜有微孔，设备改造降低成本"))
    shown = candidates_of(ranking)
    assert len(shown) == MAX_CANDIDATES
    for values in ([c.score for c in shown], [c.probability for c in shown]):
        assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("text", ["", "？！", "quantum chromodynamics", "😀"])
def test_a_demand_that_shares_nothing_is_silent(registry, text):
    (ranking,) = ranked(registry, Item(1, text, text))
    assert ranking.profile.best < MIN_BEST_SCORE and candidates_of(ranking) == []


def test_achievements_that_share_nothing_are_not_shown():
    achievements = [Item(1, "镁合金微弧氧化膜封孔"), Item(2, "海参育苗"), Item(3, "quantum")]
    (ranking,) = ranked(achievements, Item(1, "镁合金微弧氧化膜", ""))
    assert [candidate.achievement_id for candidate in candidates_of(ranking)] == [1]


def test_a_profile_depends_neither_on_the_other_demands_nor_on_k(registry):
    demands = [Item(n, f"镁合金第{n}种", "微弧氧化") for n in range(5)]
    index = build(registry, demands)
    together = {ranking.demand_id: ranking.profile for ranking in index.rank(demands)}
    for demand in demands:
        (alone,) = index.rank([demand], k=1)
        assert alone.profile == together[demand.id] and len(alone.achievements) == 1


def test_an_empty_registry_has_a_profile():
    (ranking,) = ranked([], Item(1, "想找人", ""))
    assert ranking.profile == ScoreProfile(0.0, 0.0, 0) and candidates_of(ranking) == []


LONG = "镁合金微弧氧化膜的封孔处理。" * 7_200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("鎂合金微弧氧化膜封孔", 99, id="traditional characters"),
        pytest.param("项目\t要求\n镁合金\t微弧氧化\n封孔\t盐雾 500 h\n", 99, id="a table pasted as text"),
        pytest.param(LONG, 99, id="100,000 characters"),
        pytest.param("镁合金微弧氧化" * 14_300, 99, id="100,000 characters without a full stop"),
        pytest.param("\x00\ud800镁合金\u202e微弧氧化", 99, id="control characters and a lone surrogate"),
    ],
)
def test_unusual_texts_have_candidates(registry, text, expected):
    (ranking,) = ranked(registry, Item(1, "", text))
    assert candidates_of(ranking)[0].achievement_id == expected
