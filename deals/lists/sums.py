"""Money of the rows of a list: of each row, and 本列表合计 of all that the filters leave.

Kinds of money are never added up. Registered and received money is only what the parties have confirmed or an official
list states, as in the city's figures.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from deals.models import Contract, Deal, Payment


@dataclass(frozen=True)
class ListSum:
    """One column of the sum line; 万元. `rows`: how many rows have such an amount."""

    label: str
    amount_wan: Decimal
    rows: int


@dataclass(frozen=True)
class DealMoney:
    registered_wan: Decimal | None
    received_wan: Decimal | None


def deal_money(deals: Collection[Deal]) -> dict[int, DealMoney]:
    """{pk: registered and received money} of the deals of a page. Two queries."""
    keys = [deal.pk for deal in deals]
    registered = _by_deal(Contract.objects.turnover().filter(deal__in=keys))
    received = _by_deal(Payment.objects.received().filter(deal__in=keys))
    return {pk: DealMoney(registered.get(pk), received.get(pk)) for pk in keys}


def deal_sums(deals: QuerySet[Deal]) -> list[ListSum]:
    """Sums of all the deals, in three queries."""
    keys = deals.order_by().values("pk")
    own = Deal.objects.filter(pk__in=keys).aggregate(
        intent=Sum("intent_wan"), intents=Count("intent_wan"), signed=Sum("signed_wan"), signings=Count("signed_wan")
    )
    return [
        _sum("意向金额", own["intent"], own["intents"]),
        _sum("签约金额", own["signed"], own["signings"]),
        _total("登记成交额", Contract.objects.turnover().filter(deal__in=keys), "amount_wan"),
        _total("到账金额", Payment.objects.received().filter(deal__in=keys), "amount_wan"),
    ]


def contract_sums(contracts: QuerySet[Contract]) -> list[ListSum]:
    """Sums of all the contracts, in two queries."""
    rows = Contract.objects.filter(pk__in=contracts.order_by().values("pk"))
    values = rows.aggregate(
        amount=Sum("amount_wan"),
        amounts=Count("amount_wan"),
        tech=Sum("tech_amount_wan"),
        techs=Count("tech_amount_wan"),
    )
    counted = Contract.objects.turnover().filter(pk__in=contracts.order_by().values("pk"))
    return [
        _sum("合同成交额", values["amount"], values["amounts"]),
        _sum("核定技术交易额", values["tech"], values["techs"]),
        _total("其中计入统计的成交额", counted, "amount_wan"),
    ]


def _by_deal(rows: QuerySet[Any]) -> dict[int, Decimal]:
    return dict(rows.order_by().values_list("deal").annotate(total=Sum("amount_wan")).values_list("deal", "total"))


def _total(label: str, rows: QuerySet[Any], field: str) -> ListSum:
    values = rows.order_by().aggregate(total=Sum(field), rows=Count(field))
    return _sum(label, values["total"], values["rows"])


def _sum(label: str, amount: Decimal | None, rows: int) -> ListSum:
    return ListSum(label, amount or Decimal(0), rows)
