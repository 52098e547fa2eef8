"""What a report counts: every figure with its unit, in which rows it is counted, and the rule in words.

A figure is a condition on the rows of one kind. The same condition gives the number and the rows behind it, so that
each number can be followed to what it is made of.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from deals.models import Contract, Deal
from rounds.models import Attendee, DockingRound, FeaturedAchievement, Meeting, Outcome, Party, Placement, Timetable

ZERO = Value(Decimal(0), output_field=DecimalField(max_digits=14, decimal_places=2))
DISTRICT, INDUSTRY, INSTITUTION = "district", "industry", "institution"
BY = {DISTRICT: _("区市县"), INDUSTRY: _("产业"), INSTITUTION: _("院校")}
UNNAMED = {DISTRICT: _("未填区市县"), INDUSTRY: _("没有对应成果的"), INSTITUTION: _("未填院校")}


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of rows: all of a round, and by which paths they are grouped ({by: (id, name)})."""

    all_of: Callable
    groups: dict[str, tuple[str, str]]
    of_round: str


@dataclass(frozen=True, slots=True)
class Figure:
    """`wanted` are the rows counted; with `money` that column is summed (万元), else rows are counted."""

    kind: str
    label: str
    unit: str
    meaning: str
    wanted: Q
    money: str = ""
    counted: str = "pk"

    @property
    def aggregate(self):
        if self.money:
            return Coalesce(Sum(self.money, filter=self.wanted), ZERO)
        return Count(self.counted, filter=self.wanted, distinct=True)


def _parties():
    """Who sat at a table was there, whether or not anybody at the door noted it."""
    signed_in = Exists(Attendee.objects.filter(party=OuterRef("pk"), checked_in_at__isnull=False))
    sat_down = Meeting.objects.filter(status__in=Meeting.SAT_DOWN)
    met = Exists(sat_down.filter(Q(firm_party=OuterRef("pk")) | Q(office_party=OuterRef("pk"))))
    return Party.objects.annotate(has_signed_in=signed_in, has_come=Q(signed_in) | Q(met))


def _people():
    """The same person for two teams is one."""
    return Attendee.objects.annotate(person=Coalesce("same_as", "pk"))


def _meetings():
    placed = Placement.objects.filter(meeting=OuterRef("pk"), timetable__status=Timetable.Status.PUBLISHED)
    return _with_industry(_with_verdict(Meeting.objects.annotate(is_planned=Exists(placed))), "match__achievement__")


def _with_verdict(meetings):
    """One verdict for a talk: the host's; without one the more cautious of what both sides say. The sum likewise."""
    said = Outcome.objects.filter(meeting=OuterRef("pk"))
    host = said.filter(side=Outcome.Side.HOST)
    verdict = Outcome.Verdict
    cautious = Case(
        *(
            When(Exists(said.filter(verdict=one)), then=Value(one))
            for one in (verdict.NO_FIT, verdict.GO_ON, verdict.INTENT)
        ),
        default=Value(""),
        output_field=CharField(),
    )
    lowest = said.filter(verdict=verdict.INTENT).order_by().values("meeting").annotate(least=Min("intent_wan"))
    return meetings.annotate(
        verdict=Coalesce(Subquery(host.values("verdict")[:1]), cautious),
        sum_wan=Coalesce(Subquery(host.values("intent_wan")[:1]), Subquery(lowest.values("least")[:1])),
        is_signed=Exists(said.filter(is_signed=True)),
    )


def _with_industry(rows, path: str):
    """The industry of the first level of the achievement that `path` leads to."""
    return rows.annotate(
        industry_key=Coalesce(f"{path}industry__parent", f"{path}industry"),
        industry_name=Coalesce(f"{path}industry__parent__name", f"{path}industry__name"),
    )


def _through_meeting(rows, path: str):
    return _with_industry(rows, f"{path}match__achievement__")


def _deals():
    return _through_meeting(Deal.objects.exclude(meeting=None), "meeting__")


def _contracts():
    return _through_meeting(Contract.objects.exclude(deal__meeting=None), "deal__meeting__")


def _features():
    return _with_industry(FeaturedAchievement.objects.all(), "achievement__")


def _groups(party: str = "", team: str = "", industry: bool = False) -> dict[str, tuple[str, str]]:
    found = {}
    if party:
        found[DISTRICT] = (f"{party}__stat_region", f"{party}__stat_region__name")
    if team:
        found[INSTITUTION] = (team, f"{team}__name")
    if industry:
        found[INDUSTRY] = ("industry_key", "industry_name")
    return found


