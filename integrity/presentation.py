"""The rows of a case as the staff and the parties read them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.urls import reverse

from accounts.models import Organisation
from deals.models import Contract, FigureEffect, Payment
from integrity.models import Case, CaseRow, Explanation

MOST_ROWS = 200


@dataclass(frozen=True)
class RowLine:
    """kind, name, number: what it is. is_counted: whether it counts in the figures now."""

    row: CaseRow
    kind: str
    name: str
    url: str
    number: str
    seller: str
    buyer: str
    amount_wan: Decimal | None
    days: tuple[tuple[str, date | None], ...]
    is_counted: bool

    @property
    def effect_label(self) -> str:
        return str(FigureEffect.Effect(self.row.effect).label) if self.row.effect else ""

    @property
    def amount_text(self) -> str:
        return "" if self.amount_wan is None else f"{self.amount_wan:,.2f}"

    @property
    def choice_label(self) -> str:
        amount = f"，{self.amount_text} 万元" if self.amount_text else ""
        number = f"，{self.number}" if self.number else ""
        return f"{self.kind}“{self.name}”{number}{amount}"


def row_lines(case: Case) -> list[RowLine]:
    """The lines of at most MOST_ROWS rows. A fixed number of queries."""
    rows = list(
        case.rows.select_related("figure_effect", "contract", "payment__deal", "deal").order_by("order", "pk")[
            :MOST_ROWS
        ]
    )
    counted = set(
        Contract.objects.turnover().filter(pk__in=[row.contract_id for row in rows]).values_list("pk", flat=True)
    )
    received = set(
        Payment.objects.received().filter(pk__in=[row.payment_id for row in rows]).values_list("pk", flat=True)
    )
    return [_line(row, counted, received) for row in rows]


def _line(row: CaseRow, counted: set[int], received: set[int]) -> RowLine:
    if contract := row.contract:
        return RowLine(
            row,
            "合同",
            contract.name,
            reverse("contract", args=[contract.public_id]),
            contract.number,
            contract.seller_name,
            contract.buyer_name,
            contract.amount_wan,
            (("签订", contract.signed_on), ("登记", contract.registered_on)),
            contract.pk in counted,
        )
    if payment := row.payment:
        return RowLine(
            row,
            "到账",
            payment.deal.name,
            reverse("deal", args=[payment.deal.public_id]),
            "",
            payment.deal.seller_label,
            payment.deal.buyer_label,
            payment.amount_wan,
            (("到账", payment.received_on),),
            payment.pk in received,
        )
    if row.deal is None:
        raise ValueError("a row names one record")
    deal = row.deal
    return RowLine(
        row,
        "成交项目",
        deal.name,
        reverse("deal", args=[deal.public_id]),
        "",
        deal.seller_label,
        deal.buyer_label,
        deal.signed_wan,
        (("进入阶段", deal.stage_on),),
        False,
    )


def own_contracts(explanation: Explanation) -> list[Contract]:
    """The contracts of the case that the asked organisation is itself a party of: it sees no others."""
    own: Organisation = explanation.organisation
    sides = Q(seller=own) | Q(buyer=own) | Q(agency__organisation=own)
    rows = Contract.objects.filter(sides, pk__in=explanation.case.rows.values("contract"))
    return list(rows.order_by("-registered_on", "pk")[:MOST_ROWS])


def own_payments(explanation: Explanation) -> list[Payment]:
    own: Organisation = explanation.organisation
    rows = Payment.objects.filter(
        Q(deal__seller=own) | Q(deal__buyer=own), pk__in=explanation.case.rows.values("payment")
    )
    return list(rows.select_related("deal").order_by("-received_on", "pk")[:MOST_ROWS])
