"""The figures of the page and the rows behind each. A figure is the number of its rows: both come from one queryset."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Aggregate, Count, DurationField, Exists, F, FloatField, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Region, User
from demands.models import Demand
from matching.models import Decision, FollowUp, Match, MatchRun

LEVELS = {"high": _("高"), "middle": _("中"), "low": _("低"), "": _("未定级")}
"""What acceptance is told by. Matches proposed before levels were calibrated have none."""


@dataclass(frozen=True)
class Where:
    """Whose figures: what `user` manages, all of it or one reporting unit's, of every round or of one; the figures of
    what was done, also of one officer."""

    user: object
    region: Region | None = None
    run: MatchRun | None = None
    officer: User | None = None

    @property
    def query(self) -> dict[str, str]:
        """How an address says this."""
        given = {"region": self.region and self.region.code, "run": self.run and self.run.pk}
        given["officer"] = self.officer and self.officer.pk
        return {name: str(value) for name, value in given.items() if value}

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
        rows = Decision.objects.standing().verdicts().filter(match__in=self.matches())
        return rows.filter(by=self.officer) if self.officer else rows


@dataclass(frozen=True)
class Figure:
    """`rows`: what it counts. `means`: in words, how. `kind`: matches, follow_ups, needs, firms
    or decisions."""

    label: str
    means: str
    kind: str
    rows: Callable[[Where], QuerySet]


ACCEPTING = (Decision.Kind.ACCEPT, Decision.Kind.BROKER)


def week_ago():
    return timezone.now() - timedelta(days=7)


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


def _done(label: str, means: str, which: Q) -> Figure:
    return Figure(label, means, "decisions", lambda where: where.decisions().filter(which).order_by("-made_at", "-pk"))


def _levels() -> dict[str, Figure]:
    """For each level, what was decided of it and what of that was accepted."""
    found = {}
    for level, word in LEVELS.items():
        decided = _("%(level)s：已审核") % {"level": word}
        accepted = _("%(level)s：采纳") % {"level": word}
        found[_level(level)] = _matches(
            decided, _("这一级别里已审核的匹配"), lambda rows, level=level: rows.decided().filter(level=level)
        )
        found[f"{_level(level)}-accepted"] = _matches(
            accepted, _("这一级别里采纳的匹配"), lambda rows, level=level: rows.accepted().filter(level=level)
        )
    return found


def _level(level: str) -> str:
    return f"level-{level or 'none'}"


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
    "proposed": _matches(_("推荐"), _("推荐过的全部匹配"), lambda rows: rows),
    "agreed": _matches(
        _("双方愿意"), _("双方都答复愿意的匹配"), lambda rows: rows.filter(follow_up__agreed_at__isnull=False)
    ),
    "reached": _matches(
        _("达成意向"), _("对接现在已达意向的匹配"), lambda rows: rows.filter(follow_up__status="intent")
    ),
    "done": _done(_("做出的审核"), _("专员做出、没有撤销的审核"), Q()),
    "done-accepted": _done(_("做出的采纳"), _("采纳或直接委托经纪人，没有撤销"), Q(kind__in=ACCEPTING)),
    "done-rejected": _done(_("做出的退回"), _("退回，没有撤销"), Q(kind=Decision.Kind.REJECT)),
    "done-recent": Figure(
        _("近 7 天的审核"),
        _("近 7 天做出、没有撤销的审核"),
        "decisions",
        lambda where: where.decisions().filter(made_at__gte=week_ago()).order_by("-made_at", "-pk"),
    ),
} | _levels()
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
    """Of the decided ones, by level: how many, and how many of them were accepted. One question."""
    decided = where.matches().decided().order_by()
    counts = {row.pop("level"): row for row in decided.values("level").annotate(
        decided=Count("pk"), accepted=Count("pk", filter=Q(status=Match.Status.ACCEPTED))
    )}  # fmt: skip
    return [{"name": _level(level), "label": word} | counts[level] for level, word in LEVELS.items() if level in counts]


def by_officer(where: Where) -> list[dict]:
    """What each officer did, by name and in no order of merit: for planning who has how much on the desk."""
    rows = where.decisions().order_by().values("by", name=F("by__name"))
    return list(
        rows.annotate(
            decided=Count("pk"),
            accepted=Count("pk", filter=Q(kind__in=ACCEPTING)),
            rejected=Count("pk", filter=Q(kind=Decision.Kind.REJECT)),
            recent=Count("pk", filter=Q(made_at__gte=week_ago())),
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
