from datetime import datetime, time

import pytest
from django.core.exceptions import ValidationError

from rounds.slots import generate_slots, parse_breaks


def at(clock: str, day: int = 16) -> datetime:
    return datetime.combine(datetime(2026, 12, day), time.fromisoformat(clock))


def spelt(slots) -> list[str]:
    return [f"{start:%H:%M}-{stop:%H:%M}" for start, stop in slots]


def test_slots_fill_the_time_and_avoid_breaks():
    slots = generate_slots(at("10:35"), at("15:00"), length=25, pause=5, breaks=[(at("12:00"), at("13:30"))])
    assert spelt(slots) == ["10:35-11:00", "11:05-11:30", "11:35-12:00", "13:30-13:55", "14:00-14:25", "14:30-14:55"]


def test_breaks_may_be_unordered_nested_or_at_the_start():
    rests = [(at("11:00"), at("12:00")), (at("11:10"), at("11:20")), (at("09:00"), at("09:30"))]
    slots = generate_slots(at("09:00"), at("13:00"), length=60, breaks=rests)
    assert spelt(slots) == ["09:30-10:30", "12:00-13:00"]


@pytest.mark.parametrize(
    ("begin", "end", "length", "pause", "words"),
    [
        ("22:00", "01:00", 25, 5, "跨过午夜的，请按两天分别生成"),
        ("09:00", "09:00", 25, 5, "结束时间要晚于开始时间"),
        ("09:00", "09:20", 25, 5, "放不下一场 25 分钟的洽谈"),
        ("09:00", "17:00", 3, 0, "5 到 240 分钟"),
        ("09:00", "17:00", 25, 200, "0 到 120 分钟"),
        ("08:00", "18:00", 5, 0, "超过 60 个时段"),
    ],
)
def test_impossible_values_are_refused(begin, end, length, pause, words):
    with pytest.raises(ValidationError, match=words):
        generate_slots(at(begin), at(end), length=length, pause=pause)


def test_break_that_ends_before_it_starts_is_named():
    with pytest.raises(ValidationError, match="13:30–12:00"):
        generate_slots(at("09:00"), at("17:00"), length=25, breaks=[(at("13:30"), at("12:00"))])


def test_breaks_are_parsed_in_common_notations():
    wanted = [(time(10, 30), time(10, 45)), (time(12, 0), time(13, 30))]
    for text in ("10:30-10:45、12:00-13:30", "10:30–10:45，12：00～13：30", " 10:30至10:45 12:00到13:30 "):
        assert parse_breaks(text) == wanted
    assert parse_breaks("") == []


@pytest.mark.parametrize("text", ["中午", "12-13", "25:00-26:00", "12:00-"])
def test_unreadable_break_is_quoted(text):
    with pytest.raises(ValidationError, match="看不懂休息时间"):
        parse_breaks(text)
