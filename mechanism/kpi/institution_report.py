"""The numbers of an institution's annual report of transfer (转化年度报告), with the rows behind each.

Contracts and payments count by the rules of the city's figures (`turnover`, `received`), in the year of registration or
receipt, for the institution as seller; here also for institutions outside of the city. Money is in 万元.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Organisation
from achievements.models import Achievement
from deals.models import Contract, IncomeCase, IncomeShare, Landing, Payment
from mechanism.kpi.period import Period, year_period
from taxonomy.models import TransferWay

UNKNOWN = "unknown"
TRANSFERS = ("transfer", "licence", "equity")
SERVICES = ("development", "consulting", "service")
CATEGORIES = {
    "transfer": "转让",
    "licence": "许可",
    "equity": "作价投资",
    "development": "技术开发",
    "consulting": "技术咨询",
    "service": "技术服务",
}
GROUPS = {"three": ("转让、许可、作价投资", TRANSFERS), "services": ("技术开发、咨询、服务", SERVICES)}
BANDS = {"over_10000": (10000, None), "over_5000": (5000, 10000), "over_1000": (1000, 5000)}
"""{key: (least amount of one contract, less than this)}, of transfers, licences and equity."""
BAND_LABELS = {
    "over_10000": "单项 1 亿元及以上",
    "over_5000": "单项 5,000 万元及以上、不足 1 亿元",
    "over_1000": "单项 1,000 万元及以上、不足 5,000 万元",
}
PLACES = {"in_city": ("买方在本市", True), "elsewhere": ("买方在外地", False), "unplaced": ("买方所在地不明", None)}
_BY_WAY = {
    TransferWay.ASSIGNMENT: "transfer",
    TransferWay.LICENCE: "licence",
    TransferWay.EQUITY: "equity",
    TransferWay.COMMISSIONED: "development",
    TransferWay.JOINT_DEVELOPMENT: "development",
    TransferWay.SERVICE: "service",
}
Rows = Callable[[Organisation, Period], QuerySet]


@dataclass(frozen=True)
class ReportFigure:
    """label: what is counted. rows: the rows behind it, each with the column `amount` in 万元 unless it is a count."""

    label: str
    rows: Rows
    is_money: bool
    condition: Q
    amount: str = ""


def _contracts(institution: Organisation, period: Period) -> QuerySet:
    """Annotates `category`: that of the deal for equity, otherwise the kind of the contract."""
    rows = Contract.objects.turnover().filter(
        seller=institution, registered_on__gte=period.first, registered_on__lte=period.last
    )
    return rows.annotate(category=_category("kind", "deal__way"))


def _payments(institution: Organisation, period: Period) -> QuerySet:
    """Annotates `category`: of its contract, without one that of the way of the deal."""
    rows = Payment.objects.received().filter(
        deal__seller=institution, received_on__gte=period.first, received_on__lte=period.last
    )
    return rows.annotate(category=_category("contract__kind", "deal__way"))


def _category(kind: str, way: str) -> Case:
    by_way = [When(**{way: name}, then=Value(category)) for name, category in _BY_WAY.items()]
    return Case(
        When(**{way: TransferWay.EQUITY}, then=Value("equity")),
        When(~Q(**{kind: ""}) & Q(**{f"{kind}__isnull": False}), then=F(kind)),
        *by_way,
        default=Value(UNKNOWN),
        output_field=CharField(),
    )


def _income_cases(institution: Organisation, period: Period) -> QuerySet:
    return IncomeCase.objects.decided().filter(
        institution=institution, income_on__gte=period.first, income_on__lte=period.last
    )


def _shares(institution: Organisation, period: Period) -> QuerySet:
    cases = _income_cases(institution, period).order_by().values("pk")
    return IncomeShare.objects.filter(case__in=cases)


def _paid_shares(institution: Organisation, period: Period) -> QuerySet:
    return IncomeShare.objects.filter(
        case__institution=institution,
        case__status=IncomeCase.Status.DECIDED,
        paid_on__gte=period.first,
        paid_on__lte=period.last,
    )


def _registered_items(institution: Organisation, period: Period) -> QuerySet:
    return Achievement.objects.filter(
        institution=institution, registered_at__gte=period.starts_at, registered_at__lt=period.ends_at
    )


def _offered_items(institution: Organisation, period: Period) -> QuerySet:
    """As of the moment of reading: a record keeps only its present status."""
    return Achievement.objects.filter(
        institution=institution, status__in=Achievement.SHOWN, registered_at__lt=period.ends_at
    )


def _founded(institution: Organisation, period: Period) -> QuerySet:
    rows = Landing.objects.companies().checked().confirmed_by_all_parties()
    return rows.filter(deal__seller=institution, landed_on__gte=period.first, landed_on__lte=period.last)


def _figures() -> dict[str, ReportFigure]:
    figures: dict[str, ReportFigure] = {}

    def add(key: str, label: str, condition: Q) -> None:
        figures[f"{key}_contracts"] = ReportFigure(f"{label}：合同项数", _contracts, False, condition)
        figures[f"{key}_amount"] = ReportFigure(f"{label}：合同金额（万元）", _contracts, True, condition, "amount_wan")

    groups = {key: (label, (key,)) for key, label in CATEGORIES.items()} | GROUPS
    for key, (label, categories) in groups.items():
        add(key, label, Q(category__in=categories))
        figures[f"{key}_received"] = ReportFigure(
            f"{label}：当年到账金额（万元）", _payments, True, Q(category__in=categories), "amount_wan"
        )
    add("all", "全部合同", Q())
    figures["all_received"] = ReportFigure("全部：当年到账金额（万元）", _payments, True, Q(), "amount_wan")
    for key, (least, limit) in BANDS.items():
        band = Q(category__in=TRANSFERS, amount_wan__gte=least)
        add(key, BAND_LABELS[key], band & Q(amount_wan__lt=limit) if limit else band)
    for key, (label, is_local) in PLACES.items():
        add(key, label, Q(is_buyer_local__isnull=True) if is_local is None else Q(is_buyer_local=is_local))
    income = ReportFigure("转化净收入（万元）", _income_cases, True, Q(), "net")
    figures["income_net"] = income
    figures["income_reward"] = ReportFigure("奖励个人的金额（万元）", _shares, True, Q(), "amount_wan")
    figures["income_persons"] = ReportFigure("奖励人次", _shares, False, Q())
    figures["income_paid"] = ReportFigure("当年发放的奖励（万元）", _paid_shares, True, Q(), "amount_wan")
    figures["registered_items"] = ReportFigure("当年入库成果", _registered_items, False, Q())
    figures["offered_items"] = ReportFigure("在库成果（现在的状态）", _offered_items, False, Q())
    figures["founded_companies"] = ReportFigure("为成果新设的公司", _founded, False, Q())
    return figures


REPORT_FIGURES = _figures()


def count_institution_year(institution: Organisation, year: int) -> dict[str, Decimal]:
    """{key of REPORT_FIGURES: number}. One SQL statement for each kind of rows."""
    period = year_period(year)
    numbers: dict[str, Decimal] = {}
    for rows in dict.fromkeys(figure.rows for figure in REPORT_FIGURES.values()):
        aggregates = {key: _aggregate(figure) for key, figure in REPORT_FIGURES.items() if figure.rows is rows}
        counted = rows(institution, period).order_by().aggregate(**aggregates)
        numbers |= {key: Decimal(value or 0) for key, value in counted.items()}
    return numbers


def _aggregate(figure: ReportFigure) -> Count | Sum | Coalesce:
    if not figure.is_money:
        return Count("pk", filter=figure.condition)
    amount = F("gross_wan") - F("costs_wan") if figure.amount == "net" else F(figure.amount)
    return Sum(amount, filter=figure.condition)


def rows_behind(key: str, institution: Organisation, year: int) -> QuerySet:
    """The rows of a number. Of rewards the cases, not the shares of persons. Raises KeyError."""
    figure, period = REPORT_FIGURES[key], year_period(year)
    rows = figure.rows(institution, period).filter(figure.condition)
    if figure.rows in (_shares, _paid_shares):
        return IncomeCase.objects.filter(pk__in=rows.order_by().values("case")).with_totals()
    return rows.select_related("deal") if figure.rows in (_payments, _founded) else rows


@dataclass(frozen=True)
class LeftOut:
    """What the tables do not tell: rows without category or amount, and contracts signed in one year but registered
    in another."""

    without_category: int
    without_amount: int
    signed_not_registered: int
    registered_not_signed: int


def left_out(institution: Organisation, year: int) -> LeftOut:
    period = year_period(year)
    rows = _contracts(institution, period)
    signed_here = Q(signed_on__gte=period.first, signed_on__lte=period.last)
    counted = rows.order_by().aggregate(
        without_category=Count("pk", filter=Q(category=UNKNOWN)),
        without_amount=Count("pk", filter=Q(amount_wan=None)),
        registered_not_signed=Count("pk", filter=Q(signed_on__isnull=False) & ~signed_here),
    )
    own = Contract.objects.filter(signed_here, seller=institution, status__in=Contract.LIVE)
    waiting = own.exclude(pk__in=rows.order_by().values("pk")).count()
    return LeftOut(counted["without_category"], counted["without_amount"], waiting, counted["registered_not_signed"])
