"""What the public page of an institution shows of its published achievements and of the demands in its fields."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from accounts.models import Organisation
from achievements.models import Achievement
from demands.models import Demand
from enquiries.answering_times import AnsweringTimes
from portal.drawings.skyline import NEEDED, OFFERED, Column
from portal.public_pictures import count_needs, count_offers, in_order, top_industries
from taxonomy.models import Industry, MaturityBucket

NEWEST_SHOWN = 6
MAX_CELLS = 40
"""Squares in the longest row of the drawing; with more rows than that a square stands for several."""
CELL, GAP, ROWS = 8, 2, 2
"""Size of a square, the distance to the next, and squares above each other, in units of the drawing."""


@dataclass(frozen=True)
class Squares:
    """One row of the drawing. `width` and `height` in units; `paths`: (CSS class, path data) by kind of square."""

    width: int
    height: int
    paths: list[tuple[str, str]]


@dataclass(frozen=True)
class AnsweringRow:
    label: str
    count: int
    squares: Squares


def listed_institutions() -> QuerySet[Organisation]:
    """Institutions with at least one published achievement: those that have a page."""
    published = Achievement.objects.published().filter(institution=OuterRef("pk"))
    return Organisation.objects.institutions().filter(Exists(published), is_active=True)


def with_published_count(institutions: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """Each with `published_count`."""
    published = Achievement.objects.published().filter(institution=OuterRef("pk")).order_by().values("institution")
    return institutions.annotate(published_count=Subquery(published.annotate(n=Count("pk")).values("n")))


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
    """The counted enquiries by working days to the answer: 当天, one row a day up to the deadline, later, none."""
    limit = settings.APPROACH_ANSWER_WORKDAYS
    groups = Counter(None if day is None else min(day, limit + 1) for day in times.days)
    most = max(groups.values(), default=0)
    per_square = -(-most // MAX_CELLS) or 1
    labels: dict[int | None, str] = {0: "当天"}
    labels |= {day: f"{day} 个工作日" for day in range(1, limit + 1)} | {limit + 1: "更晚", None: "没有答复"}
    return [
        AnsweringRow(
            label,
            groups[day],
            draw_squares([("sq-late" if day is None or day > limit else "sq-answered", groups[day])], per_square),
        )
        for day, label in labels.items()
    ]


def draw_squares(counts: Iterable[tuple[str, int]], per_square: int) -> Squares:
    """A square for each `per_square` rows, begun ones included, in columns of ROWS from left to right."""
    step, place, paths = CELL + GAP, 0, []
    for style, count in counts:
        squares = -(-count // per_square)
        if not squares:
            continue
        corners = (((place + at) // ROWS * step + 1, (place + at) % ROWS * step + 1) for at in range(squares))
        paths.append((style, "".join(f"M{x} {y}h{CELL}v{CELL}h-{CELL}z" for x, y in corners)))
        place += squares
    columns = max(-(-place // ROWS), 1)
    return Squares(columns * step + 2, ROWS * step + 2, paths)
