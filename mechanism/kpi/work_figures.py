"""Figures of the work between a round and a contract: what the city quotes in public beside the five targets."""

from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from deals.models import Deal
from matching.models import FollowUp
from mechanism.kpi.figure import WAN, Figure, number_of
from mechanism.kpi.period import Period
from rounds.models import DockingRound, FeaturedAchievement, Meeting, Party

SIGNED = [Deal.Stage.SIGNED, Deal.Stage.REGISTERED, Deal.Stage.PERFORMING, Deal.Stage.LANDED, Deal.Stage.REVIEWED]
BEGUN = [DockingRound.Status.RUNNING, DockingRound.Status.CLOSED, DockingRound.Status.ARCHIVED]
"""A round that took place; closing or archiving one changes nothing in its figures."""


def _of_all(model, user) -> QuerySet:
    return model.objects.all() if user is None else model.objects.visible_to(user)


def _intended(rows: QuerySet, period: Period) -> QuerySet:
    """Pairs that ever reached an intent, each once, on the day they first did; what was taken back is none."""
    first = Min("steps__made_at", filter=Q(steps__status=FollowUp.Status.INTENT))
    return rows.standing().annotate(intended_at=Coalesce(first, F("deal__made_at"))).exclude(intended_at=None)


def _signed(rows: QuerySet, period: Period) -> QuerySet:
    first = Min("steps__on", filter=Q(steps__stage__in=SIGNED))
    return rows.filter(stage__in=SIGNED).annotate(signed_on=Coalesce(first, F("stage_on")))


def _of_deals(prefix: str = "") -> dict:
    """A deal says whose it is by its buyer; its industry and round stand with the match it comes from."""
    match = f"{prefix}follow_up__match__"
    return {
        "region": f"{prefix}buyer__stat_region",
        "industry": Coalesce(
            F(f"{match}achievement__industry__parent"),
            F(f"{match}achievement__industry"),
            F(f"{prefix}achievement__industry__parent"),
            F(f"{prefix}achievement__industry"),
        ),
        "institution": f"{prefix}seller",
        "agency": Coalesce(F(f"{prefix}agency"), F(f"{prefix}broker__agency")),
        "round": Coalesce(F(f"{prefix}meeting__docking_round"), F(f"{match}first_run__docking_round")),
    }


def _held(rows: QuerySet, period: Period) -> QuerySet:
    return rows.held().annotate(held_on=Coalesce(TruncDate("begun_at"), TruncDate("docking_round__starts_at")))


def _came(rows: QuerySet, period: Period) -> QuerySet:
    return rows.coming().filter(side=Party.Side.FIRM, absent_at=None, docking_round__status__in=BEGUN)


def _featured(user) -> QuerySet:
    if user is None:
        return FeaturedAchievement.objects.all()
    return FeaturedAchievement.objects.filter(docking_round__in=DockingRound.objects.visible_to(user))


def _industry(prefix: str):
    return Coalesce(F(f"{prefix}industry__parent"), F(f"{prefix}industry"))


