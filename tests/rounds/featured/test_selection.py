"""The selection is deterministic, meets the rules and gives reasons."""

import random

import pytest

from rounds.featured import (
    GroupQuotas,
    InfeasibleRulesError,
    InvalidRulesError,
    ManualDecisions,
    Quota,
    SelectionRules,
    select_featured,
)
from tests.rounds.featured.offers import FREE, keys, offer, rules

LEVELS = ("industrial", "pilot", "lab", "concept")


def words_of(proposal, key: str) -> str:
    seats = [*proposal.chosen, *proposal.reserve, *proposal.excluded]
    return "；".join(reason.words for seat in seats if seat.key == key for reason in seat.reasons)


def test_higher_scores_come_first_and_ties_by_key():
    offered = [offer("d", maturity="lab"), offer("c"), offer("a", maturity="industrial"), offer("b")]
    assert keys(select_featured(offered, rules(3))) == ["a", "b", "c"]


def test_input_order_does_not_matter():
    offered = [
        offer(
            f"{number:02}", f"{number % 5}大学", f"产业{number % 3}", maturity=LEVELS[number % 4], accepted=number % 4
        )
        for number in range(40)
    ]
    asked = rules(20, institutions=GroupQuotas(Quota(2, 5)), industries=GroupQuotas(Quota(4, 8)))
    first = select_featured(offered, asked)
    for seed in range(5):
        random.Random(seed).shuffle(offered)
        assert select_featured(offered, asked) == first


def test_every_weight_counts():
    mature = offer("a", maturity="industrial")
    themed = offer("b", maturity="lab", industry="海洋食品", industry_words=("海洋食品与牧场",))
    needed = offer("c", maturity="lab", accepted=3)
    offered = [mature, themed, needed]
    asked = {"themes": ("海洋食品",)}
    first = {
        name: keys(select_featured(offered, rules(1, **{"maturity": 0, "fit": 0, "needs": 0} | {name: 50}, **asked)))
        for name in ("maturity", "fit", "needs")
    }
    assert first == {"maturity": ["a"], "fit": ["b"], "needs": ["c"]}


def test_self_assessed_level_counts_less():
    offered = [offer("a", has_evidence=False), offer("b", has_evidence=True)]
    proposal = select_featured(offered, rules(2))
    assert keys(proposal) == ["b", "a"]
    assert "自评" in words_of(proposal, "a")


def test_reasons_state_the_facts():
    candidate = offer("a", maturity="industrial", level="TRL 8", accepted=2, waiting=1, words="储能电池 液流")
    proposal = select_featured([candidate], rules(1, themes=("液流",))).chosen[0]
    assert [reason.words for reason in proposal.reasons] == [
        "可产业化（TRL 8），有依据",
        "名称或关键词里有主题“液流”",
        "背后有 2 项企业需求（匹配已采纳），另有 1 项匹配待审核，不计分",
    ]


def test_only_reviewed_matches_make_an_achievement_sought_after():
    offered = [offer("a", waiting=6), offer("b", accepted=1)]
    proposal = select_featured(offered, rules(2, maturity=0, fit=0, needs=1))
    assert keys(proposal) == ["b", "a"]
    assert words_of(proposal, "a") == "还没有已采纳的匹配，6 项匹配待审核，不计分"


def test_key_industry_counts_less_than_a_theme():
    offered = [offer("a", industry="芯片"), offer("b", industry="氢能", industry_words=("氢能",)), offer("c")]
    proposal = select_featured(offered, rules(3, themes=("氢能",), key_industries=("芯片",)))
    assert keys(proposal) == ["b", "a", "c"]
    assert "属于重点产业“芯片”" in words_of(proposal, "a")
    assert "不在活动主题和重点产业内" in words_of(proposal, "c")


def test_minimum_selects_the_best_of_the_institution_with_a_reason():
    offered = [offer("a"), offer("b"), offer("c", "乙大学", maturity="lab"), offer("d", "乙大学", maturity="concept")]
    proposal = select_featured(offered, rules(2, institutions=GroupQuotas(Quota(1, None))))
    assert keys(proposal) == ["a", "c"]
    assert "按规则乙大学至少 1 项" in words_of(proposal, "c")
    assert "名额先给了必选的和未达下限的院校、产业" in words_of(proposal, "b")


