"""When a talk that begins late ends. Pure.

By the rule of the round it is shifted into the break that follows or ends as planned, but never before its least
duration. It is not shifted beyond the next talk at its table or of one of its sides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import localtime

LATE_FROM = timedelta(minutes=1)


@dataclass(frozen=True)
class TalkEnd:
    """`words`: what the table is told; empty for a talk on time."""

    at: datetime
    words: str = ""
    delays_next: bool = False


def end_of_talk(
    starts_at: datetime,
    ends_at: datetime,
    begins_at: datetime,
    *,
    next_at: datetime | None,
    is_shifted: bool,
    min_minutes: int,
) -> TalkEnd:
    """`begins_at`: when it began, or now for one that has not. `next_at`: the next talk of its table or a side."""
    late = begins_at - starts_at
    if late < LATE_FROM:
        return TalkEnd(ends_at)
    full = begins_at + (ends_at - starts_at)
    limit = max(ends_at, next_at) if next_at else full
    least = min(begins_at + timedelta(minutes=min_minutes), full)
    at = max(min(full, limit) if is_shifted else ends_at, least)
    minutes = int(late.total_seconds() // 60)
    clock = f"{localtime(at):%H:%M}"
    if at == full:
        return TalkEnd(at, f"晚开始 {minutes} 分钟，顺延到 {clock}", delays_next=bool(next_at and at > next_at))
    left = round((at - begins_at).total_seconds() / 60)
    if next_at and at > next_at:
        return TalkEnd(at, f"晚开始 {minutes} 分钟，谈满最少的 {left} 分钟，{clock} 结束，下一场要等", delays_next=True)
    return TalkEnd(at, f"晚开始 {minutes} 分钟，缩短为 {left} 分钟，{clock} 结束")
