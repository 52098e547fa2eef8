"""Definitions of the report's figures: unit, counted records, and the rule as text.

A figure is a condition on records of one kind. The same condition gives the number and the rows behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from rounds.fates import REASONS, Fate, with_arrival, with_fate
from rounds.models import Attendee, DockingRound, FeaturedAchievement, Meeting, MeetingRequest, Outcome, Party

ONE_SIDED, HOST_ONLY = "one_sided", "host_only"
"""Verdicts of meetings without a word of both sides; they are counted apart."""
DISTRICT, INDUSTRY, INSTITUTION = "district", "industry", "institution"
GROUPINGS = {DISTRICT: "区市县", INDUSTRY: "产业", INSTITUTION: "院校"}
UNNAMED_GROUPS = {DISTRICT: "未填区市县", INDUSTRY: "未填产业", INSTITUTION: "未填院校"}


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record: its queryset, the path to the round, and the paths by which it is grouped ({grouping: (id,
    name)})."""

    all_of: Callable
    groups: dict[str, tuple[str, str]]
    of_round: str


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """`wanted` selects the counted rows; with `money` that column is summed (万元), else rows are counted."""

    kind: str
    label: str
    unit: str
    meaning: str
    wanted: Q
    money: str = ""
    counted: str = "pk"


def _parties():
    return with_arrival(Party.objects.all())


def _people():
    """A person of two teams counts once."""
    return Attendee.objects.annotate(person=Coalesce("same_as", "pk"))


def _meetings():
    return with_talk_industry(with_own_verdict(with_fate(Meeting.objects.all())))


def with_own_verdict(meetings):
    """Annotate one verdict for each meeting from the outcomes that the sides recorded themselves.

    NO_FIT if one side says so; otherwise the more cautious of both; ONE_SIDED if only one side has spoken; HOST_ONLY if
    only the host has; empty if nobody has. Likewise the sum (万元): the lower one, if both sides named a sum.
    """
    outcomes = Outcome.objects.filter(meeting=OuterRef("pk"))
    firm, office = outcomes.filter(side=Outcome.Side.FIRM), outcomes.filter(side=Outcome.Side.INSTITUTION)
    verdict = Outcome.Verdict
    has_firm, has_office = Exists(firm), Exists(office)
    own = outcomes.filter(side__in=Outcome.OWN_SIDES)
    verdict_of_both = Case(
        When(Exists(own.filter(verdict=verdict.NO_FIT)), then=Value(verdict.NO_FIT)),
        When(has_firm & has_office & Exists(own.filter(verdict=verdict.GO_ON)), then=Value(verdict.GO_ON)),
        When(has_firm & has_office, then=Value(verdict.INTENT)),
        When(has_firm | has_office, then=Value(ONE_SIDED)),
        When(Exists(outcomes), then=Value(HOST_ONLY)),
        default=Value(""),
        output_field=CharField(),
    )
    sums = own.filter(intent_wan__isnull=False).order_by().values("meeting").annotate(number=Count("pk"))
    lower = sums.filter(number=len(Outcome.OWN_SIDES)).annotate(least=Min("intent_wan"))
    return meetings.annotate(
        verdict=verdict_of_both,
        sum_wan=Subquery(lower.values("least")[:1]),
        one_sum_wan=Subquery(sums.filter(number=1).annotate(least=Min("intent_wan")).values("least")[:1]),
        is_signed=Exists(firm.filter(is_signed=True)) & Exists(office.filter(is_signed=True)),
    )


def with_industry(rows, path: str):
    """Annotate the first-level industry of the achievement at `path`."""
    return rows.annotate(
        industry_key=Coalesce(f"{path}industry__parent", f"{path}industry"),
        industry_name=Coalesce(f"{path}industry__parent__name", f"{path}industry__name"),
    )


