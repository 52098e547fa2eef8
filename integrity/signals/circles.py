"""Money that comes back: A buys from B and B from A, or in a ring of three, in similar sums within a period."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from integrity.signals.facts import CONTRACT, PAYMENT, Finding, Limits, PartyKey, RowRef, Snapshot, total, wan

MOST_PER_SIDE = 20
"""Of many trades between the same two, only the latest are combined."""


class Trade(NamedTuple):
    kind: str
    pk: int
    amount: Decimal
    day: date


type Trades = dict[tuple[PartyKey, PartyKey], list[Trade]]


def circles(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """Each ring of two or three parties between which sums of similar size go round."""
    trades = _trades(snapshot)
    following: dict[PartyKey, set[PartyKey]] = defaultdict(set)
    for payer, payee in trades:
        following[payer].add(payee)
    for ring in _rings(following):
        edges = [(ring[index], ring[(index + 1) % len(ring)]) for index in range(len(ring))]
        rows = _rows_in_step([trades[edge][-MOST_PER_SIDE:] for edge in edges], limits)
        if rows:
            yield _finding(snapshot, ring, rows)


def _trades(snapshot: Snapshot) -> Trades:
    """(payer, payee) → trades by day: contracts, and payments of deals without a contract."""
    trades: Trades = defaultdict(list)
    for contract in snapshot.contracts:
        if contract.amount and contract.day and contract.seller != contract.buyer:
            trade = Trade(CONTRACT, contract.pk, contract.amount, contract.day)
            trades[contract.buyer, contract.seller].append(trade)
    for payment in snapshot.payments:
        if payment.payer != payment.payee and payment.deal not in snapshot.contracts_by_deal:
            trade = Trade(PAYMENT, payment.pk, payment.amount, payment.day)
            trades[payment.payer, payment.payee].append(trade)
    for rows in trades.values():
        rows.sort(key=lambda trade: (trade.day, trade.pk))
    return dict(trades)


def _rings(following: dict[PartyKey, set[PartyKey]]) -> Iterator[tuple[PartyKey, ...]]:
    """Rings of two and three, each once: it begins with the party that is first in order."""
    for first, seconds in following.items():
        for second in seconds:
            if str(second) < str(first):
                continue
            thirds = following.get(second, set())
            if first in thirds:
                yield first, second
        for second in seconds:
            if str(second) < str(first):
                continue
            for third in following.get(second, ()):
                if str(third) > str(first) and third != second and first in following.get(third, ()):
                    yield first, second, third


def _rows_in_step(sides: list[list[Trade]], limits: Limits) -> list[Trade]:
    """The trades that are part of a combination, one of each side, near in time and alike in size."""
    days, ratio = int(limits["days"]), limits["ratio"]
    rows: dict[tuple[str, int], Trade] = {}
    for combination in product(*sides):
        dates = [trade.day for trade in combination]
        amounts = [trade.amount for trade in combination]
        if (max(dates) - min(dates)).days <= days and min(amounts) >= max(amounts) * ratio:
            rows |= {(trade.kind, trade.pk): trade for trade in combination}
    return sorted(rows.values(), key=lambda trade: (trade.day, trade.pk))


def _finding(snapshot: Snapshot, ring: tuple[PartyKey, ...], trades: list[Trade]) -> Finding:
    path = "→".join(snapshot.name_of(key) for key in (*ring, ring[0]))
    amount = total(trades)
    return Finding(
        "circles",
        "|".join(sorted(map(str, ring))) if len(ring) == 2 else "|".join(map(str, ring)),
        f"款项循环 {path}：{len(trades)} 笔，合计 {wan(amount)}，金额相近、时间相近。",
        tuple(RowRef(trade.kind, trade.pk) for trade in trades),
        frozenset(ring),
        amount,
    )
