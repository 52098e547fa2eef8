"""暂无高匹配: the rule depends on the lead of the best achievement and does not apply to small registries."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import Item, build
from matching.engine.no_match import MIN_REGISTRY_SIZE, PRIOR_RULE, NoMatchRule, ScoreProfile, fit_no_match_rule

numbers = st.floats(allow_nan=False, allow_infinity=True)


@given(numbers, numbers, st.integers(0, 10**6))
def test_any_profile_has_a_probability(best, lead, registry_size):
    assert 0 <= PRIOR_RULE.probability(ScoreProfile(best, lead, registry_size)) <= 1


@given(st.floats(0, 5), st.floats(1, 20), st.floats(0, 5), st.floats(1, 20))
def test_a_better_profile_never_raises_the_probability(best, lead, more, further):
    worse = PRIOR_RULE.probability(ScoreProfile(best, lead, 500))
    better = PRIOR_RULE.probability(ScoreProfile(best + more, lead * further, 500))
    assert better <= worse


def test_the_rule_does_not_apply_to_a_small_registry():
    assert not PRIOR_RULE.is_no_match(ScoreProfile(0.0, 1.0, MIN_REGISTRY_SIZE - 1))
    assert PRIOR_RULE.is_no_match(ScoreProfile(0.1, 1.0, MIN_REGISTRY_SIZE))


def test_a_rule_learns_what_separates_demands():
    random = np.random.default_rng(5)
    fits = [ScoreProfile(best, lead, 500) for best, lead in random.uniform((0.8, 2.5), (2, 6), (80, 2))]
    without_match = [ScoreProfile(best, lead, 500) for best, lead in random.uniform((0.2, 1.0), (0.9, 2.2), (20, 2))]
    rule = fit_no_match_rule(fits + without_match, [False] * 80 + [True] * 20)
    assert np.mean([rule.is_no_match(profile) for profile in without_match]) >= 0.9
    assert np.mean([rule.is_no_match(profile) for profile in fits]) <= 0.1
    assert rule.best_weight <= 0 and rule.lead_weight <= 0


def test_a_rule_fitted_to_one_class_is_defined():
    rule = fit_no_match_rule([ScoreProfile(1.0, 2.0, 100)] * 5, [False] * 5)
    assert isinstance(rule, NoMatchRule) and math.isfinite(rule.probability(ScoreProfile(1.0, 2.0, 100)))


@pytest.fixture(scope="module")
def registry():
    """Achievements that share everyday words, and one that a demand is about."""
    everyday = "本技术提高生产效率降低成本，已在企业应用，适用于设备改造"
    things = "阀泵轴齿轮缸炉塔釜筛网膜管桥船塔坝渠井灯镜钟表秤尺锯刨钻铣磨铸锻焊镀漆染织纺纱线绳带布革纸墨胶塑"
    achievements = [Item(n, f"{thing}制造改进", everyday) for n, thing in enumerate(things)]
    return [*achievements, Item(99, "镁合金微弧氧化膜封孔", f"镁合金表面微弧氧化膜耐蚀封孔处理。{everyday}")]


def test_a_demand_with_a_fitting_achievement_has_a_greater_lead(registry):
    demands = [
        Item(1, "镁合金壳体微弧氧化后耐蚀性差", "壳体微弧氧化膜有微孔，盐雾试验不过，想找封孔处理"),
        Item(2, "企业想降低成本", "提高效率，改造设备"),
    ]
    index = build(registry, demands)
    first, second = (ranking.profile for ranking in index.rank(demands, k=5))
    assert first.registry_size == len(registry)
    assert first.lead > second.lead and first.best > second.best
    assert PRIOR_RULE.probability(first) < PRIOR_RULE.threshold < PRIOR_RULE.probability(second)


def test_a_profile_does_not_depend_on_the_other_demands(registry):
    demands = [Item(n, f"镁合金第{n}种", "微弧氧化") for n in range(5)]
    index = build(registry, demands)
    together = {ranking.demand_id: ranking.profile for ranking in index.rank(demands)}
    for demand in demands:
        (alone,) = index.rank([demand])
        assert alone.profile == together[demand.id]


def test_an_empty_registry_has_a_profile():
    demand = Item(1, "想找人", "")
    (ranking,) = build([], [demand]).rank([demand])
    assert ranking.profile == ScoreProfile(0.0, 1.0, 0)
