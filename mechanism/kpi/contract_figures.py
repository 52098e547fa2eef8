"""Figures of registered contracts: turnover, share kept in the city, contracts absorbed by local buyers; payments."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from deals.models import Contract, Landing, Payment
from deals.models.deal import Deal
from deals.models.figure_effect import excluded_payments
from mechanism.kpi.contract_parts import CONTRACT_PARTS, CONTRACTS_FROM_PLATFORM, CONTRACTS_RELATED, PAYMENT_PARTS
from mechanism.kpi.definitions import PERCENT, WAN, YI, FigureDefinition, Unit, count_unit
from mechanism.kpi.period import Period
from mechanism.models import RateRule

AUDITED_FIELDS = frozenset(
    {"number", "status", "amount_wan", "registered_on", "cancelled_on", "seller", "seller_region", "industry"}
)
AUDITED_FIELDS |= {
    "is_counted",
    "is_seller_local",
    "buyer",
    "buyer_region",
    "is_buyer_local",
    "tech_amount_wan",
    "agency",
    "deal",
}
ROUND = Coalesce(F("deal__meeting__docking_round"), F("deal__follow_up__match__first_run__docking_round"))
"""The round of the meeting that led to the deal, otherwise the round whose batch proposed the match."""
INDUSTRY = Coalesce(F("industry__parent"), F("industry"))
NO_AMOUNT = ("缺金额", Q(amount_wan=None))
NO_TECH_AMOUNT = ("缺核定技术交易额", Q(tech_amount_wan=None))
NO_SELLER_REGION = ("缺卖方统计归口", Q(seller_region=None))
NO_BUYER_REGION = ("缺买方统计归口", Q(buyer_region=None))
CITY, IN_CITY = settings.CITY.short_name, settings.CITY.in_city
NO_BUYER_PLACE = (f"缺买方是否{IN_CITY}", Q(is_buyer_local=None))
NO_INDUSTRY = ("缺产业链", Q(industry=None))


def _visible(user: User | None) -> QuerySet:
    return Contract.objects.all() if user is None else Contract.objects.visible_to(user)


def _sold_here(rows: QuerySet, period: Period) -> QuerySet:
    """Contracts whose seller is in the city: a contract is registered once, where the seller is.

    A seller whose place is unknown is neither here nor elsewhere; its contracts are shown apart (`unplaced`).
    """
    return rows.filter(is_seller_local=True)


def _sold_somewhere(rows: QuerySet, period: Period) -> QuerySet:
    return rows.filter(is_seller_local=None)


def _bought_here(rows: QuerySet, period: Period) -> QuerySet:
    return rows.filter(is_buyer_local=True)


def _bought_somewhere(rows: QuerySet, period: Period) -> QuerySet:
    return rows.filter(is_buyer_local=None)


def _of_monitored_institutions(rows: QuerySet, period: Period) -> QuerySet:
    """Contracts of the institutions monitored by the rule of the period; without a rule, of all local institutions.

    Annotates `stays`: the buyer is in the city, or by the end of the period a company was founded here for the deal,
    which both parties confirmed and the registration office checked.
    """
    rule = RateRule.objects.filter(valid_from__lte=period.as_of).order_by("-valid_from").values("pk")[:1]
    watched = RateRule.institutions.through.objects.filter(raterule=Subquery(rule))
    all_local = ~Exists(watched) & Q(seller__kind="institution", seller__is_local=True)
    sold = Q(seller__in=watched.values("organisation")) | all_local
    founded = Landing.objects.local_companies(period.as_of).filter(deal=OuterRef("deal"))
    return rows.filter(sold).annotate(stays=Q(is_buyer_local=True) | Exists(founded))


def _counted_and_apart(
    select: Callable[[QuerySet, Period], QuerySet], unplaced: Callable[[QuerySet, Period], QuerySet] | None = None
) -> dict[str, Any]:
    """The contracts that count, and apart from them those that wait for a party, are disputed, were taken out by a
    decision about a case of the integrity check, or whose place is unknown."""
    apart = {
        "pending": lambda rows, period: select(rows.awaiting_turnover(), period),
        "disputed": lambda rows, period: select(rows.registered().disputed(), period),
        "excluded": lambda rows, period: select(rows.registered().without_objection().excluded(), period),
    }
    if unplaced is not None:
        apart["unplaced"] = lambda rows, period: unplaced(rows.turnover(), period)
    return {"select_rows": lambda rows, period: select(rows.turnover(), period), "unconfirmed": apart}


def _unchecked_payments(rows: QuerySet, period: Period) -> QuerySet:
    """Confirmed by both sides; the voucher is missing, not checked, or refused."""
    checked = Payment.objects.checked().order_by().values("pk")
    return rows.counted().confirmed_by_all_parties().exclude(pk__in=checked).exclude(excluded_payments())


UNCONFIRMED_PAYMENTS: dict[str, Callable[[QuerySet, Period], QuerySet]] = {
    "pending": lambda rows, period: (
        rows.counted()
        .without_objection()
        .exclude(pk__in=Payment.objects.received().values("pk"))
        .exclude(pk__in=_unchecked_payments(Payment.objects.all(), period).order_by().values("pk"))
        .exclude(excluded_payments())
    ),
    "disputed": lambda rows, period: rows.counted().disputed(),
    "unchecked": _unchecked_payments,
    "excluded": lambda rows, period: rows.counted().without_objection().filter(excluded_payments()),
}


def _contracts(key: str, label: str, formula: str, unit: Unit, **overrides) -> FigureDefinition:
    values = {
        **_counted_and_apart(_sold_here, _sold_somewhere),
        "amount_field": "amount_wan",
        "dimensions": {
            "region": "seller_region",
            "industry": INDUSTRY,
            "institution": "seller",
            "agency": Coalesce(F("agency"), F("broker__agency")),
            "round": ROUND,
            "kind": "kind",
        },
        "gaps": (NO_AMOUNT, NO_SELLER_REGION, NO_INDUSTRY),
        "parts": CONTRACT_PARTS,
    } | overrides
    return FigureDefinition(
        key,
        label,
        formula,
        unit,
        Contract,
        date_field="registered_on",
        visible_rows=_visible,
        kind_labels=dict(Contract.Kind.choices),
        audited_fields=AUDITED_FIELDS,
        state_field="status",
        counted_states=frozenset({Contract.Status.REGISTERED.value}),
        **values,
    )


def _buyer_dimensions() -> dict:
    return {
        "region": "buyer_region",
        "industry": INDUSTRY,
        "institution": "seller",
        "agency": Coalesce(F("agency"), F("broker__agency")),
        "round": ROUND,
        "kind": "kind",
    }


def _visible_payments(user: User | None) -> QuerySet:
    if user is None:
        return Payment.objects.all()
    return Payment.objects.filter(deal__in=Deal.objects.visible_to(user))


TURNOVER = _contracts(
    "turnover",
    "技术合同成交额",
    (
        "期内登记、状态为“已认定登记”、由登记部门名单列出或双方都已确认、没有异议的技术合同的合同成交额之和。合同只在卖方所在地登记一次，所以卖方在外地的不计；"
        f"卖方所在地不明的既不算{IN_CITY}也不算外地，另列为缺口；按卖方统计归口分区，注销的不计。"
    ),
    YI,
    is_target=True,
)
LOCAL_RATE = _contracts(
    "local_rate",
    f"科技成果{IN_CITY}转化率",
    (
        f"重点监测的高校院所期内登记、由名单列出或双方确认的技术合同中，买方在{CITY}（或者期末以前为此在{CITY}新设了公司、"
        "双方都已确认并经登记部门核实）的合同成交额 ÷ "
        f"全部合同成交额；同时列出按合同项数计算的结果。买方所在地不明、又没有在{CITY}新设公司的不算{IN_CITY}，仍在分母里，另列为缺口。"
    ),
    PERCENT,
    **_counted_and_apart(_of_monitored_institutions),
    numerator=Q(stays=True),
    gaps=(NO_AMOUNT, NO_BUYER_PLACE),
    is_target=True,
)
CONTRACTS = _contracts(
    "contracts",
    "登记技术合同",
    f"期内登记、状态为“已认定登记”、由名单列出或双方确认、卖方在{CITY}的技术合同份数，按卖方统计归口分区。",
    count_unit("份"),
    amount_field="",
)
TECHNOLOGY = _contracts(
    "tech_turnover",
    "核定技术交易额",
    (
        f"期内登记、状态为“已认定登记”、由名单列出或双方确认、卖方在{CITY}的技术合同的核定技术交易额之和"
        "（成交额减去设备、仪器、零部件和原材料等非技术成本）。"
    ),
    YI,
    amount_field="tech_amount_wan",
    parts=(CONTRACTS_FROM_PLATFORM, CONTRACTS_RELATED),
    gaps=(NO_TECH_AMOUNT, NO_SELLER_REGION, NO_INDUSTRY),
)
ABSORBED = _contracts(
    "absorbed",
    "吸纳技术成交额",
    f"期内登记、状态为“已认定登记”、由名单列出或双方确认、买方在{CITY}的技术合同的成交额之和，卖方在外地的也计，按买方统计归口分区。",
    YI,
    **_counted_and_apart(_bought_here, _bought_somewhere),
    dimensions=_buyer_dimensions(),
    gaps=(NO_AMOUNT, NO_BUYER_REGION, NO_INDUSTRY),
)
ABSORBED_CONTRACTS = _contracts(
    "absorbed_contracts",
    "吸纳技术合同",
    f"期内登记、状态为“已认定登记”、由名单列出或双方确认、买方在{CITY}的技术合同份数，卖方在外地的也计，按买方统计归口分区。",
    count_unit("份"),
    **_counted_and_apart(_bought_here, _bought_somewhere),
    amount_field="",
    dimensions=_buyer_dimensions(),
    gaps=(NO_BUYER_REGION, NO_INDUSTRY),
)
PAID = FigureDefinition(
    "paid",
    "到账金额",
    "期内到账、付款方和收款方都已确认、凭证经登记部门核实、没有划去的各笔金额之和；只有一方确认的（单方）不计，按受让方统计归口分区。与意向、签约、登记的金额分开计，不相加。",
    WAN,
    Payment,
    select_rows=lambda rows, period: rows.received(),
    unconfirmed=UNCONFIRMED_PAYMENTS,
    date_field="received_on",
    visible_rows=_visible_payments,
    amount_field="amount_wan",
    dimensions={"region": "deal__buyer__stat_region", "institution": "deal__seller", "agency": "deal__agency"},
    gaps=(("缺受让方统计归口", Q(deal__buyer__stat_region=None)),),
    parts=PAYMENT_PARTS,
)
FIGURES = (TURNOVER, LOCAL_RATE, CONTRACTS, TECHNOLOGY, ABSORBED, ABSORBED_CONTRACTS, PAID)
