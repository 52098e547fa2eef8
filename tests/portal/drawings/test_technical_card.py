"""Drawings of indicators: one zero, one scale, nothing cut, no length without a reference."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from achievements.models import Indicator
from portal.drawings import technical_card as cards

HOSTILE = '<script>alert(1)</script>"&'


def indicator(**fields):
    return Indicator(**{"name": "每天冲霜", "comparison": "le", "value": "1.5", "unit": "次", "today": "4 次"} | fields)


def bars(drawing):
    return {
        kind: tuple(
            float(number) for number in re.search(rf'class="{kind}" x="(\S+)" y="\S+" width="(\S+)"', drawing).groups()
        )
        for kind in ("usual", "own")
    }


@pytest.mark.parametrize(("value", "today"), [("1.5", "4 次"), ("9000", "3 次"), ("0", "0.002 次"), ("4", "4 次")])
def test_both_bars_begin_at_zero_with_one_scale_and_end_inside(value, today):
    drawing = cards.draw_card([indicator(value=value, today=today)])
    drawn, usual, own = bars(drawing), float(today.split()[0]), float(value)
    assert drawn["usual"][0] == drawn["own"][0] == cards.AXIS
    longest = max(drawn["usual"][1], drawn["own"][1])
    assert longest == pytest.approx(cards.WIDTH - cards.AXIS - 2, abs=0.1)
    assert drawn["own"][1] == pytest.approx(longest * own / max(usual, own), abs=0.1)
    assert drawn["usual"][1] == pytest.approx(longest * usual / max(usual, own), abs=0.1)
    assert ET.fromstring(drawing).get("aria-label").startswith("每天冲霜：行业常见")


@pytest.mark.parametrize(
    ("today", "unit", "number"),
    [
        ("4 次", "次", 4),
        ("约 1,200 h", "h", 1200),
        ("１２０炉（新盘）", "炉", 120),
        ("6 次/100h", "次/100h", 6),
        ("7%", "%", 7),
        ("42 µm", "μm", 42),
        ("3～5 次", "次", None),
        ("六成多", "%", None),
        ("不到 70%", "%", None),
        ("60% 以上", "%", None),
        ("2 t", "L", None),
        ("10⁵ 次", "次", None),
        ("1×10^5 次", "次", None),
        ("-40 ℃", "℃", None),
    ],
)
def test_only_one_plain_number_in_the_own_unit_is_a_level(today, unit, number):
    assert cards.usual_number(today, unit) == number


def test_what_is_not_comparable_gets_lines_of_one_length():
    limits = [indicator(value=value, comparison="ge", today="3～5 次") for value in ("2", "90000")]
    drawing = cards.draw_card([*limits, indicator(comparison="words", value="好", today="4 次")])
    sides = re.findall(r'class="side" d="M(\d+) \d+H(\d+)', drawing)
    assert len(sides) == 2
    assert len(set(sides)) == 1
    assert 'class="own"' not in drawing
    assert "次" in cards.draw_card([indicator(comparison="between", value="1", value_to="3")])
    assert cards.draw_card([indicator(comparison="words", value="好")]) == ""


def test_the_first_comparable_indicator_is_taken_as_registered():
    rows = [indicator(name="没有参照", today=""), indicator(name="先登记"), indicator(name="更好看", today="400 次")]
    drawing = cards.draw_card(rows)
    assert "先登记" in drawing
    assert "更好看" not in drawing
    assert [row.name for row in cards.comparables(rows)] == ["先登记", "更好看"]


@pytest.mark.parametrize(
    ("own", "usual", "words"),
    [
        ("1.5", "4 次", "少 62%"),
        ("5", "4 次", "多 25%"),
        ("4", "4 次", "相同"),
        ("0.001", "4 次", "少 99% 以上"),
        ("0", "4 次", "少 100%"),
    ],
)
def test_the_difference_is_that_of_both_numbers(own, usual, words):
    assert cards.comparable(indicator(value=own, today=usual)).change == words


def test_hostile_names_stay_text():
    for today in ("4 次", ""):
        drawing = cards.draw_card([indicator(name=HOSTILE, today=today)])
        assert "<script" not in drawing
        assert HOSTILE in ET.fromstring(drawing).get("aria-label")


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=40)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(TEXTS, st.one_of(TEXTS, st.from_regex(r"\d{1,9}(\.\d{1,6})?", fullmatch=True)), TEXTS, TEXTS)
def test_any_text_is_drawn_as_well_formed_svg(name, value, unit, today):
    for usual in (today, f"3{unit}"):
        drawing = cards.draw_card([indicator(name=name, value=value, unit=unit, today=usual)])
        assert not drawing or ET.fromstring(drawing) is not None


def test_the_first_sentence_ends_at_a_comma_if_it_is_too_long():
    assert (
        cards.first_sentence("没霜也冲，库温白白升三四度；霜厚了冲不净。第二句。")
        == "没霜也冲，库温白白升三四度；霜厚了冲不净。"
    )
    assert cards.first_sentence("没霜也冲，库温白白升三四度；霜厚了冲不净。", 14) == "没霜也冲，库温白白升三四度……"
    assert cards.first_sentence("") == ""
