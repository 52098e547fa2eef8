"""How an institution answers the enquiries of firms: counted for everybody to see, over the last 12 months.

An enquiry counts once it is answered or its deadline has passed. One without an answer counts as slower than all
others, so that an institution cannot look quick by answering few. Fewer than MIN_ENQUIRIES are not shown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Organisation
from achievements.models import Achievement
from achievements.public_orders import transferred_last
from core.workdays import count_workdays
from enquiries.models import Approach

MIN_ENQUIRIES = 5
MIN_FIRMS = 3
"""An achievement is named as much asked from this many firms on, so that no single firm's question shows."""
PERIOD = timedelta(days=365)
MOST_SHOWN = 3


@dataclass(frozen=True)
class AnsweringTimes:
    """`days`: working days to the first answer of each counted enquiry, ascending; None, last, for no answer.

    `in_time`: how many were answered by their deadline.
    """

    days: tuple[int | None, ...]
    in_time: int

    @property
    def count(self) -> int:
        return len(self.days)

    @property
    def is_enough(self) -> bool:
        return self.count >= MIN_ENQUIRIES

    @property
    def median(self) -> int | None:
        """The fewest working days in which half of the enquiries were answered; None if half were not answered."""
        return self.days[(self.count - 1) // 2] if self.days else None

    @property
    def percent_in_time(self) -> int:
        return 100 * self.in_time // self.count if self.count else 0


def answering_times(institution_ids: Collection[int]) -> dict[int, AnsweringTimes]:
    """The answering times of each institution. One query."""
    days: dict[int, list[int | None]] = {pk: [] for pk in institution_ids}
    in_time = dict.fromkeys(institution_ids, 0)
    rows = _counted().filter(institution__in=institution_ids)
    for pk, sent_at, answered_at, due_on in rows.values_list(
        "institution", "sent_at", "first_answered_at", "answer_due_on"
    ):
        if answered_at is None:
            days[pk].append(None)
            continue
        answered_on = timezone.localdate(answered_at)
        days[pk].append(count_workdays(timezone.localdate(sent_at), answered_on))
        in_time[pk] += answered_on <= due_on
    return {
        pk: AnsweringTimes(tuple(sorted(values, key=lambda day: (day is None, day))), in_time[pk])
        for pk, values in days.items()
    }


def most_asked(institution: Organisation) -> QuerySet[Achievement]:
    """The published achievements that most firms asked about, each with `firm_count`."""
    asked = Q(approaches__kind=Approach.Kind.ENQUIRY, approaches__sent_at__gt=timezone.now() - PERIOD)
    return (
        Achievement.objects.published()
        .filter(asked, institution=institution)
        .annotate(firm_count=Count("approaches__firm", distinct=True))
        .filter(firm_count__gte=MIN_FIRMS)
        .select_related("industry", "institution")
        .order_by(transferred_last(), "-firm_count", "-updated_at")[:MOST_SHOWN]
    )


def _counted() -> QuerySet[Approach]:
    """Enquiries of the period that were answered, or not answered by their deadline."""
    is_late = Q(first_answered_at=None, answer_due_on__lt=timezone.localdate())
    return Approach.objects.filter(
        Q(first_answered_at__isnull=False) | is_late,
        kind=Approach.Kind.ENQUIRY,
        sent_at__gt=timezone.now() - PERIOD,
    )