def test_maximum_leaves_out_with_a_reason():
    offered = [offer("a"), offer("b"), offer("c", "乙大学", maturity="lab")]
    proposal = select_featured(offered, rules(2, institutions=GroupQuotas(Quota(0, 1))))
    assert keys(proposal) == ["a", "c"]
    assert proposal.reserve[0].reasons[0].words == "甲大学已选满 1 项"


def test_institution_may_have_its_own_quota():
    offered = [offer(key) for key in "abc"] + [offer(key, "乙大学", maturity="lab") for key in "def"]
    limits = GroupQuotas(Quota(0, 1), {"乙大学": Quota(0, 3)})
    assert keys(select_featured(offered, rules(4, institutions=limits))) == ["a", "d", "e", "f"]


def test_both_quotas_are_met_where_a_greedy_choice_fails():
    # Taking the best of 甲 first (材料) would leave 乙, who has 材料 only, without a place.
    offered = [
        offer("a", "甲大学", "材料", maturity="industrial"),
        offer("b", "甲大学", "装备", maturity="concept"),
        offer("c", "乙大学", "材料", maturity="lab"),
    ]
    balanced = rules(2, institutions=GroupQuotas(Quota(1, None)), industries=GroupQuotas(Quota(0, 1)))
    assert keys(select_featured(offered, balanced)) == ["c", "b"]


def test_recently_featured_items_are_excluded():
    offered = [
        offer("a", shown=((1, "第四场"),)),
        offer("b", shown=((2, "第三场"), (5, "首场"))),
        offer("c", shown=((3, "第二场"),)),
    ]
    proposal = select_featured(offered, rules(1))
    assert keys(proposal) == ["c"]
    assert [seat.key for seat in proposal.excluded] == ["a", "b"]
    assert "“第三场”刚推介过" in words_of(proposal, "b")


def test_pins_bans_and_manual_places_apply():
    offered = [offer(key) for key in "abcde"]
    decided = ManualDecisions(pins={"e": "市领导点名"}, bans={"a": "专利有争议"}, places={"d": 1})
    proposal = select_featured(offered, rules(4), decided)
    assert keys(proposal) == ["d", "b", "c", "e"]
    assert "不选：专利有争议" in words_of(proposal, "a")
    assert "必选：市领导点名" in words_of(proposal, "e")
    assert "手动放在第 1 位" in words_of(proposal, "d")
    assert keys(select_featured(offered, rules(2), decided)) == ["b", "e"]  # a place by hand brings nobody in


def test_manual_place_beyond_the_end_is_the_last():
    assert keys(select_featured([offer(key) for key in "abc"], rules(3), ManualDecisions(places={"a": 40}))) == [
        "b",
        "c",
        "a",
    ]


def test_pin_overrides_the_recent_exclusion_with_a_reason():
    offered = [offer("a", shown=((1, "第四场"),)), offer("b")]
    proposal = select_featured(offered, rules(1), ManualDecisions(pins={"a": "再推一次"}))
    assert keys(proposal) == ["a"]
    assert "“第四场”推介过，因必选仍入选" in words_of(proposal, "a")


def test_pin_without_a_candidate_is_reported():
    proposal = select_featured([offer("a")], rules(1), ManualDecisions(pins={"gone": "原来必选"}))
    assert (keys(proposal), proposal.missing_pins) == (["a"], ("gone",))


def refused(offered, asked: SelectionRules, decided: ManualDecisions | None = None, names=None) -> InfeasibleRulesError:
    with pytest.raises(InfeasibleRulesError) as refusal:
        select_featured(offered, asked, decided, names)
    for way in refusal.value.ways:  # each was tried, so each must do
        if way.rules:
            assert select_featured(offered, way.rules, decided, names)
        else:
            pins = {key: why for key, why in decided.pins.items() if key != way.key}
            assert select_featured(offered, asked, ManualDecisions(pins, decided.bans, decided.places), names)
    return refusal.value


def test_too_few_candidates_are_reported_with_relaxations():
    offered = [offer("a"), offer("b"), offer("c", shown=((1, "上一场"),))]
    refusal = refused(offered, rules(3))
    assert str(refusal) == "规则不能同时满足：推介 3 项。可选的成果共 2 项，1 项因前几场推介过不参加。"
    assert [way.words for way in refusal.ways] == ["把推介数量从 3 项改为 2 项", "不避开前几场推介过的成果"]


