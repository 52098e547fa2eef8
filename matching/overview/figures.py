"""The figures of the page and the rows behind each. A figure is the number of its rows: both come from one queryset."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Aggregate, Count, DurationField, Exists, F, FloatField, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Region
from demands.models import Demand
from matching.models import Decision, FollowUp, Match, MatchRun

BANDS = ((90, 101), (80, 90), (70, 80), (60, 70), (0, 60))
"""Levels of the score: from, below."""


@dataclass(frozen=True)
class Where:
    """Whose figures: what `user` manages, all of it or one reporting unit's, of every round or of one."""

    user: object
    region: Region | None = None
    run: MatchRun | None = None

    def matches(self) -> QuerySet:
        rows = Match.objects.managed_by(self.user)
        rows = rows.filter(demand__firm__stat_region=self.region) if self.region else rows
        return rows.filter(first_run=self.run) if self.run else rows

    def follow_ups(self) -> QuerySet:
        rows = FollowUp.objects.managed_by(self.user).standing()
        rows = rows.filter(match__demand__firm__stat_region=self.region) if self.region else rows
        return rows.filter(match__first_run=self.run) if self.run else rows

    def needs(self) -> QuerySet:
        """Open needs; a round says nothing of those it found nothing for, so it narrows them not."""
        rows = Demand.objects.managed_by(self.user).open()
        return rows.filter(firm__stat_region=self.region) if self.region else rows

    def firms(self) -> QuerySet:
        return Organisation.objects.filter(pk__in=self.needs().values("firm"))

    def decisions(self) -> QuerySet:
        return Decision.objects.standing().verdicts().filter(match__in=self.matches())


@dataclass(frozen=True)
class Figure:
    """`rows`: what it counts. `means`: in words, how. `kind`: matches, follow_ups, needs or firms."""

    label: str
    means: str
    kind: str
    rows: Callable[[Where], QuerySet]


def _without_match() -> Exists:
    return ~Exists(Match.objects.filter(demand=OuterRef("pk")))


def _without_answer() -> Exists:
    return ~Exists(Match.objects.filter(demand=OuterRef("pk"), status=Match.Status.ACCEPTED))


def _firms_without(where: Where) -> QuerySet:
    served = Match.objects.filter(demand__firm=OuterRef("pk"), demand__in=where.needs())
    return where.firms().filter(~Exists(served))


def _matches(label: str, means: str, which: Callable[[QuerySet], QuerySet]) -> Figure:
    return Figure(label, means, "matches", lambda where: which(where.matches()))


def _follow_ups(label: str, means: str, which: Callable[[QuerySet], QuerySet]) -> Figure:
    return Figure(label, means, "follow_ups", lambda where: which(where.follow_ups()))


def _needs(label: str, means: str, without: Exists) -> Figure:
    return Figure(label, means, "needs", lambda where: where.needs().filter(without))


def _level(low: int, high: int) -> Figure:
    label = _("匹配度 %(low)s 以上") if high > 100 else _("匹配度 %(low)s–%(high)s")
    return _matches(
        label % {"low": low, "high": high - 1},
        _("这一分数段里已审核的匹配"),
        lambda rows: rows.decided().filter(score__gte=low, score__lt=high),
    )


def _overdue(rows: QuerySet) -> QuerySet:
    return rows.filter(pk__in=FollowUp.objects.overdue().values("pk"))


FIGURES = {
    "waiting": _matches(_("待审核"), _("没有审核、没有暂缓、也没有等答复的匹配"), lambda rows: rows.due()),
    "held": _matches(_("暂缓中"), _("暂缓到以后某一天的匹配"), lambda rows: rows.held()),
    "asked": _matches(_("等对方答复"), _("向企业或院校提了问题，还没有答复"), lambda rows: rows.asked_about()),
    "decided": _matches(_("已审核"), _("采纳、退回或标为重复的匹配"), lambda rows: rows.decided()),
    "accepted": _matches(_("已采纳"), _("采纳的匹配"), lambda rows: rows.accepted()),
    "appealed": _matches(_("等市里复议"), _("区县请市里重新审核的匹配"), lambda rows: rows.appealed()),
    "asking": _follow_ups(_("征询双方意愿"), _("采纳后还没有双方都答复的对接"), lambda rows: rows.asking()),
    "talks": _follow_ups(_("洽谈中"), _("双方都愿意，正在跟进的对接"), lambda rows: rows.filter(status="talks")),
    "intent": _follow_ups(_("已达意向"), _("跟进人记为已达意向的对接"), lambda rows: rows.filter(status="intent")),
    "closed": _follow_ups(
        _("已结束"), _("一方不愿意、没有谈成或以其他原因结束的对接"), lambda rows: rows.filter(status="closed")
    ),
    "overdue": _follow_ups(_("逾期的对接"), _("过了答复期限没有答复，或过了下次跟进日期的对接"), _overdue),
    "unanswered": _needs(_("还没有采纳成果的需求"), _("公开且在有效期内、没有一条采纳的匹配的需求"), _without_answer()),
    "unmatched": _needs(_("没有推荐的需求"), _("公开且在有效期内、从来没有推荐到成果的需求"), _without_match()),
    "firms": Figure(_("没有推荐的企业"), _("有公开的需求、但没有一条推荐的企业"), "firms", _firms_without),
} | {f"band{low}": _level(low, high) for low, high in BANDS}
STRIP = ("waiting", "decided", "accepted", "held", "asked", "appealed")
AFTER = ("asking", "talks", "intent", "closed", "overdue")
NEEDS = ("unanswered", "unmatched", "firms")