def with_talk_industry(rows, meeting: str = ""):
    """Annotate the first-level industry of what the talk at the path `meeting` is about: the achievement of its match,
    else the one that the firm asked to talk about (of several the first), else the demand of an institution's request.
    """
    wishes = MeetingRequest.objects.filter(meeting=OuterRef(f"{meeting}pk"), achievement__isnull=False)
    is_withdrawn = Case(When(status=MeetingRequest.Status.WITHDRAWN, then=Value(1)), default=Value(0))
    wished = with_industry(wishes, "achievement__").order_by(is_withdrawn, "pk")
    matched, asked = f"{meeting}match__achievement__industry", f"{meeting}unmatched_demand__industry"
    return rows.annotate(
        industry_key=Coalesce(
            f"{matched}__parent", matched, Subquery(wished.values("industry_key")[:1]), f"{asked}__parent", asked
        ),
        industry_name=Coalesce(
            f"{matched}__parent__name",
            f"{matched}__name",
            Subquery(wished.values("industry_name")[:1]),
            f"{asked}__parent__name",
            f"{asked}__name",
        ),
    )


def _features():
    return with_industry(FeaturedAchievement.objects.all(), "achievement__")


def groups(party: str = "", team: str = "", industry: bool = False) -> dict[str, tuple[str, str]]:
    paths = {}
    if party:
        paths[DISTRICT] = (f"{party}__stat_region", f"{party}__stat_region__name")
    if team:
        paths[INSTITUTION] = (team, f"{team}__name")
    if industry:
        paths[INDUSTRY] = ("industry_key", "industry_name")
    return paths


RECORD_KINDS = {
    "firm": RecordKind(lambda: _parties().filter(side=Party.Side.FIRM), groups(party="organisation"), "docking_round"),
    "team": RecordKind(
        lambda: _parties().filter(side=Party.Side.INSTITUTION), groups(team="organisation"), "docking_round"
    ),
    "person": RecordKind(_people, {}, "party__docking_round"),
    "meeting": RecordKind(
        _meetings, groups("firm_party__organisation", "institution_party__organisation", True), "docking_round"
    ),
    "feature": RecordKind(_features, groups(team="achievement__institution", industry=True), "docking_round"),
}
INVITED = ~Q(answer__in=[Party.Answer.LISTED, Party.Answer.WITHDRAWN])
ARRIVED = Q(has_come=True)
CONFIRMED = Q(has_confirmed=True)
UNANNOUNCED = ARRIVED & Q(has_confirmed=False)
PLANNED = Q(is_planned=True)
HELD = Q(status=Meeting.Status.HELD)
ON_SITE = HELD & Q(origin=Meeting.Origin.ON_SITE)

VERDICT_RULE = "双方各自记录的结果，说法不同时取较谨慎的一方；现场记录不代表双方"


def _figure_of(fate: Fate) -> ReportFigure:
    meaning = f"计划洽谈中{REASONS.get(fate, '记为“已洽谈”')}的"
    return ReportFigure("meeting", str(fate.label), "场", meaning, PLANNED & Q(fate=fate))


