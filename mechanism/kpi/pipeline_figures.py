"""Figures of the pipeline from docking rounds to signed deals."""

from collections.abc import Callable

from django.db.models import Case, F, Min, Model, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Greatest, TruncDate

from accounts.models import User
from deals.models import Deal
from matching.models import FollowUp, Question, SideStatement
from mechanism.kpi.contract_parts import DEAL_PARTS
from mechanism.kpi.definitions import PLATFORM, WAN, FigureDefinition, FigurePart, Unit, count_unit
from mechanism.kpi.period import Period
from rounds.models import DockingRound, FeaturedAchievement, Meeting, Party

SIGNED = [Deal.Stage.SIGNED, Deal.Stage.REGISTERED, Deal.Stage.PERFORMING, Deal.Stage.LANDED, Deal.Stage.REVIEWED]
BEGUN = [DockingRound.Status.RUNNING, DockingRound.Status.CLOSED, DockingRound.Status.ARCHIVED]
"""Rounds that have begun. Closing or archiving a round does not change its figures."""


def _visible(model: type[Model], user: User | None) -> QuerySet:
    return model.objects.all() if user is None else model.objects.visible_to(user)


def _with_intent(rows: QuerySet, period: Period) -> QuerySet:
    """Follow-ups whose sides both confirmed an intent, dated by the first time; revoked follow-ups are excluded."""
    first = Min("steps__made_at", filter=Q(steps__status=FollowUp.Status.INTENT))
    return rows.not_withdrawn().annotate(intended_at=first).exclude(intended_at=None)


def _with_one_intent(rows: QuerySet, period: Period) -> QuerySet:
    """Running follow-ups in which one side alone says that it has an intent, dated by its latest such word.

    The rules of `matching.services.statements` as a query: own words, after the last closing and the last return to
    talks, and each side's latest word counts.
    """
    own = SideStatement.objects.own().filter(match=OuterRef("match")).order_by("-said_at", "-pk")
    latest = {side: own.filter(side=side) for side in Question.Side.values}
    rows = rows.filter(status__in=[FollowUp.Status.ASKING, FollowUp.Status.TALKS]).annotate(
        firm_stance=Subquery(latest["firm"].values("stance")[:1]),
        firm_said_at=Subquery(latest["firm"].values("said_at")[:1]),
        institution_stance=Subquery(latest["office"].values("stance")[:1]),
        institution_said_at=Subquery(latest["office"].values("said_at")[:1]),
        since=Greatest("consent_since", "intent_since"),  # PostgreSQL ignores NULL
    )
    firm = Q(firm_stance="intent") & (Q(since=None) | Q(firm_said_at__gt=F("since")))
    institution = Q(institution_stance="intent") & (Q(since=None) | Q(institution_said_at__gt=F("since")))
    rows = rows.annotate(
        firm_intent_at=Case(When(firm, then=F("firm_said_at"))),
        institution_intent_at=Case(When(institution, then=F("institution_said_at"))),
    )
    return rows.annotate(intended_at=Greatest("firm_intent_at", "institution_intent_at")).exclude(intended_at=None)


def signed_deals(rows: QuerySet, period: Period) -> QuerySet:
    return with_signing_day(rows.confirmed_by_all_parties())


def with_signing_day(rows: QuerySet) -> QuerySet:
    first = Min("steps__on", filter=Q(steps__stage__in=SIGNED))
    return rows.filter(stage__in=SIGNED).annotate(signed_on=Coalesce(first, F("stage_on")))


def unconfirmed_deals(begun: Callable[[QuerySet], QuerySet]) -> dict[str, Callable[[QuerySet, Period], QuerySet]]:
    return {
        "pending": lambda rows, period: begun(rows.awaiting_parties()),
        "disputed": lambda rows, period: begun(rows.disputed()),
    }


