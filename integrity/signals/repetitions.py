"""One deal as several contracts, or one contract as several rows: splits and doubles."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from integrity.signals.facts import (
    CONTRACT,
    DEAL,
    ContractFacts,
    Finding,
    Limits,
    RowRef,
    Snapshot,
    day_text,
    total,
    wan,
)

_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]")


def splits(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """Contracts of the same two parties on near dates: many, or a few just below a limit."""
    bounds = [limits["limit_wan"], limits["upper_limit_wan"]]
    for (seller, buyer), rows in snapshot.contracts_by_parties.items():
        dated = [row for row in rows if row.signed_on and row.amount]
        below = [row for row in dated if _is_just_below(row.amount, bounds, limits["near"])]
        near = _clustered(below, int(limits["limit_days"]), 2)
        many = _clustered(dated, int(limits["days"]), int(limits["count"]))
        members = {row.pk: row for row in (*near, *many)}
        if members:
            contracts = sorted(members.values(), key=lambda row: (row.signed_on, row.pk))
            what = f"其中 {len(near)} 份金额刚好低于限额" if near else "签订日期很近"
            names = f"{snapshot.name_of(seller)}和{snapshot.name_of(buyer)}"
            span = f"{day_text(contracts[0].signed_on)}至{day_text(contracts[-1].signed_on)}"
            sentence = f"{names}在{span}签了 {len(contracts)} 份合同，{what}，合计 {wan(total(contracts))}。"
            yield _contracts_finding("splits", f"{seller}|{buyer}", sentence, contracts)


def _is_just_below(amount: Decimal | None, bounds: list[Decimal], near: Decimal) -> bool:
    return amount is not None and any(limit * near <= amount < limit for limit in bounds)


def _clustered(rows: list[ContractFacts], days: int, count: int) -> list[ContractFacts]:
    """The rows, ordered by day, that have at least `count` rows (themselves included) within so many days."""
    members: dict[int, ContractFacts] = {}
    for index in range(len(rows) - count + 1):
        first, last = rows[index].signed_on, rows[index + count - 1].signed_on
        if first and last and last - first <= timedelta(days=days):
            members |= {row.pk: row for row in rows[index : index + count]}
    return list(members.values())


def same_number(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """Numbers that differ only in signs, spaces or case."""
    for number, rows in _grouped(snapshot.contracts, lambda row: _NOT_ALPHANUMERIC.sub("", row.number.upper())):
        if number and len(rows) > 1:
            written = "、".join(row.number for row in rows)
            sentence = f"{len(rows)} 份合同的登记编号只是写法不同：{written}。"
            yield _duplicates_finding("same_number", number, sentence, rows)


def same_terms(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """Contracts with the same two parties and the same sum on near dates."""
    days = timedelta(days=int(limits["days"]))
    with_amount = (row for row in snapshot.contracts if row.amount)
    for (seller, buyer, amount), rows in _grouped(with_amount, lambda row: (row.seller, row.buyer, row.amount)):
        if len(rows) < 2:
            continue
        rows.sort(key=lambda row: (row.registered_on or row.day or date.min, row.pk))
        near = [row for row in rows if any(other is not row and _are_near(row, other, days) for other in rows)]
        if len(near) > 1:
            names = f"{snapshot.name_of(seller)}和{snapshot.name_of(buyer)}"
            sentence = f"{names}有 {len(near)} 份合同金额都是 {wan(amount)}，日期相近，可能是同一份合同。"
            yield _duplicates_finding("same_terms", str(near[0].pk), sentence, near)


def _are_near(first: ContractFacts, second: ContractFacts, days: timedelta) -> bool:
    """Without a date on one side the two may be the same contract."""
    if first.signed_on is None or second.signed_on is None:
        return True
    return abs(first.signed_on - second.signed_on) <= days


def same_deal(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """Several contracts of one deal that are together above its signed sum."""
    for deal_id, rows in snapshot.contracts_by_deal.items():
        deal = snapshot.deals.get(deal_id)
        if deal is None or len(rows) < 2 or not deal.amount:
            continue
        amount = total(rows)
        if amount > deal.amount * limits["ratio"]:
            sentence = (
                f"成交项目“{deal.name}”签约 {wan(deal.amount)}，却登记了 {len(rows)} 份合同、合计 {wan(amount)}。"
            )
            yield _duplicates_finding("same_deal", str(deal_id), sentence, rows)


def sold_twice(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """An achievement that is assigned or exclusively licensed to one buyer and also sold to another."""
    deals = (deal for deal in snapshot.deals.values() if deal.achievement and deal.signed_on)
    for achievement, rows in _grouped(deals, lambda deal: deal.achievement):
        buyers = {deal.buyer for deal in rows}
        if len(buyers) < 2 or not any(deal.is_exclusive for deal in rows):
            continue
        rows.sort(key=lambda deal: (deal.signed_on, deal.pk))
        exclusive = next(deal for deal in rows if deal.is_exclusive)
        contracts = [
            RowRef(CONTRACT, row.pk, is_proposed=deal.pk != rows[0].pk)
            for deal in rows
            for row in snapshot.contracts_by_deal.get(deal.pk, [])
        ]
        others = "、".join(snapshot.name_of(key) for key in sorted(buyers - {exclusive.buyer}, key=str))
        yield Finding(
            "sold_twice",
            str(achievement),
            f"成果“{exclusive.achievement_title}”已独占转让给{snapshot.name_of(exclusive.buyer)}，又签给了{others}。",
            (*(RowRef(DEAL, deal.pk, is_proposed=False) for deal in rows), *contracts),
            frozenset(key for deal in rows for key in (deal.seller, deal.buyer)),
            total(rows),
        )


def _grouped(rows: Iterable, key) -> list[tuple]:
    groups: dict = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return list(groups.items())


def _contracts_finding(signal: str, key: str, sentence: str, rows: list[ContractFacts]) -> Finding:
    return Finding(
        signal,
        key,
        sentence,
        tuple(RowRef(CONTRACT, row.pk) for row in rows),
        frozenset(party for row in rows for party in (row.seller, row.buyer)),
        total(rows),
    )


def _duplicates_finding(signal: str, key: str, sentence: str, rows: list[ContractFacts]) -> Finding:
    """All but the first are proposed for the decision."""
    refs = tuple(RowRef(CONTRACT, row.pk, is_proposed=index > 0) for index, row in enumerate(rows))
    parties = frozenset(party for row in rows for party in (row.seller, row.buyer))
    return Finding(signal, key, sentence, refs, parties, total(rows[1:]))
