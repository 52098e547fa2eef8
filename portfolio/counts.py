"""What has happened around achievements, as their institution may know it: numbers only, in a fixed number of queries.

Nothing here names who viewed or marked an achievement, or which candidates wait for a review.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, TruncWeek
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from achievements.models.achievement import AchievementQuerySet
from deals.models import Deal
from enquiries.models import Approach
from favourites.models import Favourite
from matching.models import FollowUp, Match
from portfolio.models import DailyViews

WEEKS = 12
DEAL_PATHS = ("follow_up__match__achievement", "outside_achievement")


@dataclass(slots=True)
class ItemCounts:
    """Of one achievement. `weeks`: views, favourites and enquiries of the last WEEKS weeks, the oldest first."""

    views: int = 0
    favourites: int = 0
    enquiries: int = 0
    enquiries_waiting: int = 0
    enquiry_due_on: date | None = None
    matches: int = 0
    matches_waiting: int = 0
    follow_ups: int = 0
    deals: int = 0
    weeks: list[int] = field(default_factory=lambda: [0] * WEEKS)

    @property
    def interest(self) -> int:
        return sum(self.weeks)

    @property
    def change(self) -> int:
        """The last four weeks against the four before."""
        return sum(self.weeks[-4:]) - sum(self.weeks[-8:-4])


def first_week() -> date:
    """The Monday of the oldest of the WEEKS weeks that end with this one."""
    today = timezone.localdate()
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


def item_counts(achievements: Iterable[Achievement], user: User) -> dict[int, ItemCounts]:
    """{primary key: counts}. Ten queries for any number of achievements, which the user manages."""
    keys = [row.pk for row in achievements]
    counts = {key: ItemCounts() for key in keys}
    for row in _grouped(Favourite.objects.filter(achievement__in=keys), "achievement"):
        counts[row["achievement"]].favourites = row["number"]
    today = timezone.localdate()
    enquiries = Approach.objects.received_by(user).enquiries().filter(achievement__in=keys)
    for row in _grouped(enquiries, "achievement"):
        counts[row["achievement"]].enquiries = row["number"]
    for key, due in enquiries.awaiting_answer().order_by("-answer_due_on").values_list("achievement", "answer_due_on"):
        counts[key].enquiries_waiting += 1
        counts[key].enquiry_due_on = due or today
    matches = Match.objects.filter(achievement__in=keys).order_by()
    for row in _grouped(matches.accepted(), "achievement"):
        counts[row["achievement"]].matches = row["number"]
    for row in _grouped(matches.awaiting_review(), "achievement"):
        counts[row["achievement"]].matches_waiting = row["number"]
    for row in _grouped(FollowUp.objects.running().filter(match__achievement__in=keys), "match__achievement"):
        counts[row["match__achievement"]].follow_ups = row["number"]
    for path in DEAL_PATHS:
        for row in _grouped(_deals(user).filter(**{f"{path}__in": keys}), path):
            counts[row[path]].deals += row["number"]
    for key, weeks in _weeks(keys, enquiries).items():
        counts[key].weeks = weeks[:WEEKS]
        counts[key].views = weeks[WEEKS]
    return counts


def with_numbers(achievements: AchievementQuerySet, user: User, names: Iterable[str]) -> AchievementQuerySet:
    """With the annotations `<name>_count` of these SORTS, to order or filter all rows of a list by them."""
    return achievements.annotate(**{f"{name}_count": SORTS[name](user) for name in names})


def _grouped(rows: QuerySet, path: str) -> QuerySet:
    return rows.order_by().values(path).annotate(number=Count("pk"))


def _deals(user: User) -> QuerySet[Deal]:
    return Deal.objects.visible_to(user).active()


def _weeks(keys: list[int], enquiries: QuerySet[Approach]) -> dict[int, list[int]]:
    """{primary key: WEEKS numbers, and then the views among them}."""
    since = first_week()
    weeks: dict[int, list[int]] = defaultdict(lambda: [0] * (WEEKS + 1))
    views = DailyViews.objects.filter(achievement__in=keys, day__gte=since)
    for key, day, number in views.values_list("achievement", "day", "number"):
        weeks[key][min((day - since).days // 7, WEEKS - 1)] += number
        weeks[key][WEEKS] += number
    dated: list[tuple[QuerySet, str]] = [
        (Favourite.objects.filter(achievement__in=keys), "made_at"),
        (enquiries, "sent_at"),
    ]
    for rows, moment in dated:
        recent = rows.filter(**{f"{moment}__date__gte": since}).order_by().annotate(week=TruncWeek(moment))
        for key, week, number in recent.values_list("achievement", "week").annotate(number=Count("pk")):
            weeks[key][max(0, min((timezone.localdate(week) - since).days // 7, WEEKS - 1))] += number
    return weeks


# --- For the order of the whole list -----------------------------------------------------------------------------
def _number(rows: QuerySet, path: str, number: Count | Sum | None = None) -> Coalesce:
    """The number of `rows` of each achievement, which they reach by `path`."""
    counted = rows.filter(**{path: OuterRef("pk")}).order_by().values(path).annotate(number=number or Count("pk"))
    return Coalesce(Subquery(counted.values("number"), output_field=IntegerField()), 0)


def _interest(user: User) -> Combinable:
    since = first_week()
    views = DailyViews.objects.filter(day__gte=since)
    favourites = Favourite.objects.filter(made_at__date__gte=since)
    enquiries = Approach.objects.received_by(user).enquiries().filter(sent_at__date__gte=since)
    return (
        _number(views, "achievement", Sum("number"))
        + _number(favourites, "achievement")
        + _number(enquiries, "achievement")
    )


def _deal_number(user: User) -> Combinable:
    """A deal has one of the two paths: the subquery of one of them is empty."""
    parts = [_number(_deals(user), path) for path in DEAL_PATHS]
    return parts[0] + parts[1]


SORTS: dict[str, Callable[[User], Any]] = {
    "interest": _interest,
    "matches": lambda user: _number(Match.objects.accepted(), "achievement"),
    "enquiries": lambda user: _number(Approach.objects.received_by(user).enquiries(), "achievement"),
    "waiting": lambda user: _number(Approach.objects.received_by(user).enquiries().awaiting_answer(), "achievement"),
    "follow_ups": lambda user: _number(FollowUp.objects.running(), "match__achievement"),
    "deals": _deal_number,
}
