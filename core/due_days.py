"""A day until which somebody has to act, in words that stay true after it has passed."""

from calendar import monthrange
from datetime import date
from typing import Literal

from django.utils import timezone


def due_by(day: date | Literal[""] | None, act: str) -> str:
    """9月30日前答复, or once it has passed: 应在9月30日前答复，已过 3 天.

    With the year if it is another one; "" without a day ("" is what a template gives for a missing one).
    """
    if not day:
        return ""
    today = timezone.localdate()
    words = f"{day.month}月{day.day}日前{act}"
    if day.year != today.year:
        words = f"{day.year}年{words}"
    return words if day >= today else f"应在{words}，已过 {(today - day).days} 天"


def please_by(day: date | Literal[""] | None, act: str) -> str:
    """请在9月30日前答复, or as `due_by` once it has passed."""
    words = due_by(day, act)
    return words if not words or words.startswith("应在") else f"请在{words}"


def month_and_day(day: date) -> str:
    """9 月 30 日."""
    return f"{day.month} 月 {day.day} 日"


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
