"""Figures of 揭榜挂帅: calls published, bids, prizes awarded, deals signed, calls without a result and called again."""

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from challenges.models import Bid, Challenge
from core.scope import scope_of
from deals.models import Deal
from mechanism.kpi.definitions import WAN, FigureDefinition, Unit, count_unit
from mechanism.kpi.period import Period
from mechanism.kpi.pipeline_figures import deal_figure, signed_deals, unconfirmed_deals, with_signing_day

Status = Challenge.Status


def _visible_calls(user: User | None) -> QuerySet:
    """What one manages, without the calls of others: a split would tell the district of an anonymous firm."""
    return Challenge.objects.all() if user is None else Challenge.objects.managed_by(user)


def _visible_bids(user: User | None) -> QuerySet:
    rows = Bid.objects.all()
    if user is None or scope_of(user).sees_all:
        return rows
    return rows.filter(challenge__in=Challenge.objects.managed_by(user))


def _industry(prefix: str) -> Coalesce:
    return Coalesce(F(f"{prefix}demand__industry__parent"), F(f"{prefix}demand__industry"))


def _calls(key: str, label: str, formula: str, unit: Unit, **options) -> FigureDefinition:
    return FigureDefinition(
        key,
        label,
        formula,
        unit,
        Challenge,
        is_datetime=True,
        visible_rows=_visible_calls,
        dimensions={"region": "demand__firm__stat_region", "industry": _industry("")},
        audited_fields=frozenset({"status"}),
        **options,
    )


def _signed(rows: QuerySet, period: Period) -> QuerySet:
    return signed_deals(rows.filter(origin=Deal.Origin.CHALLENGE), period)


PUBLISHED = _calls(
    "challenges",
    "揭榜挂帅发榜",
    "期内发布的榜单数，后来流标、撤榜的也计；按企业统计归口分区。",
    count_unit("个"),
    select_rows=lambda rows, period: rows.public(),
    date_field="published_at",
)
BIDS = FigureDefinition(
    "challenge_bids",
    "揭榜方案",
    "期内开标的榜单收到的方案数，截止以前撤回的不计；按发榜企业统计归口分区。开标以前不计数。",
    count_unit("份"),
    Bid,
    select_rows=lambda rows, period: rows.in_race().filter(challenge__opened_at__isnull=False),
    date_field="challenge__opened_at",
    is_datetime=True,
    visible_rows=_visible_bids,
    dimensions={"region": "challenge__demand__firm__stat_region", "industry": _industry("challenge__")},
)
PRIZES = _calls(
    "challenge_prize",
    "揭榜挂帅榜金",
    "期内公示期满、确认了揭榜方的榜单的榜金之和。不是登记成交额，两者不相加。",
    WAN,
    select_rows=lambda rows, period: rows.filter(awarded_at__isnull=False),
    date_field="awarded_at",
    amount_field="prize_wan",
)
SIGNED = deal_figure(
    "challenge_signed",
    "揭榜挂帅签约",
    "期内首次签约、双方都已确认、由榜单产生的成交项目数，是签约项目的一部分，两者不相加。",
    count_unit("项"),
    select_rows=_signed,
    unconfirmed=unconfirmed_deals(lambda rows: with_signing_day(rows.filter(origin=Deal.Origin.CHALLENGE))),
)
ENDED = _calls(
    "challenge_ended",
    "揭榜挂帅流标、撤榜",
    "期内流标或撤榜的榜单数，每一榜都写明原因；发布以前撤下的草稿不计，后来再发榜的也计。",
    count_unit("个"),
    select_rows=lambda rows, period: rows.public().filter(status__in=(Status.FAILED, Status.CLOSED)),
    date_field="ended_at",
)
AGAIN = _calls(
    "challenge_again",
    "揭榜挂帅再发榜",
    "期内发布、接着流标或撤榜的一榜再发的榜单数，是发榜数的一部分，两者不相加。",
    count_unit("个"),
    select_rows=lambda rows, period: rows.public().filter(previous__isnull=False),
    date_field="published_at",
)
FIGURES = (PUBLISHED, BIDS, PRIZES, SIGNED, ENDED, AGAIN)
"""The three ends of a call are a signed deal, a new call, and a close with its reason."""
