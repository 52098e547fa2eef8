"""What readers did with an achievement, month by month: numbers only, nobody is named."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from enquiries.models import Approach
from favourites.models import Favourite
from matching.models import Match
from portfolio.models import DailyViews

MONTHS = 12
HEIGHT = 60
"""Of the chart, in its own units."""


@dataclass(slots=True)
class Month:
    """One row of the table. `rejections`: {reason of a district: how often}."""

    first: date
    views: int = 0
    favourites: int = 0
    enquiries: int = 0
    rejections: dict[str, int] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        return sum(self.rejections.values())


@dataclass(frozen=True, slots=True)
class Series:
    """One line of small bars with its own scale. `bars`: (x, y, height, words)."""

    label: str
    total: int
    most: int
    bars: list[tuple[int, int, int, str]]


@dataclass(frozen=True, slots=True)
class Trend:
    months: list[Month]
    series: list[Series]


def trend_of(achievement: Achievement, user: User) -> Trend:
    """Views, favourites, enquiries and rejections of the last MONTHS months, for its office. Four queries."""
    months = _months()
    since = months[0].first
    enquiries = Approach.objects.received_by(user).enquiries().filter(achievement=achievement)
    _count(months, enquiries.filter(sent_at__date__gte=since), "sent_at", "enquiries")
    _fill(months, achievement)
    rejected = Match.objects.filter(
        achievement=achievement, status=Match.Status.REJECTED, reviewed_at__date__gte=since
    ).order_by()
    reasons = rejected.annotate(month=TruncMonth("reviewed_at")).values_list("month", "reject_reason")
    by_month: dict[date, dict[str, int]] = defaultdict(dict)
    for month, reason, number in reasons.annotate(number=Count("pk")):
        by_month[timezone.localdate(month)][str(Match.RejectReason(reason).label)] = number
    for row in months:
        row.rejections = by_month.get(row.first, {})
    names = ("views", "浏览"), ("favourites", "收藏"), ("enquiries", "询问"), ("rejected", "区县未采纳")
    return Trend(months, [_series(months, *name) for name in names])


def public_trend(achievement: Achievement) -> Trend:
    """Views and favourites only, for college offices and completers."""
    months = _months()
    _fill(months, achievement)
    return Trend(months, [_series(months, *name) for name in (("views", "浏览"), ("favourites", "收藏"))])


def _months() -> list[Month]:
    """The last MONTHS months with this one, the oldest first."""
    today = timezone.localdate()
    last = today.year * 12 + today.month - 1
    return [Month(date(number // 12, number % 12 + 1, 1)) for number in range(last - MONTHS + 1, last + 1)]


def _fill(months: list[Month], achievement: Achievement) -> None:
    since = months[0].first
    views = DailyViews.objects.filter(achievement=achievement, day__gte=since).order_by()
    numbers = dict(views.annotate(month=TruncMonth("day")).values_list("month").annotate(number=Sum("number")))
    for row in months:
        row.views = numbers.get(row.first, 0)
    favourites = Favourite.objects.filter(achievement=achievement, made_at__date__gte=since)
    _count(months, favourites, "made_at", "favourites")


def _count(months: list[Month], rows: QuerySet[Any], moment: str, name: str) -> None:
    """Set `name` of each month to the number of rows whose `moment` is in it."""
    counted = rows.order_by().annotate(month=TruncMonth(moment)).values_list("month").annotate(number=Count("pk"))
    numbers = {timezone.localdate(month): number for month, number in counted}
    for row in months:
        setattr(row, name, numbers.get(row.first, 0))


def _series(months: list[Month], name: str, label: str) -> Series:
    numbers = [getattr(row, name) for row in months]
    most = max(numbers)
    bars = []
    for at, (row, number) in enumerate(zip(months, numbers, strict=True)):
        height = round(HEIGHT * number / most) if most else 0
        height = max(height, 2) if number else 0
        bars.append((at * 20, HEIGHT - height, height, f"{row.first.year} 年 {row.first.month} 月：{number}"))
    return Series(label, sum(numbers), most, bars)
