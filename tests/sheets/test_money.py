from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets.cells import CellProblem
from sheets.money import MAX_WAN, Amount, Money


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (50, 50, 50),
        (50.5, "50.5", "50.5"),
        (0.1, "0.1", "0.1"),
        (0, 0, 0),
        ("２００", 200, 200),
        ("1,000.5", "1000.5", "1000.5"),
        ("50-100", 50, 100),
        ("５０～１００万元", 50, 100),
        ("50万~100万", 50, 100),
        ("50万—100万元", 50, 100),
        ("50至100万", 50, 100),
        ("0.5-1亿", 5000, 10000),
        ("1.5亿", 15000, 15000),
        ("3千万", 3000, 3000),
        ("500000元", 50, 50),
        ("￥50万整", 50, 50),
        ("人民币 50 万元", 50, 50),
        ("50（万元）", 50, 50),
        ("不超过100万", None, 100),
        ("100万以内", None, 100),
        ("≤100", None, 100),
        ("100万以上", 100, None),
        ("20万元起", 20, None),
        ("100万+", 100, None),
        ("超过100万", 100, None),
        ("1000亿", MAX_WAN, MAX_WAN),
    ],
)
def test_amounts(value, low, high):
    expected = [None if bound is None else Decimal(bound) for bound in (low, high)]
    assert Amount()(value) == Money(*expected)


@pytest.mark.parametrize("text", ["约50万", "50万左右", "大约50", "~50", "预计５０万元", "50万上下"])
def test_approximate_amounts(text):
    assert Amount()(text) == Money(Decimal(50), Decimal(50), approximate=True)


@pytest.mark.parametrize("text", ["面议", "价格面议", "（面议）", "待定", "双方协商", "可面议"])
def test_negotiable_without_an_amount(text):
    assert Amount()(text) == Money(None, None, negotiable=True)


def test_a_negotiable_amount():
    assert Amount()("50万元（可面议）") == Money(Decimal(50), Decimal(50), negotiable=True)


def test_the_unit_of_the_header_is_the_default_unit():
    assert Amount().in_unit("元")(500_000).min == 50
    assert Amount().in_unit("元")("50万").min == 50


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-5, "负数"),
        ("-5万", "负数"),
        ("100-50", "前面的数大于后面的数"),
        ("1001亿", "1000 亿元"),
        (100_000_000, "1000 亿元"),
        (1e20, "1000 亿元"),
        ("10元", "不足 100 元"),
        ("5万美元", "折算成人民币"),
        ("$50", "折算成人民币"),
        ("面意", "认不出金额"),
        ("几十万", "认不出金额"),
        ("50万/年", "认不出金额"),
        ("不超过100万以上", "认不出金额"),
        ("50~", "认不出金额"),
        (True, "不是金额"),
        (float("nan"), "数字"),
        (datetime(2026, 5, 10), "当成了日期"),
    ],
)
def test_invalid_amounts_are_refused(value, message):
    with pytest.raises(CellProblem, match=message):
        Amount()(value)


@given(st.decimals(0, MAX_WAN, places=2), st.decimals(0, MAX_WAN, places=2))
def test_every_range_is_read_as_written(first, second):
    low, high = sorted((first, second))
    money = Amount()(f"{low}-{high}万元")
    assert money == Money(low, high)
    assert all(bound.as_tuple().exponent == -2 for bound in money[:2])