ROUNDS = Figure(
    "rounds",
    _("对接活动"),
    _("期内开始、已经举办的对接活动场数，按主办的区市县分区；市级主办的单独一行。"),
    number_of(_("场")),
    DockingRound,
    which=lambda rows, period: rows.filter(status__in=BEGUN),
    day="starts_at",
    is_moment=True,
    visible=lambda user: _of_all(DockingRound, user),
    ways={"region": "host__stat_region", "kind": "host_kind", "round": "pk"},
    kinds=dict(DockingRound.HostKind.choices),
    columns=frozenset({"status", "starts_at", "host"}),
    state="status",
    states=frozenset(one.value for one in BEGUN),
)
FEATURED = Figure(
    "featured",
    _("推介成果"),
    _("期内已经举办的对接活动上推介的成果项次：一项成果在两场活动推介计两次，按完成单位统计归口分区。"),
    number_of(_("项次")),
    FeaturedAchievement,
    which=lambda rows, period: rows.filter(docking_round__status__in=BEGUN),
    day="docking_round__starts_at",
    is_moment=True,
    visible=_featured,
    ways={
        "region": "achievement__institution__stat_region",
        "industry": _industry("achievement__"),
        "institution": "achievement__institution",
        "round": "docking_round",
    },
    gaps=((_("缺完成单位统计归口"), Q(achievement__institution__stat_region=None)),),
)
FIRMS = Figure(
    "firms",
    _("参会企业"),
    _("期内已经举办的对接活动上答复参加、没有记为未到的企业家次，按企业统计归口分区。"),
    number_of(_("家次")),
    Party,
    which=_came,
    day="docking_round__starts_at",
    is_moment=True,
    visible=lambda user: _of_all(Party, user),
    ways={"region": "organisation__stat_region", "round": "docking_round"},
    gaps=((_("缺统计归口"), Q(organisation__stat_region=None)),),
    columns=frozenset({"answer", "absent_at"}),
)
MEETINGS = Figure(
    "meetings",
    _("对接洽谈"),
    _("期内实际进行的一对一洽谈场数，按企业统计归口分区；没有记开始时间的按活动当天计。"),
    number_of(_("场")),
    Meeting,
    which=_held,
    day="held_on",
    visible=lambda user: _of_all(Meeting, user),
    ways={
        "region": "firm_party__organisation__stat_region",
        "industry": _industry("match__achievement__"),
        "institution": "office_party__organisation",
        "round": "docking_round",
    },
    gaps=(
        (_("没有记开始时间"), Q(begun_at=None)),
        (_("缺企业统计归口"), Q(firm_party__organisation__stat_region=None)),
    ),
    matched=Q(match__isnull=False),
    columns=frozenset({"status", "begun_at"}),
    state="status",
    states=frozenset({Meeting.Status.HELD.value}),
)
INTENTS = Figure(
    "intents",
    _("合作意向"),
    _("期内首次达成意向的成果与需求配对，每对只计一次，之后没有谈成的也计；按企业统计归口分区。"),
    number_of(_("项")),
    FollowUp,
    which=_intended,
    day="intended_at",
    is_moment=True,
    visible=lambda user: _of_all(FollowUp, user),
    ways={
        "region": "match__demand__firm__stat_region",
        "industry": _industry("match__achievement__"),
        "institution": "match__achievement__institution",
        "round": Coalesce(F("deal__meeting__docking_round"), F("match__first_run__docking_round")),
    },
    gaps=((_("缺企业统计归口"), Q(match__demand__firm__stat_region=None)),),
    columns=frozenset({"status"}),
)
DEAL_GAPS = ((_("缺受让方统计归口"), Q(buyer__stat_region=None)),)


def _deals(key: str, label: str, formula: str, unit, **more) -> Figure:
    values = {"which": _signed, "day": "signed_on", "gaps": DEAL_GAPS} | more
    return Figure(
        key, label, formula, unit, Deal, visible=lambda user: _of_all(Deal, user), ways=_of_deals(),
        matched=Q(follow_up__isnull=False),
        columns=frozenset({"stage", "stage_on", "signed_wan", "intent_wan", "buyer", "seller"}), state="stage",
        states=frozenset(one.value for one in SIGNED), **values,
    )  # fmt: skip


SIGNED_DEALS = _deals(
    "signed",
    _("签约项目"),
    _("期内首次签约的成交项目数，后来未成的不计；按受让方统计归口分区。"),
    number_of(_("项")),
)
SIGNED_MONEY = _deals(
    "signed_money",
    _("签约金额"),
    _("期内首次签约的成交项目的签约金额之和，后来未成的不计。不是登记成交额，两者不相加。"),
    WAN,
    amount="signed_wan",
    gaps=((_("缺签约金额"), Q(signed_wan=None)), *DEAL_GAPS),
)
INTENT_MONEY = _deals(
    "intent_money",
    _("意向金额"),
    _("期内建立的成交项目写明的意向金额之和，未成的不计。只是意向，不计入成交额。"),
    WAN,
    which=lambda rows, period: rows.exclude(stage=Deal.Stage.FAILED),
    day="made_at",
    is_moment=True,
    amount="intent_wan",
    gaps=((_("缺意向金额"), Q(intent_wan=None)), *DEAL_GAPS),
)
FIGURES = (ROUNDS, FEATURED, FIRMS, MEETINGS, INTENTS, SIGNED_DEALS, INTENT_MONEY, SIGNED_MONEY)