KINDS = {
    "firm": Kind(lambda: _parties().filter(side=Party.Side.FIRM), _groups(party="organisation"), "docking_round"),
    "team": Kind(lambda: _parties().filter(side=Party.Side.OFFICE), _groups(team="organisation"), "docking_round"),
    "person": Kind(_people, {}, "party__docking_round"),
    "meeting": Kind(
        _meetings, _groups("firm_party__organisation", "office_party__organisation", True), "docking_round"
    ),
    "deal": Kind(
        _deals,
        _groups("meeting__firm_party__organisation", "meeting__office_party__organisation", True),
        "meeting__docking_round",
    ),
    "contract": Kind(
        _contracts,
        _groups("deal__meeting__firm_party__organisation", "deal__meeting__office_party__organisation", True),
        "deal__meeting__docking_round",
    ),
    "feature": Kind(_features, _groups(team="achievement__institution", industry=True), "docking_round"),
}
INVITED = ~Q(answer__in=[Party.Answer.LISTED, Party.Answer.WITHDRAWN])
HERE = Q(has_come=True)
HELD = Q(status=Meeting.Status.HELD)
ON_SITE = HELD & Q(origin=Meeting.Origin.ON_SITE)
STANDING = ~Q(stage=Deal.Stage.FAILED)
CAUTIOUS = _("以桌长记录为准；没有桌长记录的，双方说法不同时取较谨慎的一方")

FIGURES = {
    "featured": Figure("feature", _("推介成果"), _("项"), _("写入活动推介名单的成果"), Q()),
    "invited_firms": Figure("firm", _("受邀企业"), _("家"), _("名单中已发出邀请的企业，含现场报到的"), INVITED),
    "coming_firms": Figure("firm", _("答复参加企业"), _("家"), _("答复“参加”的企业"), Q(answer=Party.Answer.COMING)),
    "came_firms": Figure("firm", _("到会企业"), _("家"), _("至少一人签到，或者进行过洽谈的企业"), HERE),
    "invited_teams": Figure("team", _("受邀院校团队"), _("个"), _("名单中已发出邀请的院校团队"), INVITED),
    "came_teams": Figure("team", _("到会院校团队"), _("个"), _("至少一人签到，或者进行过洽谈的院校团队"), HERE),
    "people": Figure(
        "person", _("到会人员"), _("人"), _("签到的人员，同一人代表两个团队只计一次"), Q(checked_in_at__isnull=False),
        counted="person",
    ),
    "planned": Figure("meeting", _("计划洽谈"), _("场"), _("已发布日程中安排了时段和桌号的洽谈"), Q(is_planned=True)),
    "held": Figure("meeting", _("实际洽谈"), _("场"), _("记为“已洽谈”的洽谈，含现场撮合的"), HELD),
    "on_site": Figure("meeting", _("现场撮合"), _("场"), _("现场撮合并已洽谈的"), ON_SITE),
    "missed": Figure("meeting", _("未能进行"), _("场"), _("记为“未能进行”的洽谈"), Q(status=Meeting.Status.MISSED)),
    "intent": Figure("meeting", _("有意向"), _("场"), CAUTIOUS, HELD & Q(verdict=Outcome.Verdict.INTENT)),
    "go_on": Figure("meeting", _("继续谈"), _("场"), CAUTIOUS, HELD & Q(verdict=Outcome.Verdict.GO_ON)),
    "no_fit": Figure("meeting", _("不合适"), _("场"), CAUTIOUS, HELD & Q(verdict=Outcome.Verdict.NO_FIT)),
    "silent": Figure("meeting", _("没有记录结果"), _("场"), _("已洽谈、谁都没有记录结果的"), HELD & Q(verdict="")),
    "signed": Figure(
        "meeting", _("当场签约意向"), _("项"), _("有一方记为“当场签约意向”的洽谈"), HELD & Q(is_signed=True)
    ),
    "intent_sum": Figure(
        "meeting", _("意向金额"), _("万元"), _("“有意向”的洽谈填写的金额之和；双方不同时取桌长的，没有则取较小的"),
        HELD & Q(verdict=Outcome.Verdict.INTENT), money="sum_wan",
    ),
    "deals": Figure("deal", _("会后成交项目"), _("项"), _("由本场洽谈建立的成交项目，不含未成的"), STANDING),
    "signed_sum": Figure(
        "deal", _("会后签约金额"), _("万元"), _("由本场洽谈建立的成交项目的签约金额之和，不含未成的"),
        STANDING, money="signed_wan",
    ),
    "contract_sum": Figure(
        "contract", _("已登记合同成交额"), _("万元"), _("由本场洽谈形成、已认定登记的技术合同的成交额之和"),
        Q(status=Contract.Status.REGISTERED), money="amount_wan",
    ),
}  # fmt: skip


def rows_of(name: str, docking_round: DockingRound, *, by: str = "", key: str = ""):
    """The rows that a figure counts, of the whole round or of one group (`key` is its id, empty for those without)."""
    figure = FIGURES[name]
    kind = KINDS[figure.kind]
    rows = kind.all_of().filter(figure.wanted, **{kind.of_round: docking_round})
    if by:
        path = kind.groups[by][0]
        rows = rows.filter(**({path: key} if key else {f"{path}__isnull": True}))
    if figure.counted != "pk":
        rows = rows.order_by(figure.counted, "pk").distinct(figure.counted)
    return rows


def grouped(kind: Kind, by: str, rows):
    """`rows` as values of (key, name) of their group."""
    path, name = kind.groups[by]
    return rows.order_by().values(group=F(path), group_name=F(name))