def test_minimum_above_supply_names_the_institution():
    offered = [offer("a"), offer("b"), offer("c", "乙大学")]
    refusal = refused(offered, rules(2, institutions=GroupQuotas(Quota(), {"乙大学": Quota(2, None)})))
    assert "乙大学至少 2 项" in str(refusal) and "乙大学可选的有 1 项" in str(refusal)
    assert [way.words for way in refusal.ways] == ["把乙大学的至少从 2 项改为 1 项"]


def test_minimum_of_a_group_without_candidates_is_named():
    limits = GroupQuotas(Quota(), {"17": Quota(1, None)})
    refusal = refused([offer("a")], rules(1, institutions=limits), names={"institutions": {"17": "丙学院"}})
    assert "丙学院至少 1 项" in str(refusal)


def test_maxima_below_the_number_are_named():
    offered = [offer(key) for key in "abc"] + [offer("d", "乙大学")]
    refusal = refused(offered, rules(3, institutions=GroupQuotas(Quota(0, 1))))
    assert [limit.words for limit in refusal.conflict] == ["甲大学至多 1 项", "推介 3 项"]
    assert [way.words for way in refusal.ways] == [
        "把每所院校的至多从 1 项改为 2 项",
        "把推介数量从 3 项改为 2 项",
    ]


def test_the_smallest_maximum_for_all_is_offered_and_not_a_large_one_for_a_single_institution():
    sizes = {"甲大学": 30, "乙大学": 12, "丙大学": 9, "丁大学": 6}
    offered = [offer(f"{name}{at}", name) for name, size in sizes.items() for at in range(size)]
    refusal = refused(offered, rules(36, institutions=GroupQuotas(Quota(1, 3))))
    assert [way.words for way in refusal.ways] == [
        "把每所院校的至多从 3 项改为 11 项",  # 11 + 11 + 9 + 6 ≥ 36 > 10 + 10 + 9 + 6
        "把推介数量从 36 项改为 12 项",
    ]


def test_minima_above_the_number_offer_a_larger_number():
    offered = [offer("a"), offer("b", "乙大学"), offer("c", "丙大学")]
    refusal = refused(offered, rules(2, institutions=GroupQuotas(Quota(1, None))))
    words = [way.words for way in refusal.ways]
    assert "把推介数量从 2 项改为 3 项" in words and "把每所院校的至少从 1 项改为 0 项" in words


def test_pins_against_a_maximum_are_named():
    offered = [offer("a"), offer("b"), offer("c", "乙大学")]
    decided = ManualDecisions(pins={"a": "甲", "b": "乙"})
    refusal = refused(offered, rules(2, institutions=GroupQuotas(Quota(0, 1))), decided)
    assert "必选“成果a”" in str(refusal)
    assert {way.words for way in refusal.ways} == {
        "取消必选“成果a”",
        "取消必选“成果b”",
        "把每所院校的至多从 1 项改为 2 项",
    }


def test_empty_candidates_are_refused():
    assert "可选的成果共 0 项" in str(refused([], rules(1)))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"number": 0}, "推介数量要在 1 到 200 之间，现在是 0。"),
        ({"maturity": 0, "fit": 0, "needs": 0}, "三项权重不能都是 0"),
        ({"needs": 101}, "“背后的企业需求”的权重要在 0 到 100 之间。"),
        ({"rest": -1}, "避开前几场"),
        ({"institutions": GroupQuotas(Quota(3, 2))}, "至少 3 项大于至多 2 项"),
        ({"industries": GroupQuotas(Quota(), {"材料": Quota(-1, None)})}, "至少几项要在 0 到 200 之间"),
    ],
)
def test_contradictory_rules_are_refused(wrong, words):
    with pytest.raises(InvalidRulesError, match=words):
        select_featured([offer("a")], rules(**{"number": 1} | wrong))


def test_rules_survive_storage():
    asked = rules(
        30,
        institutions=GroupQuotas(Quota(1, 9), {"7": Quota(0, None)}),
        industries=FREE,
        themes=("氢能",),
        key_industries=("3",),
    )
    assert SelectionRules.from_stored(asked.as_stored()) == asked
    assert SelectionRules.from_stored({}) == SelectionRules()


@pytest.mark.parametrize("stored", [{"number": "x"}, {"institutions": 3}, {"industries": {"each": [1]}}, {"themes": 1}])
def test_unreadable_rules_are_refused(stored):
    with pytest.raises(InvalidRulesError):
        SelectionRules.from_stored(stored)
