"""The parts that stand beside sums of contracts, deals and payments: 平台促成, 未到账, 关联."""

from decimal import Decimal

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest, Least

from deals.models import Contract, Deal, Payment
from deals.models.figure_effect import related_contracts
from integrity.effects import between_owner_and_owned
from mechanism.kpi.definitions import PLATFORM, RELATED, UNPAID, UNRECORDED, FigurePart
from mechanism.models import RelatedParties

PLATFORM_ORIGINS = (Deal.Origin.MATCH, Deal.Origin.APPROACH, Deal.Origin.MEETING, Deal.Origin.CHALLENGE)
ZERO = Value(Decimal(0))


def from_platform(deal: str) -> Q:
    """Rows whose deal began on the platform and was confirmed by both parties; `deal`: lookup of the deal.

    A contract that the office's list states counts without its parties; that it came from the platform is what the two
    parties of the deal say, so that nobody raises this part by linking a contract to a deal.
    """
    deals = Deal.objects.filter(origin__in=PLATFORM_ORIGINS).confirmed_by_all_parties().order_by()
    return Q(**{f"{deal}__in": deals.values("pk")})


def between_related(seller: str, buyer: str, day: str) -> Q:
    """Rows whose two parties are one organisation, or were declared related on the day of the row.

    seller, buyer, day: lookups of the organisations and of a date. A declaration that ended later does not change
    earlier rows.
    """
    one_way = Q(one=OuterRef(seller), other=OuterRef(buyer)) | Q(one=OuterRef(buyer), other=OuterRef(seller))
    declared = RelatedParties.objects.in_effect(OuterRef(day)).filter(one_way).order_by()
    return Q(**{seller: F(buyer)}) | Q(Exists(declared))


def of_related_parties(seller: str, buyer: str, day: str) -> Q:
    """As `between_related`, or of which one party holds shares of the other on that day."""
    return between_related(seller, buyer, day) | between_owner_and_owned(seller, buyer, day)


def _received_of_deal() -> Subquery:
    """万元 that were received for the deal of a contract (`Payment.objects.received`)."""
    payments = Payment.objects.received().filter(deal=OuterRef("deal")).order_by().values("deal")
    return Subquery(payments.annotate(received=Sum("amount_wan")).values("received"))


def _earlier_of_deal() -> Subquery:
    """万元 of the counted contracts of the same deal that were registered before this one."""
    earlier = Q(registered_on__lt=OuterRef("registered_on")) | Q(
        registered_on=OuterRef("registered_on"), pk__lt=OuterRef("pk")
    )
    contracts = Contract.objects.turnover().filter(earlier, deal=OuterRef("deal")).order_by().values("deal")
    return Subquery(contracts.annotate(earlier=Sum("amount_wan")).values("earlier"))


WITHOUT_PAYMENT = ~Q(deal__in=Payment.objects.received().order_by().values("deal")) | Q(deal=None)
UNPAID_WAN = Case(
    When(amount_wan=None, then=ZERO),
    When(WITHOUT_PAYMENT, then=F("amount_wan")),  # most contracts, without a look at other contracts of their deals
    default=Least(
        F("amount_wan"),
        Greatest(ZERO, F("amount_wan") + Coalesce(_earlier_of_deal(), ZERO) - Coalesce(_received_of_deal(), ZERO)),
    ),
)
"""万元 of a contract that were not received. The payments of a deal pay its contracts in the order of registration."""

CONTRACTS_FROM_PLATFORM = FigurePart(
    PLATFORM,
    "平台促成",
    "由平台上的匹配、对接洽谈、主动对接或揭榜挂帅开始、成交项目双方都已确认的合同。平台之外谈成、只在平台登记的不算。",
    from_platform("deal"),
)
CONTRACTS_UNPAID = FigurePart(
    UNPAID,
    "未到账",
    (
        "合同成交额减去付款方和收款方都已确认、凭证经登记部门核实、没有划去的到账，减到 0 为止；"
        "一个成交项目有几份合同的，到账按登记先后冲抵。"
        "平台上没有到账记录的合同按全额计为未到账，不表示合同没有付款。按数据读取时的到账计，以后到账会减少。"
    ),
    amount=UNPAID_WAN,
    follows_payments=True,
)
CONTRACTS_UNRECORDED = FigurePart(
    UNRECORDED,
    "没有到账记录",
    "未到账中，平台上没有任何一笔双方确认的到账的合同：多数由登记名单列出，平台没有它们的付款情况。",
    WITHOUT_PAYMENT,
    follows_payments=True,
)
CONTRACTS_RELATED = FigurePart(
    RELATED,
    "关联",
    (
        "买卖双方是同一单位、登记为关联单位或一方持有另一方股份（登记时关系没有终止，对登记的异议没有成立），"
        "或者市科技局核查后决定计入其中关联的合同。"
    ),
    of_related_parties("seller", "buyer", "registered_on") | related_contracts(),
)
CONTRACT_PARTS = (CONTRACTS_FROM_PLATFORM, CONTRACTS_UNPAID, CONTRACTS_UNRECORDED, CONTRACTS_RELATED)
PAYMENT_PARTS = (
    FigurePart(PLATFORM, "平台促成", "由平台上的匹配、对接洽谈或主动对接开始的成交项目的到账。", from_platform("deal")),
    FigurePart(
        RELATED,
        "关联",
        "付款方和收款方是同一单位、登记为关联单位或一方持有另一方股份的到账。",
        of_related_parties("deal__seller", "deal__buyer", "received_on"),
    ),
)
DEAL_PARTS = (
    FigurePart(
        PLATFORM,
        "平台促成",
        "由平台上的匹配、对接洽谈或主动对接开始的成交项目。",
        Q(origin__in=PLATFORM_ORIGINS),
    ),
    FigurePart(
        RELATED,
        "关联",
        "转让方和受让方是同一单位、登记为关联单位或一方持有另一方股份的成交项目。",
        of_related_parties("seller", "buyer", "made_at__date"),
    ),
)