def _deal_dimensions() -> dict:
    """Dimensions of a deal: region of the buyer; industry and round of the match, if there is one."""
    match = "follow_up__match__"
    return {
        "region": "buyer__stat_region",
        "industry": Coalesce(
            F(f"{match}achievement__industry__parent"),
            F(f"{match}achievement__industry"),
            F("outside_achievement__industry__parent"),
            F("outside_achievement__industry"),
        ),
        "institution": "seller",
        "agency": Coalesce(F("agency"), F("broker__agency")),
        "round": Coalesce(F("meeting__docking_round"), F(f"{match}first_run__docking_round")),
    }


def _held(rows: QuerySet, period: Period) -> QuerySet:
    return rows.held().annotate(held_on=Coalesce(TruncDate("begun_at"), TruncDate("docking_round__starts_at")))


def _attending_firms(rows: QuerySet, period: Period) -> QuerySet:
    return rows.coming().filter(side=Party.Side.FIRM, absent_at=None, docking_round__status__in=BEGUN)


def _visible_features(user: User | None) -> QuerySet:
    if user is None:
        return FeaturedAchievement.objects.all()
    return FeaturedAchievement.objects.filter(docking_round__in=DockingRound.objects.visible_to(user))


def _industry(prefix: str) -> Coalesce:
    return Coalesce(F(f"{prefix}industry__parent"), F(f"{prefix}industry"))


ROUNDS = FigureDefinition(
    "rounds",
    "对接活动",
    "期内开始、已经举办的对接活动场数，按主办的区市县分区；市级主办的单独一行。",
    count_unit("场"),
    DockingRound,
    select_rows=lambda rows, period: rows.filter(status__in=BEGUN),
    date_field="starts_at",
    is_datetime=True,
    visible_rows=lambda user: _visible(DockingRound, user),
    dimensions={"region": "host__stat_region", "kind": "host_kind", "round": "pk"},
    kind_labels=dict(DockingRound.HostKind.choices),
    audited_fields=frozenset({"status", "starts_at", "host"}),
    state_field="status",
    counted_states=frozenset(status.value for status in BEGUN),
)
FEATURED = FigureDefinition(
    "featured",
    "推介成果",
    "期内已经举办的对接活动上推介的成果项次：一项成果在两场活动推介计两次，按完成单位统计归口分区。",
    count_unit("项次"),
    FeaturedAchievement,
    select_rows=lambda rows, period: rows.filter(docking_round__status__in=BEGUN),
    date_field="docking_round__starts_at",
    is_datetime=True,
    visible_rows=_visible_features,
    dimensions={
        "region": "achievement__institution__stat_region",
        "industry": _industry("achievement__"),
        "institution": "achievement__institution",
        "round": "docking_round",
    },
    gaps=(("缺完成单位统计归口", Q(achievement__institution__stat_region=None)),),
)
FIRMS = FigureDefinition(
    "firms",
    "参会企业",
    "期内已经举办的对接活动上答复参加、没有记为未到的企业家次，按企业统计归口分区。",
    count_unit("家次"),
    Party,
    select_rows=_attending_firms,
    date_field="docking_round__starts_at",
    is_datetime=True,
    visible_rows=lambda user: _visible(Party, user),
    dimensions={"region": "organisation__stat_region", "round": "docking_round"},
    gaps=(("缺统计归口", Q(organisation__stat_region=None)),),
    audited_fields=frozenset({"answer", "absent_at"}),
)
MEETINGS = FigureDefinition(
    "meetings",
    "对接洽谈",
    "期内实际进行的一对一洽谈场数，按企业统计归口分区；没有记开始时间的按活动当天计。",
    count_unit("场"),
    Meeting,
    select_rows=_held,
    date_field="held_on",
    visible_rows=lambda user: _visible(Meeting, user),
    dimensions={
        "region": "firm_party__organisation__stat_region",
        "industry": _industry("match__achievement__"),
        "institution": "institution_party__organisation",
        "round": "docking_round",
    },
    gaps=(
        ("没有记开始时间", Q(begun_at=None)),
        ("缺企业统计归口", Q(firm_party__organisation__stat_region=None)),
    ),
    parts=(FigurePart(PLATFORM, "出自平台匹配", "按平台上的匹配安排的洽谈。", Q(match__isnull=False)),),
    audited_fields=frozenset({"status", "begun_at"}),
    state_field="status",
    counted_states=frozenset({Meeting.Status.HELD.value}),
)
INTENTS = FigureDefinition(
    "intents",
    "合作意向",
    "期内首次由双方各自确认有意向的成果与需求配对，每对只计一次，之后没有谈成的也计；按企业统计归口分区。",
    count_unit("项"),
    FollowUp,
    select_rows=_with_intent,
    date_field="intended_at",
    is_datetime=True,
    visible_rows=lambda user: _visible(FollowUp, user),
    dimensions={
        "region": "match__demand__firm__stat_region",
        "industry": _industry("match__achievement__"),
        "institution": "match__achievement__institution",
        "round": Coalesce(F("deal__meeting__docking_round"), F("match__first_run__docking_round")),
    },
    gaps=(("缺企业统计归口", Q(match__demand__firm__stat_region=None)),),
    audited_fields=frozenset({"status"}),
)
ONE_SIDED_INTENTS = FigureDefinition(
    "intents_one_sided",
    "待对方确认的意向",
    "期内只有一方自己表示有意向、正在等另一方确认的成果与需求配对；不计入合作意向。",
    count_unit("项"),
    FollowUp,
    select_rows=_with_one_intent,
    date_field="intended_at",
    is_datetime=True,
    visible_rows=lambda user: _visible(FollowUp, user),
    dimensions={
        "region": "match__demand__firm__stat_region",
        "industry": _industry("match__achievement__"),
        "institution": "match__achievement__institution",
        "round": F("match__first_run__docking_round"),
    },
    gaps=(("缺企业统计归口", Q(match__demand__firm__stat_region=None)),),
)
DEAL_GAPS = (("缺受让方统计归口", Q(buyer__stat_region=None)),)


