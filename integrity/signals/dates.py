"""Days that do not fit: a contract before its deal, money before the signing, late or at the year's end."""

from collections.abc import Iterator
from datetime import date

from integrity.signals.amounts import days_to_year_end, of_contract
from integrity.signals.facts import DEAL, PAYMENT, Finding, Limits, RowRef, Snapshot, day_text, wan


def before_deal(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """A contract signed before the first step of its deal."""
    days = int(limits["days"])
    for contract in snapshot.contracts:
        deal = snapshot.deals.get(contract.deal or 0)
        if deal is None or not deal.first_on or not contract.signed_on:
            continue
        if (deal.first_on - contract.signed_on).days > days:
            sentence = f"合同{day_text(contract.signed_on)}签订，成交项目“{deal.name}”{day_text(deal.first_on)}才开始。"
            yield of_contract("before_deal", contract, sentence, (RowRef(DEAL, deal.pk, is_proposed=False),))


def paid_before_signing(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """A payment before the deal and its first contract were signed."""
    days = int(limits["days"])
    for payment in snapshot.payments:
        deal = snapshot.deals.get(payment.deal)
        signings: list[date | None] = [row.signed_on for row in snapshot.contracts_by_deal.get(payment.deal, [])]
        signed = min((day for day in (*signings, deal.signed_on if deal else None) if day), default=None)
        if signed is None or (signed - payment.day).days <= days:
            continue
        yield Finding(
            "paid_before_signing",
            str(payment.pk),
            f"{day_text(payment.day)}到账 {wan(payment.amount)}，{day_text(signed)}才签订。",
            (RowRef(PAYMENT, payment.pk), RowRef(DEAL, payment.deal, is_proposed=False)),
            frozenset({payment.payer, payment.payee}),
            payment.amount,
        )


def year_end_signing(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """Dated in the last days of a year and registered long after: perhaps dated back."""
    last_days, gap = int(limits["last_days"]), int(limits["days"])
    for contract in snapshot.contracts:
        signed, registered = contract.signed_on, contract.registered_on
        if not signed or not registered or days_to_year_end(signed) >= last_days:
            continue
        if registered.year > signed.year and (registered - signed).days > gap:
            sentence = f"签订日期写的是年底（{day_text(signed)}），{day_text(registered)}才登记，可能倒签。"
            yield of_contract("year_end_signing", contract, sentence)


def late_registration(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """Registered long after the signing, or before it."""
    days = int(limits["days"])
    for contract in snapshot.contracts:
        signed, registered = contract.signed_on, contract.registered_on
        if not signed or not registered:
            continue
        gap = (registered - signed).days
        if gap > days:
            sentence = f"{day_text(signed)}签订，过了 {gap} 天才登记（{day_text(registered)}）。"
            yield of_contract("late_registration", contract, sentence)
        elif gap < 0:
            sentence = f"登记（{day_text(registered)}）早于签订（{day_text(signed)}）。"
            yield of_contract("late_registration", contract, sentence)
