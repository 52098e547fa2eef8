from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets.cells import (
    CellProblem,
    ErrorValue,
    Formula,
    as_text,
    clean_text,
    display_text,
    fold,
    is_blank,
    is_scientific,
    normalize_text,
)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  海参 \u3000 育种\xa0", "海参 育种"),
        ("一\x0b二\x00三\x1f", "一二三"),
        ("a\u200bb\u202ec\ufeff", "abc"),
        ("甲\r\n乙\r\n\n\n\n丙\x85丁", "甲\n乙\n\n丙\n丁"),
        ("，。；：“”（）！", "，。；：“”（）！"),
        ("機器學習與轉化", "機器學習與轉化"),
        ("氢能🚀👨‍👩‍👧", "氢能🚀👨‍👩‍👧"),
        ("\ud800孤", "孤"),
        ("'=1+1", "=1+1"),
        ("'引用'", "'引用'"),
        ("a'=b", "a'=b"),
    ],
)
def test_clean_text(text, cleaned):
    assert clean_text(text) == cleaned


def test_clean_text_on_one_line():
    assert clean_text("甲\n\n 乙", multiline=False) == "甲 乙"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "是"),
        (5, "5"),
        (5.0, "5"),
        (0.1, "0.1"),
        (Decimal("1.50"), "1.50"),
        (datetime(2026, 1, 5), "2026-01-05"),
        (datetime(2026, 1, 5, 8, 30), "2026-01-05 08:30:00"),
        (date(2026, 1, 5), "2026-01-05"),
    ],
)
def test_as_text(value, text):
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Formula("=A1"), "是公式，请改为数值粘贴"),
        (ErrorValue("#N/A"), "#N/A"),
        (9.12102e17, "科学计数法"),
        (float("inf"), "不是有效的数字"),
        (float("nan"), "不是有效的数字"),
    ],
)
def test_formulas_errors_and_inexact_numbers_are_not_text(value, message):
    with pytest.raises(CellProblem, match=message):
        as_text(value)


def test_normalized_text_is_half_width_and_short():
    assert normalize_text("ＴＲＬ　９（级）") == "TRL 9(级)"
    with pytest.raises(CellProblem, match="3000 个字"):
        normalize_text("字" * 3000)


def test_is_scientific():
    assert is_scientific("9.12102E+17")
    assert is_scientific("1e10")
    assert not is_scientific("E10")
    assert not is_scientific("91210200MA")


def test_fold():
    assert fold(" ＴＲＬ 9\n") == "trl9"


def test_display_text_is_short_and_on_one_line():
    assert display_text("甲\n" * 100) == "甲 " * 19 + "甲…"
    assert len(display_text("字" * 100)) == 40
    assert display_text(Formula("=A1")) == ""
    assert display_text(ErrorValue("#REF!")) == "#REF!"
    assert display_text(9.12102e17) == "9.12102e+17"


def test_is_blank():
    assert is_blank(None)
    assert is_blank(" \u3000\u200b\n")
    assert not is_blank(0)
    assert not is_blank(False)


@given(st.text())
def test_cleaned_text_can_be_stored_and_cleaning_is_idempotent(text):
    cleaned = clean_text(text)
    assert "\x00" not in cleaned
    cleaned.encode()
    if not cleaned.startswith("'"):
        assert clean_text(cleaned) == cleaned
