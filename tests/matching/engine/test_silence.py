"""暂无高匹配: said where nothing stands out, and never because of a tiny registry."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import Item, build
from matching.engine.silence import LEAST_REGISTRY, PRIOR, Rule, Standing, fit_rule

numbers = st.floats(allow_nan=False, allow_infinity=True)


@given(numbers, numbers, st.integers(0, 10**6))
def test_any_standing_has_a_probability(best, ahead, registry):
    assert 0 <= PRIOR.probability(Standing(best, ahead, registry)) <= 1


@given(st.floats(0, 5), st.floats(1, 20), st.floats(0, 5), st.floats(1, 20))
def test_a_better_best_never_speaks_for_silence(best, ahead, more, further):
    worse = PRIOR.probability(Standing(best, ahead, 500))
    better = PRIOR.probability(Standing(best + more, ahead * further, 500))
    assert better <= worse


def test_a_small_registry_is_never_silent_by_the_rule():
    assert not PRIOR.is_silent(Standing(0.0, 1.0, LEAST_REGISTRY - 1))
    assert PRIOR.is_silent(Standing(0.1, 1.0, LEAST_REGISTRY))


def test_a_rule_learns_what_separates():
    random = np.random.default_rng(5)
    fits = [Standing(best, ahead, 500) for best, ahead in random.uniform((0.8, 2.5), (2, 6), (80, 2))]
    nothing = [Standing(best, ahead, 500) for best, ahead in random.uniform((0.2, 1.0), (0.9, 2.2), (20, 2))]
    rule = fit_rule(fits + nothing, [False] * 80 + [True] * 20)
    assert np.mean([rule.is_silent(one) for one in nothing]) >= 0.9
    assert np.mean([rule.is_silent(one) for one in fits]) <= 0.1
    assert rule.best <= 0 and rule.ahead <= 0


def test_a_rule_from_one_sided_judgements_is_still_defined():
    rule = fit_rule([Standing(1.0, 2.0, 100)] * 5, [False] * 5)
    assert isinstance(rule, Rule) and math.isfinite(rule.probability(Standing(1.0, 2.0, 100)))


@pytest.fixture(scope="module")
def registry():
    """Sixty subjects that share everyday words, and one that a need is about."""
    everyday = "本技术提高生产效率降低成本，已在企业应用，适用于设备改造"
    things = "阀泵轴齿轮缸炉塔釜筛网膜管桥船塔坝渠井灯镜钟表秤尺锯刨钻铣磨铸锻焊镀漆染织纺纱线绳带布革纸墨胶塑"
    offers = [Item(n, f"{thing}制造改进", everyday) for n, thing in enumerate(things)]
    return [*offers, Item(99, "镁合金微弧氧化膜封孔", f"镁合金表面微弧氧化膜耐蚀封孔处理。{everyday}")]


def test_what_stands_out_is_seen(registry):
    needs = [
        Item(1, "镁合金壳体微弧氧化后耐蚀性差", "壳体微弧氧化膜有微孔，盐雾试验不过，想找封孔处理"),
        Item(2, "企业想降低成本", "提高效率，改造设备"),
    ]
    index = build(registry, needs)
    first, second = (ranking.standing for ranking in index.rank(needs, k=5))
    assert first.registry == len(registry)
    assert first.ahead > second.ahead and first.best > second.best
    assert PRIOR.probability(first) < PRIOR.silent_from < PRIOR.probability(second)


def test_the_standing_is_the_same_alone_or_with_others(registry):
    needs = [Item(n, f"镁合金第{n}种", "微弧氧化") for n in range(5)]
    index = build(registry, needs)
    together = {ranking.demand_id: ranking.standing for ranking in index.rank(needs)}
    for need in needs:
        (alone,) = index.rank([need])
        assert alone.standing == together[need.id]


def test_an_empty_registry_has_a_standing():
    need = Item(1, "想找人", "")
    (ranking,) = build([], [need]).rank([need])
    assert ranking.standing == Standing(0.0, 1.0, 0)
