"""The template tags and filters of `portal.templatetags.display`."""

from datetime import datetime
from html.parser import HTMLParser

import pytest
from django.utils.timezone import make_aware
from hypothesis import given
from hypothesis import strategies as st

from portal.templatetags import display
from rounds.models import DockingRound


class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.tags = "", set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not attrs

    def handle_data(self, data):
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


markup = st.text(alphabet=st.sampled_from("<>&\"'/=aA正极mrkscipt;#3 9\n"))


@given(markup, st.lists(markup, max_size=4))
def test_highlight_escapes_the_text_and_adds_only_mark_tags(text, terms):
    reader = read(display.highlight(text, terms))
    assert reader.text == text
    assert reader.tags <= {"mark"}


def test_highlight_marks_terms():
    assert display.highlight("高镍正极材料", ["正极", "正极材料"]) == "高镍<mark>正极材料</mark>"
    assert display.highlight("正极 材料", ["正极", "材料"]) == "<mark>正极 材料</mark>"
    assert display.highlight("PEEK 与 peek", ["Peek"]) == "<mark>PEEK</mark> 与 <mark>peek</mark>"
    assert display.highlight("R&D <b>", ["&", "b"]) == "R<mark>&amp;</mark>D &lt;<mark>b</mark>&gt;"
    assert display.highlight("正极", []) == "正极"


def test_excerpt_contains_the_first_hit_of_a_long_text():
    text = "前言。" * 100 + "固态电解质" + "结尾。" * 100
    shown = display.excerpt(text, ["固态电解质"])
    assert "固态电解质" in shown
    assert shown.startswith("…") and shown.endswith("…")
    assert len(shown) <= display.EXCERPT_LENGTH + 2
    assert display.excerpt("短文", ["没有"]) == "短文"


@pytest.mark.parametrize(("scale", "top"), [("trl9", 9), ("gbt37264", 9), ("gbt22900_13", 13)])
def test_the_maturity_ladder_has_the_steps_of_the_scale(scale, top):
    for level in range(1, top + 1):
        assert str(display.maturity_ladder(level, scale)).count("<i") == top
        assert f"技术成熟度 {level} 级，满 {top} 级" in display.maturity_ladder(level, scale)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ((2026, 11, 18, 13, 30), (2026, 11, 18, 17, 0), "2026年11月18日 13:30–17:00"),
        ((2026, 11, 18, 9, 0), (2026, 11, 19, 17, 0), "2026年11月18日 09:00 至 11月19日 17:00"),
        ((2026, 12, 31, 9, 0), (2027, 1, 1, 17, 0), "2026年12月31日 09:00 至 2027年1月1日 17:00"),
    ],
)
def test_round_time(start, end, text):
    docking_round = DockingRound(starts_at=make_aware(datetime(*start)), ends_at=make_aware(datetime(*end)))
    assert display.round_time(docking_round) == text


def test_icons_have_the_text_colour_and_are_hidden_from_screen_readers():
    for path in (display.settings.BASE_DIR / "static" / "icons").glob("*.svg"):
        svg = display.icon(path.stem)
        assert svg.startswith("<svg ") and 'aria-hidden="true"' in svg and 'stroke="currentColor"' in svg
        assert "http" not in svg


def test_prefixed_and_parenthesised_print_nothing_for_an_empty_value():
    assert display.prefixed("R&D", "，") == "，R&amp;D" and display.parenthesised("教授") == "（教授）"
    assert {display.prefixed(empty, "，") + display.parenthesised(empty) for empty in ("", None, [])} == {""}
