"""Generation of the meeting slots of one day."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError

MAX_SLOTS = 60
TimeRange = tuple[datetime, datetime]


def generate_slots(
    begin: datetime, end: datetime, *, length: int, pause: int = 0, breaks: Sequence[TimeRange] = ()
) -> list[TimeRange]:
    """Return as many slots of `length` minutes as fit, with `pause` minutes between two, none overlapping a break;
    after a break the next slot starts at once.

    Raises ValidationError for impossible values.
    """
    if end <= begin:
        raise ValidationError("结束时间要晚于开始时间。活动跨过午夜的，请按两天分别生成。")
    if not 5 <= length <= 240:
        raise ValidationError("每场时长应在 5 到 240 分钟之间。")
    if not 0 <= pause <= 120:
        raise ValidationError("间隔应在 0 到 120 分钟之间。")
    breaks = sorted(breaks)
    for start, stop in breaks:
        if stop <= start:
            raise ValidationError("休息时间 %s 的结束早于开始，请改正。" % time_range_text(start, stop))
    slots, now = [], begin
    while now + timedelta(minutes=length) <= end:
        stop = now + timedelta(minutes=length)
        rest = next((pause_range for pause_range in breaks if pause_range[0] < stop and now < pause_range[1]), None)
        if rest:
            now = rest[1]
            continue
        slots.append((now, stop))
        now = stop + timedelta(minutes=pause)
        if len(slots) > MAX_SLOTS:
            raise ValidationError("这样会有超过 %d 个时段，请加长每场时长。" % MAX_SLOTS)
    if not slots:
        raise ValidationError("这段时间放不下一场 %d 分钟的洽谈，请延长时间或缩短每场时长。" % length)
    return slots


def parse_breaks(text: str) -> list[tuple[time, time]]:
    """Parse text such as 10:30-10:45、12:00-13:30. Raises ValidationError that names the unreadable part."""
    ranges = []
    for part in re.split(r"[、,，;；\s]+", text.strip()):
        if not part:
            continue
        match = re.fullmatch(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至到]\s*(\d{1,2})[:：](\d{2})", part)
        try:
            begin, begin_minute, end, end_minute = map(int, match.groups()) if match else [99] * 4
            ranges.append((time(begin, begin_minute), time(end, end_minute)))
        except ValueError:
            raise ValidationError("看不懂休息时间“%s”，请写成 12:00-13:30，几段之间用顿号分开。" % part[:20]) from None
    return ranges


def time_range_text(start: datetime, stop: datetime) -> str:
    return f"{start:%H:%M}–{stop:%H:%M}"
