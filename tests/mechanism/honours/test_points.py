"""Attempts to earn an honour without real trade, and that none of them pays."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechanism.honours import Claim, Rule, standings

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
AS_OF = date(2027, 4, 30)
RULE = Rule(least_pairs=1)


def claim(contract="合同一", **fields) -> Claim:
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
    return Claim(contract, **values)


def asked(claims, rule=RULE, **more):
    return standings(rule, claims, first=FIRST, last=LAST, as_of=AS_OF, **more)


def points(claims, rule=RULE, *, of="经纪人", **more) -> Decimal:
    return next((one.points for one in asked(claims, rule, **more) if one.candidate == of), Decimal(0))


def why(claims, **more) -> list[str]:
    return [line.why for one in asked(claims, **more) for line in one.lines]


def test_an_honest_contract_counts_by_the_money_that_came():
    assert points([claim()]) == 200
    assert points([claim(received_wan=Decimal(80))]) == 80
    assert why([claim(received_wan=Decimal(80))]) == ["按到账金额计"]
    assert points([claim(received_wan=Decimal(80))], replace(RULE, received_only=False)) == 200


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
def test_what_counts_for_nothing_says_why(change, reason):
    assert points([claim(**change)]) == 0
    assert why([claim(**change)]) == [reason]


def test_registering_late_and_cancelling_after_the_award_does_not_pay():
    late = claim(registered_on=date(2026, 12, 31))
    early_asked = standings(RULE, [late], first=FIRST, last=LAST, as_of=date(2027, 1, 10))
    assert early_asked[0].points == 0 and early_asked[0].lines[0].why == "登记未满 90 天"
    assert points([late]) == 200


def test_a_split_contract_earns_what_it_would_have_earned_whole():
    whole = [claim(value_wan=Decimal(900), received_wan=Decimal(900))]
    split = [claim(f"合同{n}", value_wan=Decimal(90), received_wan=Decimal(90)) for n in range(10)]
    assert points(whole) == points(split) == RULE.cap_per_pair_wan
    assert asked(split)[0].pairs == 1


def test_subsidiaries_share_the_cap_and_are_one_partner():
    to_three = [
        claim(f"合同{n}", buyer=f"子公司{n}", value_wan=Decimal(400), received_wan=Decimal(400)) for n in range(3)
    ]
    group = [("子公司0", "子公司1"), ("子公司1", "子公司2")]
    assert points(to_three) == 1200
    assert points(to_three, related=group) == Decimal("499.98"), "a third of the cap each, cut to two places"
    assert not asked(to_three, replace(RULE, least_pairs=2), related=group)[0].qualifies


def test_a_pair_handed_out_among_friends_shares_one_cap():
    sums = {"value_wan": Decimal(450), "received_wan": Decimal(450)}
    friends = asked([claim("1", candidate="甲", **sums), claim("2", candidate="乙", **sums)])
    assert [one.points for one in friends] == [250, 250]


def test_related_sides_and_own_organisations_earn_nothing():
    assert why([claim()], related=[("大学", "企业")]) == ["买卖双方是同一单位或关联单位"]
    assert why([claim()], own={"经纪人": ["企业"]}) == ["当事方与候选人有关联"]
    assert why([claim()], own={"经纪人": ["母公司"]}, related=[("母公司", "企业")]) == ["当事方与候选人有关联"]


def test_swapped_favours_earn_nobody_anything():
    there = claim("去", candidate="甲经纪人", seller="甲", buyer="乙")
    back = claim("回", candidate="乙经纪人", seller="乙", buyer="甲")
    assert points([there], of="甲经纪人") == 200
    assert {one.points for one in asked([there, back])} == {Decimal(0)}
    round_of_three = [
        claim("1", seller="甲", buyer="乙"),
        claim("2", seller="乙", buyer="丙"),
        claim("3", seller="丙", buyer="甲"),
    ]
    assert points(round_of_three) == 0
    assert set(why(round_of_three)) == {"资金在这几个单位之间循环"}
    assert points([*round_of_three, claim("4", seller="大学", buyer="丁")]) == 200


def test_a_return_that_was_cancelled_takes_nothing_from_an_honest_sale():
    assert points([claim(), claim("回", seller="企业", buyer="大学", is_registered=False)]) == 200


def test_the_same_claims_give_the_same_order_whatever_their_order():
    claims = [
        claim(str(n), candidate=f"人{n % 3}", buyer=f"企业{n}", received_wan=Decimal(10 * n + 5)) for n in range(9)
    ]
    assert asked(claims) == asked(claims[::-1])


sums = st.integers(1, 900).map(Decimal)
firms = st.sampled_from("甲乙丙丁")
real = st.builds(
    lambda seller, buyer, value, received, days, who: claim(
        candidate=who, seller=seller, buyer=buyer, value_wan=value, received_wan=min(value, received),
        registered_on=FIRST + timedelta(days=days),
    ),
    firms, firms, sums, sums, st.integers(0, 364), st.sampled_from(["经纪人", "另一人"]),
)  # fmt: skip


@st.composite
def claims_of_all(draw):
    return [replace(one, contract=number) for number, one in enumerate(draw(st.lists(real, min_size=1, max_size=8)))]


@given(claims_of_all(), st.data())
def test_no_splitting_ever_raises_anybodys_points(claims, data):
    before = {one.candidate: one.points for one in asked(claims)}
    chosen = data.draw(st.sampled_from(claims))
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
    after = {one.candidate: one.points for one in asked([one for one in claims if one is not chosen] + pieces)}
    assert all(points <= before[candidate] for candidate, points in after.items())


@given(claims_of_all(), st.sets(st.tuples(firms, firms), max_size=3))
def test_points_stay_within_the_money_and_the_caps_and_are_the_sum_of_their_lines(claims, related):
    for one in asked(claims, related=related):
        mine = [claim for claim in claims if claim.candidate == one.candidate]
        assert one.points == sum(line.counted_wan for line in one.lines)
        assert len(one.lines) == len(mine)
        assert 0 <= one.points <= min(sum(c.received_wan for c in mine), one.pairs * RULE.cap_per_pair_wan)
        assert all(line.why or line.counted_wan for line in one.lines)


@given(claims_of_all(), st.tuples(firms, firms))
def test_declaring_a_relation_never_raises_the_sum_of_all_points(claims, relation):
    assert sum(one.points for one in asked(claims, related=[relation])) <= sum(one.points for one in asked(claims))
