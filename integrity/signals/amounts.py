"""Sums that do not fit: above the deal, paid beyond the contract, far from the asked price, round at the year's end."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from integrity.signals.facts import (
    CONTRACT,
    DEAL,
    PAYMENT,
    ContractFacts,
    Finding,
    Limits,
    RowRef,
    Snapshot,
    day_text,
    total,
    wan,
)


def above_deal(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """A contract far above the signed sum of its deal."""
    for contract in snapshot.contracts:
        deal = snapshot.deals.get(contract.deal or 0)
        if deal is None or not deal.amount or not contract.amount:
            continue
        if contract.amount > deal.amount * limits["ratio"] and contract.amount - deal.amount >= limits["least_wan"]:
            sentence = f"合同登记 {wan(contract.amount)}，成交项目“{deal.name}”签约只有 {wan(deal.amount)}。"
            yield of_contract("above_deal", contract, sentence, (RowRef(DEAL, deal.pk, is_proposed=False),))


def overpaid(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """Payments of a deal that are together above its contracts and its signed sum."""
    for deal_id, payments in snapshot.payments_by_deal.items():
        deal = snapshot.deals.get(deal_id)
        contracts = snapshot.contracts_by_deal.get(deal_id, [])
        bound = max(total(contracts), (deal.amount if deal else None) or Decimal(0))
        paid = total(payments)
        if bound and paid > bound * limits["ratio"]:
            name = deal.name if deal else ""
            yield Finding(
                "overpaid",
                str(deal_id),
                f"成交项目“{name}”到账 {len(payments)} 笔、合计 {wan(paid)}，合同和签约最多 {wan(bound)}。",
                (
                    *(RowRef(PAYMENT, row.pk) for row in payments),
                    *(RowRef(CONTRACT, row.pk, is_proposed=False) for row in contracts),
                ),
                frozenset({payments[0].payer, payments[0].payee}),
                paid,
            )


def far_price(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """A contract many times above the price that its achievement is offered for, or below it although it gives the
    achievement away: a service or a plain licence for a part of the price is usual."""
    for contract in snapshot.contracts:
        deal, factor = snapshot.deals.get(contract.deal or 0), limits["factor"]
        if deal is None or not contract.amount:
            continue
        top, bottom = deal.price_max or deal.price_min, deal.price_min or deal.price_max
        if top and contract.amount > top * factor:
            what = f"是意向价格上限 {wan(top)}的 {contract.amount / top:.1f} 倍"
        elif bottom and deal.is_exclusive and contract.amount * factor < bottom:
            what = f"不到意向价格下限 {wan(bottom)}的 {100 / factor:.0f}%"
        else:
            continue
        sentence = f"成果“{deal.achievement_title}”的合同 {wan(contract.amount)}，{what}。"
        yield of_contract("far_price", contract, sentence, (RowRef(DEAL, deal.pk, is_proposed=False),))


def round_year_end(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """A large round sum, signed or registered in the last days of a year."""
    days, unit, least = int(limits["last_days"]), limits["unit_wan"], limits["least_wan"]
    for contract in snapshot.contracts:
        if not contract.amount or contract.amount < least or contract.amount % unit:
            continue
        day = next(
            (day for day in (contract.signed_on, contract.registered_on) if day and days_to_year_end(day) < days), None
        )
        if day:
            yield of_contract("round_year_end", contract, f"年底（{day_text(day)}）的整数金额 {wan(contract.amount)}。")


def days_to_year_end(day: date) -> int:
    return (date(day.year, 12, 31) - day).days


def of_contract(signal: str, contract: ContractFacts, sentence: str, more: tuple[RowRef, ...] = ()) -> Finding:
    return Finding(
        signal,
        str(contract.pk),
        sentence,
        (RowRef(CONTRACT, contract.pk), *more),
        frozenset({contract.seller, contract.buyer}),
        contract.amount or Decimal(0),
    )
