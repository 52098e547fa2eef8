"""Buyer and seller who belong together: declared, owned, or alike in address, phone, people."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from integrity.signals.facts import (
    CONTRACT,
    DEAL,
    PAYMENT,
    ContractFacts,
    Finding,
    Limits,
    PartyFacts,
    PartyKey,
    RowRef,
    Snapshot,
    total,
    wan,
)

type Owners = dict[PartyKey, dict[PartyKey, Decimal]]
"""owned → {owner: share in percent}."""
CONTROL = 50
"""Percent from which the owner decides alone."""


def affiliates(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """One finding for each pair of related parties with contracts, payments or signed deals between them."""
    crowded = _crowded_addresses(snapshot, int(limits["most_at_address"]))
    for pair, rows in _rows_by_pair(snapshot).items():
        reasons = _reasons(snapshot, pair, crowded)
        if reasons:
            yield _finding(snapshot, "affiliates", pair, rows, "；".join(reasons))


def ownership(snapshot: Snapshot, limits: Limits) -> Iterator[Finding]:
    """One finding for each pair of which one owns the other, or which a third one owns, with at least this share."""
    owners: Owners = {}
    for row in snapshot.ownerships:
        if row.share >= limits["least_share"]:
            owners.setdefault(row.owned, {})[row.owner] = row.share
    for pair, rows in _rows_by_pair(snapshot).items():
        if sentence := _ownership_sentence(snapshot, pair, owners):
            yield _finding(snapshot, "ownership", pair, rows, sentence)


def _ownership_sentence(snapshot: Snapshot, pair: tuple[PartyKey, ...], owners: Owners) -> str:
    if len(pair) < 2:
        return ""
    for owner, owned in (pair, pair[::-1]):
        if share := owners.get(owned, {}).get(owner):
            return f"{snapshot.name_of(owner)}持有{snapshot.name_of(owned)} {_percent(share)}" + (
                f"，{snapshot.name_of(owned)}是{_what_it_is(snapshot, owner)}" if share >= CONTROL else ""
            )
        for middle, share in owners.get(owned, {}).items():
            if upper := owners.get(middle, {}).get(owner):
                return (
                    f"{snapshot.name_of(owner)}持有{snapshot.name_of(middle)} {_percent(upper)}，后者持有"
                    f"{snapshot.name_of(owned)} {_percent(share)}"
                )
    shared = owners.get(pair[0], {}).keys() & owners.get(pair[1], {}).keys()
    if shared:
        owner = min(shared, key=str)
        shares = "、".join(_percent(owners[key][owner]) for key in pair)
        return f"双方都由{snapshot.name_of(owner)}持股（{shares}）"
    return ""


def _what_it_is(snapshot: Snapshot, owner: PartyKey) -> str:
    return "自己的资产公司" if snapshot.parties[owner].is_institution else "自己控股的公司"


def _percent(share: Decimal) -> str:
    return f"{share.normalize():f}%"


def _reasons(snapshot: Snapshot, pair: tuple[PartyKey, ...], crowded: set[str]) -> list[str]:
    if len(pair) == 1:
        return ["买卖双方是同一个单位"]
    reasons = []
    if why := snapshot.declared.get(frozenset(pair)):  # type: ignore[arg-type]  # names never match
        reasons.append(f"双方已登记为关联单位：{why}")
    party, other = (snapshot.parties.get(key) for key in pair)
    return reasons + _likenesses(party, other, crowded) if party and other else reasons


def _likenesses(party: PartyFacts, other: PartyFacts, crowded: set[str]) -> list[str]:
    reasons = []
    if party.address and party.address == other.address and party.address not in crowded:
        reasons.append("双方登记的地址相同")
    if party.legal_representative and party.legal_representative == other.legal_representative:
        reasons.append("双方的法定代表人同名")
    if shared := party.phones & other.phones:
        phone = min(shared)
        reasons.append(f"双方的联系电话相同（{phone[:3]}****{phone[-4:]}）")
    if shared_people := party.people & other.people:
        reasons.append(f"有 {len(shared_people)} 位用户同时代表双方")
    return reasons


def _crowded_addresses(snapshot: Snapshot, most: int) -> set[str]:
    """Addresses of incubators and the like, which say nothing of a relation."""
    counts = Counter(row.address for row in snapshot.parties.values() if row.address)
    return {address for address, number in counts.items() if number > most}


def _rows_by_pair(snapshot: Snapshot) -> dict[tuple[PartyKey, ...], list[RowRef]]:
    """Unordered pairs → their contracts, payments, and signed deals without a contract."""
    pairs: dict[tuple[PartyKey, ...], list[RowRef]] = {}
    for (seller, buyer), rows in snapshot.contracts_by_parties.items():
        pairs.setdefault(pair_of(seller, buyer), []).extend(RowRef(CONTRACT, row.pk) for row in rows)
    for payment in snapshot.payments:
        pairs.setdefault(pair_of(payment.payer, payment.payee), []).append(RowRef(PAYMENT, payment.pk))
    for deal in snapshot.deals.values():
        if deal.signed_on and deal.pk not in snapshot.contracts_by_deal:
            pairs.setdefault(pair_of(deal.seller, deal.buyer), []).append(RowRef(DEAL, deal.pk, is_proposed=False))
    return pairs


def pair_of(party: PartyKey, other: PartyKey) -> tuple[PartyKey, ...]:
    """The two in a fixed order; one element if they are the same."""
    return (party,) if party == other else tuple(sorted((party, other), key=str))


def _finding(snapshot: Snapshot, signal: str, pair: tuple[PartyKey, ...], rows: list[RowRef], sentence: str) -> Finding:
    pks = {row.pk for row in rows if row.kind == CONTRACT}
    contracts: list[ContractFacts] = [
        row
        for key in (pair if len(pair) == 2 else (pair[0], pair[0]), tuple(reversed(pair)))
        if len(key) == 2
        for row in snapshot.contracts_by_parties.get((key[0], key[1]), [])
        if row.pk in pks
    ]
    amount = total({row.pk: row for row in contracts}.values())
    numbers = f"，之间有 {len(pks)} 份合同、{wan(amount)}" if pks else ""
    names = "和".join(snapshot.name_of(key) for key in pair)
    return Finding(
        signal, f"{'|'.join(map(str, pair))}", f"{names}：{sentence}{numbers}。", tuple(rows), frozenset(pair), amount
    )
