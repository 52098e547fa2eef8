"""What the public page of an institution shows of its published achievements and of the demands in its fields."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import Organisation
from achievements.models import Achievement
from demands.models import Demand
from enquiries.answering_times import AnsweringTimes, answering_times
from portal.drawings.cells import CellDrawing, draw_column
from portal.drawings.skyline import NEEDED, OFFERED, Column
from portal.public_pictures import count_needs, count_offers, in_order, top_industries
from taxonomy.models import Industry, MaturityBucket

CARDS_SHOWN, OFFERS_SHOWN = 3, 6
MOST_CELLS, PER_ROW, BAR_LENGTH = 45, 3, 148
"""Cells in the fullest column of the answers; more are drawn as bars of at most this length."""


@dataclass(frozen=True)
class AnsweringRow:
    label: str
    count: int
    drawing: CellDrawing


def listed_institutions() -> QuerySet[Organisation]:
    """Institutions with at least one published achievement: those that have a page."""
    return Organisation.objects.institutions().filter(_has_published(), is_active=True)


def with_page_flag(organisations: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """Each with `has_page`, for institutions."""
    return organisations.annotate(has_page=_has_published())


def _has_published() -> Exists:
    return Exists(Achievement.objects.published().filter(institution=OuterRef("pk")))


def with_counts(institutions: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """Each with `published_count`, and of these `offered_count` that are not transferred."""
    published = Achievement.objects.published().filter(institution=OuterRef("pk")).order_by().values("institution")
    offered = published.filter(status__in=Achievement.OFFERED)
    return institutions.annotate(
        published_count=Subquery(published.annotate(n=Count("pk")).values("n")),
        offered_count=Coalesce(Subquery(offered.annotate(n=Count("pk")).values("n")), 0),
    )


def quickest_first(institutions: QuerySet[Organisation]) -> list[Organisation]:
    """Half answered soonest, then most in time; those whose times are not shown last. Two queries."""
    rows = list(institutions)
    times = answering_times([row.pk for row in rows])

    def place(row: Organisation) -> tuple[bool, float, int]:
        of_row = times[row.pk]
        if not of_row.is_enough:
            return True, 0, 0
        return False, math.inf if of_row.median is None else of_row.median, -of_row.percent_in_time

    return sorted(rows, key=place)


def fields_of_work(institution: Organisation) -> list[Column]:
    """The industries of the institution's published achievements, the fullest first. Three queries.

    Below each the city's demands that are still open; an anonymous one only where it shows its industry.
    """
    tops, top_of = top_industries(Industry.objects.all())
    offers = count_offers(Achievement.objects.published().filter(institution=institution), top_of)
    needs = count_needs(Demand.objects.open(), top_of)
    achievement_list, own = reverse("achievement_list"), f"institution={institution.public_id}"
    columns = [
        Column(
            name=top.name,
            url=reverse("industry_detail", args=[top.slug]),
            offered=in_order(offers.by_industry[top.pk], OFFERED),
            needed=in_order(needs.by_industry.get(top.pk, {}), NEEDED),
            offered_url=f"{achievement_list}?{own}&industry={top.slug}",
            needed_url=f"{reverse('demand_list')}?industry={top.slug}",
        )
        for top in tops
        if top.pk in offers.by_industry
    ]
    return sorted(columns, key=lambda column: -column.offered_count)


def count_achievements(institution: Organisation) -> dict[str, int]:
    """`published`, and of them `industrial`, `pilot`, `transferred` and `pay_later`. One query."""
    return (
        Achievement.objects.published()
        .filter(institution=institution)
        .aggregate(
            published=Count("pk"),
            industrial=Count("pk", filter=Q(maturity_bucket=MaturityBucket.INDUSTRIAL)),
            pilot=Count("pk", filter=Q(maturity_bucket=MaturityBucket.PILOT)),
            transferred=Count("pk", filter=Q(status=Achievement.Status.TRANSFERRED)),
            pay_later=Count("pk", filter=Q(pay_later=True)),
        )
    )


def answering_rows(times: AnsweringTimes) -> list[AnsweringRow]:
    """The counted enquiries by working days to the answer: 当天, one column a day up to the deadline, later, none."""
    limit = settings.APPROACH_ANSWER_WORKDAYS
    groups = Counter(None if day is None else min(day, limit + 1) for day in times.days)
    most = max(groups.values(), default=0)
    draw = partial(draw_column, most=most, most_cells=MOST_CELLS, per_row=PER_ROW, length=BAR_LENGTH, upwards=True)
    labels: dict[int | None, str] = {0: "当天"}
    labels |= {day: f"{day} 天" for day in range(1, limit + 1)} | {limit + 1: "更晚", None: "没有答复"}
    return [
        AnsweringRow(
            label,
            groups[day],
            draw((("sq-late" if day is None or day > limit else "sq-answered", groups[day]),)),
        )
        for day, label in labels.items()
    ]
