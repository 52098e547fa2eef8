"""When a talk that begins late ends: shifted into the break, else shortened to a minimum."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.day.late_talks import end_of_talk

AT = datetime.fromisoformat("2026-12-16T10:00:00+08:00")


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("late", "next_in", "is_shifted", "lasts_until", "words"),
    [
        (0, 25, True, 20, ""),
        (4, 25, True, 24, "晚开始 4 分钟，顺延到 10:24"),
        (4, None, True, 24, "晚开始 4 分钟，顺延到 10:24"),
        (9, 25, True, 25, "晚开始 9 分钟，缩短为 16 分钟，10:25 结束"),
        (18, 25, True, 28, "晚开始 18 分钟，谈满最少的 10 分钟，10:28 结束，下一场要等"),
        (4, 25, False, 20, "晚开始 4 分钟，缩短为 16 分钟，10:20 结束"),
        (13, 25, False, 23, "晚开始 13 分钟，缩短为 10 分钟，10:23 结束"),
    ],
)
def test_rule(late, next_in, is_shifted, lasts_until, words):
    next_at = AT + minutes(next_in) if next_in else None
    end = end_of_talk(AT, AT + minutes(20), AT + minutes(late), next_at=next_at, is_shifted=is_shifted, min_minutes=10)
    assert (end.at, end.words) == (AT + minutes(lasts_until), words)


@given(
    length=st.integers(5, 60),
    late=st.integers(0, 120),
    gap=st.none() | st.integers(0, 30),
    is_shifted=st.booleans(),
    least=st.integers(1, 60),
)
def test_late_talk_has_its_minimum_and_never_more_than_its_time(length, late, gap, is_shifted, least):
    ends_at, begins_at = AT + minutes(length), AT + minutes(late)
    next_at = None if gap is None else ends_at + minutes(gap)
    end = end_of_talk(AT, ends_at, begins_at, next_at=next_at, is_shifted=is_shifted, min_minutes=least)
    lasts = end.at - begins_at
    assert min(minutes(least), minutes(length)) <= lasts <= minutes(length)
    assert end.delays_next == (next_at is not None and end.at > next_at)
    if not is_shifted and late:
        assert end.at == max(ends_at, begins_at + min(minutes(least), minutes(length)))