FIGURES = {
    "featured": ReportFigure("feature", "推介成果", "项", "活动推介名单中的成果", Q()),
    "invited_firms": ReportFigure("firm", "受邀企业", "家", "名单中已发出邀请的企业，含现场报到的", INVITED),
    "coming_firms": ReportFigure(
        "firm", "确认参加企业", "家", "活动前答复“参加”的企业，不含现场报到和没有答复而到场的", CONFIRMED
    ),
    "coming_came_firms": ReportFigure("firm", "确认并到会企业", "家", "确认参加的企业中到会的", CONFIRMED & ARRIVED),
    "unannounced_firms": ReportFigure(
        "firm", "未确认而到会企业", "家", "现场报到，或者没有答复参加而到会的企业", UNANNOUNCED
    ),
    "came_firms": ReportFigure("firm", "到会企业", "家", "至少一人签到，或者进行过洽谈的企业", ARRIVED),
    "invited_teams": ReportFigure("team", "受邀院校团队", "个", "名单中已发出邀请的院校团队", INVITED),
    "coming_teams": ReportFigure("team", "确认参加院校团队", "个", "活动前答复“参加”的院校团队", CONFIRMED),
    "coming_came_teams": ReportFigure(
        "team", "确认并到会院校团队", "个", "确认参加的院校团队中到会的", CONFIRMED & ARRIVED
    ),
    "came_teams": ReportFigure("team", "到会院校团队", "个", "至少一人签到，或者进行过洽谈的院校团队", ARRIVED),
    "people": ReportFigure(
        "person",
        "到会人员",
        "人",
        "签到的人员，同一人代表两个团队只计一次",
        Q(checked_in_at__isnull=False),
        counted="person",
    ),
    "planned": ReportFigure(
        "meeting",
        "计划洽谈",
        "场",
        "发布过的日程中安排了时段和桌号的洽谈，每场只计一次；等于以下八项之和",
        PLANNED,
    ),
    **{fate.value: _figure_of(fate) for fate in Fate},
    "held": ReportFigure("meeting", "实际洽谈", "场", "记为“已洽谈”的洽谈，等于如期举行加计划外举行", HELD),
    "on_site": ReportFigure("meeting", "现场撮合", "场", "现场撮合并已洽谈的", ON_SITE),
    "extra": ReportFigure("meeting", "计划外举行", "场", "没有排进日程而举行的洽谈", HELD & Q(is_planned=False)),
    "intent": ReportFigure("meeting", "有意向", "场", VERDICT_RULE, HELD & Q(verdict=Outcome.Verdict.INTENT)),
    "go_on": ReportFigure("meeting", "继续谈", "场", VERDICT_RULE, HELD & Q(verdict=Outcome.Verdict.GO_ON)),
    "no_fit": ReportFigure("meeting", "不合适", "场", VERDICT_RULE, HELD & Q(verdict=Outcome.Verdict.NO_FIT)),
    "one_sided": ReportFigure(
        "meeting",
        "一方表示、待对方确认",
        "场",
        "只有一方记录了有意向或继续谈，对方还没有记录；不计入有意向和继续谈",
        HELD & Q(verdict=ONE_SIDED),
    ),
    "host_only": ReportFigure(
        "meeting",
        "只有现场记录",
        "场",
        "现场工作人员记录了结果，双方都还没有记录；不计入其他各项",
        HELD & Q(verdict=HOST_ONLY),
    ),
    "silent": ReportFigure("meeting", "没有记录结果", "场", "已洽谈、谁都没有记录结果的", HELD & Q(verdict="")),
    "signed": ReportFigure("meeting", "当场签约意向", "项", "双方都记为“当场签约意向”的洽谈", HELD & Q(is_signed=True)),
    "intent_sum": ReportFigure(
        "meeting",
        "意向金额",
        "万元",
        "“有意向”的洽谈双方都填写的金额之和，不同时取较小的",
        HELD & Q(verdict=Outcome.Verdict.INTENT),
        money="sum_wan",
    ),
    "intent_sum_one_sided": ReportFigure(
        "meeting",
        "只有一方填写的意向金额",
        "万元",
        "只有一方填写了意向金额的洽谈，不计入意向金额",
        HELD & Q(one_sum_wan__isnull=False),
        money="one_sum_wan",
    ),
}


def add_figures(kinds: dict[str, RecordKind], figures: dict[str, ReportFigure]) -> None:
    """Register figures of an app above; called from its `ready()`. Idempotent."""
    RECORD_KINDS.update(kinds)
    FIGURES.update(figures)


def counted_rows(name: str, docking_round: DockingRound, *, by: str = "", key: str = ""):
    """Return the rows that a figure counts, of the whole round or of one group (`key` is its id, empty for rows
    without a group)."""
    figure = FIGURES[name]
    kind = RECORD_KINDS[figure.kind]
    rows = kind.all_of().filter(figure.wanted, **{kind.of_round: docking_round})
    if by:
        path = kind.groups[by][0]
        rows = rows.filter(**({path: key} if key else {f"{path}__isnull": True}))
    if figure.counted != "pk":
        rows = rows.order_by(figure.counted, "pk").distinct(figure.counted)
    return rows
