"""The tables of the overview: waiting times, and figures by level, officer, run and district."""

from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Count,
    DurationField,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast

from accounts.models import Region
from matching.models import Decision, Match, MatchRun
from matching.overview.figures import ACCEPTING_KINDS, FIGURES, LEVELS, level_figure_name, week_ago
from matching.overview.scope import IMMEDIATE_TITLE, OverviewScope

DISTRICT_FIGURES = ("waiting", "decided", "accepted", "overdue", "unanswered", "firms")


class Median(Aggregate):
    """The median, computed by PostgreSQL (percentile_cont)."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


TO_DECISION = Median(F("reviewed_at") - F("created_at"), output_field=DurationField(), filter=~Q(status="proposed"))
"""Median time from proposal to decision."""


def review_times(scope: OverviewScope) -> dict:
    """`median`: time from proposal to decision, None without decisions; `waiting`: number of waiting matches; `oldest`:
    when the oldest of them was proposed, None without any."""
    median = scope.matches().decided().order_by().aggregate(median=TO_DECISION)
    waiting = FIGURES["waiting"].rows(scope).order_by()
    return median | waiting.aggregate(waiting=Count("pk"), oldest=Min("created_at"))


def by_level(scope: OverviewScope) -> list[dict]:
    """Decided and accepted matches by level. One query."""
    decided = scope.matches().decided().order_by()
    counts = {row.pop("level"): row for row in decided.values("level").annotate(
        decided=Count("pk"), accepted=Count("pk", filter=Q(status=Match.Status.ACCEPTED))
    )}  # fmt: skip
    return [
        {"name": level_figure_name(level), "label": word} | counts[level]
        for level, word in LEVELS.items()
        if level in counts
    ]


def by_officer(scope: OverviewScope) -> list[dict]:
    """Decisions of each officer, ordered by name."""
    rows = scope.decisions().order_by().values("by", name=F("by__name"))
    return list(
        rows.annotate(
            decided=Count("pk"),
            accepted=Count("pk", filter=Q(kind__in=ACCEPTING_KINDS)),
            rejected=Count("pk", filter=Q(kind=Decision.Kind.REJECT)),
            recent=Count("pk", filter=Q(made_at__gte=week_ago())),
        ).order_by("name", "by")
    )


def by_run(scope: OverviewScope, limit: int = 12) -> list[dict]:
    """Matches first proposed by each of the latest runs, by the stage they have reached. One query.

    `first_run`: primary key of the run; all immediate runs are one row, `OverviewScope.IMMEDIATE`. `at`: the latest.
    """
    immediate = Q(first_run__kind=MatchRun.Kind.IMMEDIATE)
    key = Case(When(immediate, then=Value(scope.IMMEDIATE)), default=Cast("first_run", CharField()))
    title = Case(When(immediate, then=Value(IMMEDIATE_TITLE)), default=F("first_run__title"))
    rows = scope.matches().order_by().values(run_key=key, title=title)
    agreed = Q(follow_up__agreed_at__isnull=False)
    counted = rows.annotate(
        at=Max("first_run__queued_at"),
        proposed=Count("pk"),
        decided=Count("pk", filter=~Q(status=Match.Status.PROPOSED)),
        accepted=Count("pk", filter=Q(status=Match.Status.ACCEPTED)),
        agreed=Count("pk", filter=agreed),
        intent=Count("pk", filter=Q(follow_up__status="intent")),
    )
    return [row | {"first_run": row.pop("run_key")} for row in counted.order_by("-at")[:limit]]


def by_district(scope: OverviewScope) -> list[dict]:
    """Figures of each reporting unit that has any, in the official order. Six queries for any number of units."""
    key = "demand__firm__stat_region"
    rows_by_region: dict[int, dict] = {}

    def add(rows: QuerySet, group: str, **counted) -> None:
        for row in rows.order_by().values(group).annotate(**counted):
            rows_by_region.setdefault(row.pop(group), {}).update(row)

    add(
        scope.matches(), key, decided=Count("pk", filter=~Q(status="proposed")),
        accepted=Count("pk", filter=Q(status="accepted")), median=TO_DECISION,
    )  # fmt: skip
    add(scope.matches().due(), key, waiting=Count("pk"), oldest=Min("created_at"))
    add(FIGURES["overdue"].rows(scope), f"match__{key}", overdue=Count("pk"))
    add(FIGURES["unanswered"].rows(scope), "firm__stat_region", unanswered=Count("pk"))
    add(FIGURES["firms"].rows(scope), "stat_region", firms=Count("pk"))
    regions = Region.objects.in_bulk([pk for pk in rows_by_region if pk])
    blank = dict.fromkeys(DISTRICT_FIGURES, 0) | {"median": None, "oldest": None}
    return [
        blank | rows_by_region[pk] | {"region": regions.get(pk)}
        for pk in sorted(rows_by_region, key=lambda pk: (pk not in regions, regions[pk].order if pk in regions else 0))
    ]
