"""Scoring of candidates: attempts to gain points without real trade fail."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechanism.honours import AttributedContract, ScoringRule, score_candidates

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
AS_OF = date(2027, 4, 30)
RULE = ScoringRule(least_pairs=1)


def attributed(contract="合同一", **fields) -> AttributedContract:
    values = {
        "candidate": "经纪人",
        "seller": "大学",
        "buyer": "企业",
        "value_wan": Decimal(200),
        "received_wan": Decimal(200),
        "registered_on": date(2026, 5, 1),
        "is_registered": True,
        "confirmed": True,
    } | fields
    return AttributedContract(contract, **values)


def scores(contracts, rule=RULE, **more):
    return score_candidates(rule, contracts, first=FIRST, last=LAST, as_of=AS_OF, **more)


def points(contracts, rule=RULE, *, of="经纪人", **more) -> Decimal:
    return next((score.points for score in scores(contracts, rule, **more) if score.candidate == of), Decimal(0))


def why(contracts, **more) -> list[str]:
    return [line.why for score in scores(contracts, **more) for line in score.lines]


def test_a_contract_counts_by_the_money_received():
    assert points([attributed()]) == 200
    assert points([attributed(received_wan=Decimal(80))]) == 80
    assert why([attributed(received_wan=Decimal(80))]) == ["按到账金额计"]
    assert points([attributed(received_wan=Decimal(80))], replace(RULE, received_only=False)) == 200


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_registered": False}, "没有有效的登记（未登记或已注销）"),
        ({"registered_on": date(2025, 12, 31)}, "登记日期不在评选期内"),
        ({"confirmed": False}, "买卖双方没有都确认"),
        ({"objected": True}, "异议成立"),
        ({"buyer": None}, "当事方不明"),
        ({"buyer": "大学"}, "买卖双方是同一单位或关联单位"),
        ({"received_wan": Decimal(0)}, "还没有到账"),
    ],
)
def test_excluded_contracts_have_a_reason(change, reason):
    assert points([attributed(**change)]) == 0
    assert why([attributed(**change)]) == [reason]


def test_recent_registrations_do_not_count():
    late = attributed(registered_on=date(2026, 12, 31))
    early_scores = score_candidates(RULE, [late], first=FIRST, last=LAST, as_of=date(2027, 1, 10))
    assert early_scores[0].points == 0 and early_scores[0].lines[0].why == "登记未满 90 天"
    assert points([late]) == 200


def test_splitting_a_contract_gains_nothing():
    whole = [attributed(value_wan=Decimal(900), received_wan=Decimal(900))]
    split = [attributed(f"合同{n}", value_wan=Decimal(90), received_wan=Decimal(90)) for n in range(10)]
    assert points(whole) == points(split) == RULE.cap_per_pair_wan
    assert scores(split)[0].pairs == 1


def test_related_buyers_share_the_cap_and_count_as_one():
    to_three = [
        attributed(f"合同{n}", buyer=f"子公司{n}", value_wan=Decimal(400), received_wan=Decimal(400)) for n in range(3)
    ]
    group = [("子公司0", "子公司1"), ("子公司1", "子公司2")]
    assert points(to_three) == 1200
    assert points(to_three, related=group) == Decimal("499.98"), "a third of the cap each, cut to two places"
    assert not scores(to_three, replace(RULE, least_pairs=2), related=group)[0].qualifies


def test_contracts_of_a_pair_share_one_cap_across_candidates():
    sums = {"value_wan": Decimal(450), "received_wan": Decimal(450)}
    friends = scores([attributed("1", candidate="甲", **sums), attributed("2", candidate="乙", **sums)])
    assert [score.points for score in friends] == [250, 250]


def test_related_parties_and_own_organisations_score_nothing():
    assert why([attributed()], related=[("大学", "企业")]) == ["买卖双方是同一单位或关联单位"]
    assert why([attributed()], own={"经纪人": ["企业"]}) == ["当事方与候选人有关联"]
    assert why([attributed()], own={"经纪人": ["母公司"]}, related=[("母公司", "企业")]) == ["当事方与候选人有关联"]


def test_payment_cycles_score_nothing():
    there = attributed("去", candidate="甲经纪人", seller="甲", buyer="乙")
    back = attributed("回", candidate="乙经纪人", seller="乙", buyer="甲")
    assert points([there], of="甲经纪人") == 200
    assert {score.points for score in scores([there, back])} == {Decimal(0)}
    round_of_three = [
        attributed("1", seller="甲", buyer="乙"),
        attributed("2", seller="乙", buyer="丙"),
        attributed("3", seller="丙", buyer="甲"),
    ]
    assert points(round_of_three) == 0
    assert set(why(round_of_three)) == {"资金在这几个单位之间循环"}
    assert points([*round_of_three, attributed("4", seller="大学", buyer="丁")]) == 200


def test_a_cancelled_return_contract_forms_no_cycle():
    assert points([attributed(), attributed("回", seller="企业", buyer="大学", is_registered=False)]) == 200


def test_result_is_independent_of_input_order():
    contracts = [
        attributed(str(n), candidate=f"人{n % 3}", buyer=f"企业{n}", received_wan=Decimal(10 * n + 5)) for n in range(9)
    ]
    assert scores(contracts) == scores(contracts[::-1])


sums = st.integers(1, 900).map(Decimal)
firms = st.sampled_from("甲乙丙丁")
real = st.builds(
    lambda seller, buyer, value, received, days, who: attributed(
        candidate=who, seller=seller, buyer=buyer, value_wan=value, received_wan=min(value, received),
        registered_on=FIRST + timedelta(days=days),
    ),
    firms, firms, sums, sums, st.integers(0, 364), st.sampled_from(["经纪人", "另一人"]),
)  # fmt: skip


@st.composite
def contract_lists(draw):
    return [replace(item, contract=number) for number, item in enumerate(draw(st.lists(real, min_size=1, max_size=8)))]


@given(contract_lists(), st.data())
def test_splitting_never_raises_points(contracts, data):
    before = {score.candidate: score.points for score in scores(contracts)}
    chosen = data.draw(st.sampled_from(contracts))
    part = Decimal(data.draw(st.integers(0, 100))) / 100
    pieces = [
        replace(
            chosen,
            contract=(share, chosen.contract),
            value_wan=chosen.value_wan * share,
            received_wan=chosen.received_wan * share,
        )
        for share in (part, 1 - part)
    ]
    remaining = [item for item in contracts if item is not chosen]
    after = {score.candidate: score.points for score in scores(remaining + pieces)}
    assert all(points <= before[candidate] for candidate, points in after.items())


@given(contract_lists(), st.sets(st.tuples(firms, firms), max_size=3))
def test_points_are_the_sum_of_lines_within_money_and_caps(contracts, related):
    for score in scores(contracts, related=related):
        mine = [attributed for attributed in contracts if attributed.candidate == score.candidate]
        assert score.points == sum(line.counted_wan for line in score.lines)
        assert len(score.lines) == len(mine)
        assert 0 <= score.points <= min(sum(c.received_wan for c in mine), score.pairs * RULE.cap_per_pair_wan)
        assert all(line.why or line.counted_wan for line in score.lines)


@given(contract_lists(), st.tuples(firms, firms))
def test_declaring_a_relation_never_raises_the_total(contracts, relation):
    assert sum(score.points for score in scores(contracts, related=[relation])) <= sum(
        score.points for score in scores(contracts)
    )
