"""What is due and what is paid by a commission: computed from the deal's own contracts and payments, never stored."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from brokerage.models import Commission
from deals.models import Contract, Payment

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True)
class CommissionSums:
    """In 万元. base_wan: what the percentage is of; due_wan: what is owed so far; told_wan: said to be paid by one side
    alone; paid_wan: confirmed by both."""

    base_wan: Decimal
    due_wan: Decimal
    paid_wan: Decimal
    told_wan: Decimal

    @property
    def open_wan(self) -> Decimal:
        return max(self.due_wan - self.paid_wan, ZERO)


def commission_sums(commission: Commission) -> CommissionSums:
    """Nothing is due before a contract of the deal is registered."""
    contracts = list(Contract.objects.registered().filter(deal=commission.deal_id))
    base = _base(commission, contracts)
    due = ZERO
    if contracts and commission.fixed_wan is not None:
        due = commission.fixed_wan
    elif contracts and commission.percent is not None:
        due = (base * commission.percent / 100).quantize(CENT, ROUND_HALF_UP)
    if commission.cap_wan is not None:
        due = min(due, commission.cap_wan)
    payments = [row for row in commission.payments.all() if row.withdrawn_at is None]
    paid = sum((row.amount_wan for row in payments if row.confirmed_at), ZERO)
    unconfirmed = sum((row.amount_wan for row in payments if not row.confirmed_at), ZERO)
    return CommissionSums(base, due, paid, unconfirmed)


def _base(commission: Commission, contracts: list[Contract]) -> Decimal:
    if commission.base == Commission.Base.RECEIVED:
        rows = Payment.objects.received().filter(deal=commission.deal_id)
        return sum(rows.values_list("amount_wan", flat=True), ZERO)
    field = "amount_wan" if commission.base == Commission.Base.CONTRACT else "tech_amount_wan"
    return sum((getattr(contract, field) or ZERO for contract in contracts), ZERO)