def deal_figure(key: str, label: str, formula: str, unit: Unit, **overrides) -> FigureDefinition:
    values = {
        "select_rows": signed_deals,
        "date_field": "signed_on",
        "gaps": DEAL_GAPS,
        "unconfirmed": unconfirmed_deals(with_signing_day),
    } | overrides
    return FigureDefinition(
        key,
        label,
        formula,
        unit,
        Deal,
        visible_rows=lambda user: _visible(Deal, user),
        dimensions=_deal_dimensions(),
        parts=DEAL_PARTS,
        audited_fields=frozenset({"is_counted", "stage", "stage_on", "signed_wan", "intent_wan", "buyer", "seller"}),
        state_field="stage",
        counted_states=frozenset(stage.value for stage in SIGNED),
        **values,
    )


SIGNED_DEALS = deal_figure(
    "signed",
    "签约项目",
    "期内首次签约、双方都已确认的成交项目数，后来未成的不计；按受让方统计归口分区。",
    count_unit("项"),
)
SIGNED_MONEY = deal_figure(
    "signed_money",
    "签约金额",
    "期内首次签约、双方都已确认的成交项目的签约金额之和，后来未成的不计。不是登记成交额，两者不相加。",
    WAN,
    amount_field="signed_wan",
    gaps=(("缺签约金额", Q(signed_wan=None)), *DEAL_GAPS),
)
INTENT_MONEY = deal_figure(
    "intent_money",
    "意向金额",
    "期内建立、双方都已确认的成交项目写明的意向金额之和，未成的不计。只是意向，不计入成交额。",
    WAN,
    select_rows=lambda rows, period: rows.active().confirmed_by_all_parties(),
    unconfirmed=unconfirmed_deals(lambda rows: rows.active()),
    date_field="made_at",
    is_datetime=True,
    amount_field="intent_wan",
    gaps=(("缺意向金额", Q(intent_wan=None)), *DEAL_GAPS),
)
FIGURES = (ROUNDS, FEATURED, FIRMS, MEETINGS, INTENTS, ONE_SIDED_INTENTS, SIGNED_DEALS, INTENT_MONEY, SIGNED_MONEY)
