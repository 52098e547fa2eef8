from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets.cells import CellProblem
from sheets.dates import Day, Period, Span, from_serial

TODAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    "value",
    [
        "2026-1-5",
        "2026/01/05",
        "2026.1.5",
        "2026年1月5日",
        "2026 年 1 月 5 日",
        "２０２６年１月５日",
        "20260105",
        20260105,
        "2026-01-05 10:30:00",
        "2026-01-05T10:30",
        46027,
        46027.4,
        "46027",
        datetime(2026, 1, 5, 9),
        date(2026, 1, 5),
    ],
)
def test_spellings_of_a_date(value):
    assert Day()(value) == date(2026, 1, 5)


@pytest.mark.parametrize("value", ["2026.2", "2026-02", "2026年2月", "202602", 202602, 2026.2, "2026/2"])
def test_a_month_is_accepted_only_if_configured(value):
    assert Day(month="first")(value) == date(2026, 2, 1)
    assert Day(month="last")(value) == date(2026, 2, 28)
    with pytest.raises(CellProblem, match="缺少日"):
        Day()(value)


def test_a_number_that_may_mean_january_or_october_is_refused():
    with pytest.raises(CellProblem, match="分不清"):
        Day(month="first")(2026.1)
    assert Day(month="first")("2026.1") == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2026-2-30", "没有这一天"),
        ("2026-13-1", "没有这一天"),
        ("1026-01-05", "年份不在"),
        (datetime(1900, 1, 1), "年份不在"),
        ("26-1-5", "认不出日期"),
        ("1/5/2026", "认不出日期"),
        ("2026-1/5", "认不出日期"),
        ("明年", "认不出日期"),
        ("2026", "只有年份"),
        (True, "认不出日期"),
    ],
)
def test_invalid_dates_are_refused(value, message):
    with pytest.raises(CellProblem, match=message):
        Day()(value)


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_every_date_is_read_in_every_spelling(day):
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"):
        assert Day()(day.strftime(form)) == day
    assert Day()((day - date(1899, 12, 30)).days) == day


@pytest.mark.parametrize(
    ("serial", "date1904", "moment"),
    [
        (1, False, datetime(1900, 1, 1)),
        (59, False, datetime(1900, 2, 28)),
        (61, False, datetime(1900, 3, 1)),
        (46027, False, datetime(2026, 1, 5)),
        (44565, True, datetime(2026, 1, 5)),
        (46027.25, False, datetime(2026, 1, 5, 6)),
        (1e12, False, None),
    ],
)
def test_serial_numbers(serial, date1904, moment):
    assert from_serial(serial, date1904=date1904) == moment


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026年1月至2027年12月", (2026, 1, 1), (2027, 12, 31)),
        ("2026.03-2026.12", (2026, 3, 1), (2026, 12, 31)),
        ("2026.3.5-2026.12.6", (2026, 3, 5), (2026, 12, 6)),
        ("2026-01-05~2026-12-31", (2026, 1, 5), (2026, 12, 31)),
        ("2026-01-05-2026-12-31", (2026, 1, 5), (2026, 12, 31)),
        ("2026/1/5 — 2026/12/31", (2026, 1, 5), (2026, 12, 31)),
        ("2026年至2027年", (2026, 1, 1), (2027, 12, 31)),
        ("2026-2027", (2026, 1, 1), (2027, 12, 31)),
        ("2026年1-6月", (2026, 1, 1), (2026, 6, 30)),
        ("2026.1-12", (2026, 1, 1), (2026, 12, 31)),
        ("2027年底前", None, (2027, 12, 31)),
        ("2026年2月", None, (2026, 2, 28)),
        ("一年内", TODAY, (2027, 1, 31)),
        ("１年", TODAY, (2027, 1, 31)),
        ("1-2年", TODAY, (2028, 1, 31)),
        ("一年半", TODAY, (2027, 7, 31)),
        ("半年内", TODAY, (2026, 7, 31)),
        ("三个月内", TODAY, (2026, 4, 30)),
        ("18个月", TODAY, (2027, 7, 31)),
        ("两个季度内", TODAY, (2026, 7, 31)),
        ("60天内", TODAY, (2026, 4, 1)),
    ],
)
def test_periods(text, start, end):
    bounds = [date(*bound) if isinstance(bound, tuple) else bound for bound in (start, end)]
    period = Span(today=TODAY)(text)
    assert (period.start, period.end, period.open_ended) == (*bounds, False)


def test_periods_without_an_end():
    assert Span()("长期") == Period(None, None, True, "长期")
    assert Span()("2026年3月起") == Period(date(2026, 3, 1), None, True, "2026年3月起")
    assert Span()("尽快") == Period(None, None, False, "尽快")
    assert Span()(datetime(2026, 12, 31)) == Period(None, date(2026, 12, 31), False, "2026-12-31")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2027年-2026年", "开始晚于结束"),
        ("2026年13月", "没有这一天"),
        ("2026年1-13月", "没有这一天"),
        ("下个月", "认不出时限"),
        ("3月", "认不出时限"),
        ("999年", "年份不在"),
        ("长" * 61, "太长"),
    ],
)
def test_invalid_periods_are_refused(value, message):
    with pytest.raises(CellProblem, match=message):
        Span(today=TODAY)(value)


def test_relative_periods_start_on_the_day_of_parsing():
    before = date.today()
    assert before <= Span()("一年内").start <= date.today()