class Median(Aggregate):
    """The middle value. PostgreSQL computes it exactly (percentile_cont)."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


TO_DECISION = Median(F("reviewed_at") - F("created_at"), output_field=DurationField(), filter=~Q(status="proposed"))
"""From being proposed to being decided."""


def numbers(where: Where, names) -> dict[str, int]:
    return {name: FIGURES[name].rows(where).order_by().count() for name in names}


def times(where: Where) -> dict:
    """`median`: from proposal to decision; `oldest`: since when the longest waiting one has waited; None for none.
    `waiting`: how many wait, found on the same way."""
    median = where.matches().decided().order_by().aggregate(median=TO_DECISION)
    waiting = FIGURES["waiting"].rows(where).order_by()
    return median | waiting.aggregate(waiting=Count("pk"), oldest=Min("created_at"))


def by_level(where: Where) -> list[dict]:
    """Of the decided ones, by level of the score: how many, and how many of them were accepted. One question."""
    decided = where.matches().decided().order_by()
    counts = decided.aggregate(
        **{
            f"{what}{low}": Count("pk", filter=Q(score__gte=low, score__lt=high) & condition)
            for low, high in BANDS
            for what, condition in (("decided", Q()), ("accepted", Q(status=Match.Status.ACCEPTED)))
        }
    )
    return [
        {"name": f"band{low}", "label": FIGURES[f"band{low}"].label, "decided": counts[f"decided{low}"],
         "accepted": counts[f"accepted{low}"]}
        for low, _high in BANDS
        if counts[f"decided{low}"]
    ]  # fmt: skip


def by_officer(where: Where) -> list[dict]:
    """What each officer did, by name and in no order of merit: for planning who has how much on the desk."""
    kinds = Decision.Kind
    rows = where.decisions().order_by().values("by", name=F("by__name"))
    return list(
        rows.annotate(
            decided=Count("pk"),
            accepted=Count("pk", filter=Q(kind__in=[kinds.ACCEPT, kinds.BROKER])),
            rejected=Count("pk", filter=Q(kind=kinds.REJECT)),
            recent=Count("pk", filter=Q(made_at__gte=timezone.now() - timedelta(days=7))),
            seconds=Median(F("open_ms") / 1000.0, output_field=FloatField()),
        ).order_by("name", "by")
    )


def by_round(where: Where, most: int = 12) -> list[dict]:
    """The way of what each round proposed: proposed, decided, accepted, both willing, intent. One question."""
    rows = where.matches().order_by().values("first_run", title=F("first_run__title"), at=F("first_run__queued_at"))
    agreed = Q(follow_up__agreed_at__isnull=False)
    found = rows.annotate(
        proposed=Count("pk"),
        decided=Count("pk", filter=~Q(status=Match.Status.PROPOSED)),
        accepted=Count("pk", filter=Q(status=Match.Status.ACCEPTED)),
        agreed=Count("pk", filter=agreed),
        intent=Count("pk", filter=Q(follow_up__status="intent")),
    )
    return list(found.order_by("-at")[:most])


def by_district(where: Where) -> list[dict]:
    """A line for each reporting unit that has any, in the official order. Five questions, however many units."""
    key = "demand__firm__stat_region"
    lines: dict[int, dict] = {}

    def gather(rows: QuerySet, group: str, **counted) -> None:
        for row in rows.order_by().values(group).annotate(**counted):
            lines.setdefault(row.pop(group), {}).update(row)

    gather(
        where.matches(), key, decided=Count("pk", filter=~Q(status="proposed")),
        accepted=Count("pk", filter=Q(status="accepted")), median=TO_DECISION,
    )  # fmt: skip
    gather(where.matches().due(), key, waiting=Count("pk"), oldest=Min("created_at"))
    gather(FIGURES["overdue"].rows(where), f"match__{key}", overdue=Count("pk"))
    gather(FIGURES["unanswered"].rows(where), "firm__stat_region", unanswered=Count("pk"))
    gather(FIGURES["firms"].rows(where), "stat_region", firms=Count("pk"))
    regions = Region.objects.in_bulk([pk for pk in lines if pk])
    blank = dict.fromkeys(("waiting", "decided", "accepted", "overdue", "unanswered", "firms"), 0)
    blank |= {"median": None, "oldest": None}
    return [
        blank | lines[pk] | {"region": regions.get(pk)}
        for pk in sorted(lines, key=lambda pk: (pk not in regions, regions[pk].order if pk in regions else 0))
    ]
