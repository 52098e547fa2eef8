"""The figures of the overview. A figure is the number of its rows: number and list come from one queryset."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from matching.models import Decision, FollowUp, Match
from matching.overview.scope import OverviewScope

LEVELS = dict(Match.Level.choices) | {"": "未定级"}
"""Labels of the levels. Matches made by hand have none."""


@dataclass(frozen=True)
class OverviewFigure:
    """`rows`: what it counts. `means`: how it is counted, in words. `kind`: matches, follow_ups, demands, firms or
    decisions."""

    label: str
    means: str
    kind: str
    rows: Callable[[OverviewScope], QuerySet]


ACCEPTING_KINDS = (Decision.Kind.ACCEPT, Decision.Kind.BROKER)


def week_ago() -> datetime:
    return timezone.now() - timedelta(days=7)


def _without_match() -> Combinable:
    return ~Exists(Match.objects.filter(demand=OuterRef("pk")))


def _without_accepted_match() -> Combinable:
    return ~Exists(Match.objects.filter(demand=OuterRef("pk"), status=Match.Status.ACCEPTED))


def _firms_without_match(scope: OverviewScope) -> QuerySet:
    served = Match.objects.filter(demand__firm=OuterRef("pk"), demand__in=scope.demands())
    return scope.firms().filter(~Exists(served))


def _matches(label: str, means: str, condition: Callable[[QuerySet], QuerySet]) -> OverviewFigure:
    return OverviewFigure(label, means, "matches", lambda scope: condition(scope.matches()))


def _follow_ups(label: str, means: str, condition: Callable[[QuerySet], QuerySet]) -> OverviewFigure:
    return OverviewFigure(label, means, "follow_ups", lambda scope: condition(scope.follow_ups()))


def _demands(label: str, means: str, without: Exists) -> OverviewFigure:
    return OverviewFigure(label, means, "demands", lambda scope: scope.demands().filter(without))


def _decisions(label: str, means: str, condition: Q) -> OverviewFigure:
    return OverviewFigure(
        label, means, "decisions", lambda scope: scope.decisions().filter(condition).order_by("-made_at", "-pk")
    )


def _levels() -> dict[str, OverviewFigure]:
    """Two figures for each level: the decided matches, and the accepted ones of these."""
    figures = {}
    for level, word in LEVELS.items():
        decided = "%(level)s：已审核" % {"level": word}
        accepted = "%(level)s：采纳" % {"level": word}
        figures[level_figure_name(level)] = _matches(
            decided, "这一级别里已审核的匹配", lambda rows, level=level: rows.decided().filter(level=level)
        )
        figures[f"{level_figure_name(level)}-accepted"] = _matches(
            accepted, "这一级别里采纳的匹配", lambda rows, level=level: rows.accepted().filter(level=level)
        )
    return figures


def level_figure_name(level: str) -> str:
    return f"level-{level or 'none'}"


def _overdue(rows: QuerySet) -> QuerySet:
    return rows.filter(pk__in=FollowUp.objects.overdue().values("pk"))


FIGURES = {
    "waiting": _matches("待审核", "没有审核、没有暂缓、也没有等答复的匹配", lambda rows: rows.due()),
    "held": _matches("暂缓中", "暂缓到以后某一天的匹配", lambda rows: rows.on_hold()),
    "asked": _matches("等对方答复", "向企业或院校提了问题，还没有答复", lambda rows: rows.with_open_question()),
    "decided": _matches("已审核", "采纳、退回、标为重复或未选的匹配", lambda rows: rows.decided()),
    "passed": _matches("未选", "按需求审核时没有选的候选，没有写退回原因", lambda rows: rows.passed_over()),
    "accepted": _matches("已采纳", "采纳的匹配", lambda rows: rows.accepted()),
    "appealed": _matches("等市里复议", "区县请市里重新审核的匹配", lambda rows: rows.appealed()),
    "asking": _follow_ups("征询双方意愿", "采纳后还没有双方都答复的对接", lambda rows: rows.asking()),
    "talks": _follow_ups("洽谈中", "双方都愿意，正在跟进的对接", lambda rows: rows.filter(status="talks")),
    "intent": _follow_ups("已达意向", "跟进人记为已达意向的对接", lambda rows: rows.filter(status="intent")),
    "closed": _follow_ups(
        "已结束", "一方不愿意、没有谈成或以其他原因结束的对接", lambda rows: rows.filter(status="closed")
    ),
    "overdue": _follow_ups("逾期的对接", "过了答复期限没有答复，或过了下次跟进日期的对接", _overdue),
    "unanswered": _demands(
        "暂无采纳结果的需求", "公开且在有效期内、没有一条采纳的匹配的需求", _without_accepted_match()
    ),
    "unmatched": _demands("没有推荐的需求", "公开且在有效期内、从来没有推荐到成果的需求", _without_match()),
    "firms": OverviewFigure("没有推荐的企业", "有公开的需求、但没有一条推荐的企业", "firms", _firms_without_match),
    "proposed": _matches("推荐", "推荐过的全部匹配", lambda rows: rows),
    "agreed": _matches(
        "双方愿意", "双方都答复愿意的匹配", lambda rows: rows.filter(follow_up__agreed_at__isnull=False)
    ),
    "reached": _matches("达成意向", "对接现在已达意向的匹配", lambda rows: rows.filter(follow_up__status="intent")),
    "done": _decisions("做出的审核", "专员做出、没有撤销的审核", Q()),
    "done-accepted": _decisions("做出的采纳", "采纳或直接委托经纪人，没有撤销", Q(kind__in=ACCEPTING_KINDS)),
    "done-rejected": _decisions("做出的退回", "退回，没有撤销", Q(kind=Decision.Kind.REJECT)),
    "done-recent": OverviewFigure(
        "近 7 天的审核",
        "近 7 天做出、没有撤销的审核",
        "decisions",
        lambda scope: scope.decisions().filter(made_at__gte=week_ago()).order_by("-made_at", "-pk"),
    ),
} | _levels()
REVIEW_FIGURES = ("waiting", "decided", "accepted", "passed", "held", "asked", "appealed")
FOLLOW_UP_FIGURES = ("asking", "talks", "intent", "closed", "overdue")
DEMAND_FIGURES = ("unanswered", "unmatched", "firms")


def count_figures(scope: OverviewScope, names: Iterable[str]) -> dict[str, int]:
    return {name: FIGURES[name].rows(scope).order_by().count() for name in names}
