"""What the signals read. Amounts are in 万元.

A party is known by a `PartyKey`: the primary key of its organisation, or the key of its name if it is not registered.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

type PartyKey = int | str
type Limits = Mapping[str, Decimal]
"""Thresholds of a signal by their key."""

CONTRACT, PAYMENT, DEAL = "contract", "payment", "deal"


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """`version`: hash of the columns that the signals read. `authors`: users who wrote or registered it."""

    pk: int
    version: str
    number: str
    seller: PartyKey
    buyer: PartyKey
    amount: Decimal | None = None
    signed_on: date | None = None
    registered_on: date | None = None
    deal: int | None = None
    broker: int | None = None
    agency: int | None = None
    authors: frozenset[int] = frozenset()

    @property
    def day(self) -> date | None:
        return self.signed_on or self.registered_on


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    pk: int
    version: str
    deal: int
    payer: PartyKey
    payee: PartyKey
    amount: Decimal
    day: date


@dataclass(frozen=True, slots=True)
class DealFacts:
    """`first_on`: the day of its first step. `price_min`, `price_max`: asked for its achievement."""

    pk: int
    version: str
    name: str
    seller: PartyKey
    buyer: PartyKey
    amount: Decimal | None = None
    first_on: date | None = None
    signed_on: date | None = None
    achievement: int | None = None
    achievement_title: str = ""
    is_exclusive: bool = False
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    authors: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """Address, legal representative and phones as keys for comparison; `people`: users who act for it."""

    name: str
    is_institution: bool = False
    address: str = ""
    legal_representative: str = ""
    phones: frozenset[str] = frozenset()
    people: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class BrokerFacts:
    name: str
    user: int | None = None


@dataclass(frozen=True, slots=True)
class OwnershipFacts:
    owner: int
    owned: int
    share: Decimal


@dataclass(frozen=True)
class RowRef:
    """A row that a case shows. `is_proposed`: the decision is expected to fall on it."""

    kind: str
    pk: int
    note: str = ""
    is_proposed: bool = True


@dataclass(frozen=True)
class Finding:
    """What a signal has seen. The same finding has the same `key` at each scan."""

    signal: str
    key: str
    sentence: str
    rows: tuple[RowRef, ...]
    parties: frozenset[PartyKey]
    amount: Decimal


@dataclass
class Snapshot:
    """`declared`: pairs of related organisations → how they are related. `staff`: users of districts and the city."""

    contracts: list[ContractFacts] = field(default_factory=list)
    payments: list[PaymentFacts] = field(default_factory=list)
    deals: dict[int, DealFacts] = field(default_factory=dict)
    parties: dict[PartyKey, PartyFacts] = field(default_factory=dict)
    brokers: dict[int, BrokerFacts] = field(default_factory=dict)
    declared: dict[frozenset[int], str] = field(default_factory=dict)
    ownerships: list[OwnershipFacts] = field(default_factory=list)
    staff: dict[int, str] = field(default_factory=dict)

    @cached_property
    def contracts_by_parties(self) -> dict[tuple[PartyKey, PartyKey], list[ContractFacts]]:
        """(seller, buyer) → contracts, by day."""
        return _by_day(self.contracts, lambda row: (row.seller, row.buyer))

    @cached_property
    def contracts_by_deal(self) -> dict[int, list[ContractFacts]]:
        return _by_day((row for row in self.contracts if row.deal), lambda row: row.deal)

    @cached_property
    def payments_by_deal(self) -> dict[int, list[PaymentFacts]]:
        return _by_day(self.payments, lambda row: row.deal)

    @cached_property
    def versions(self) -> dict[tuple[str, int], str]:
        rows: list[tuple[str, Iterable]] = [
            (CONTRACT, self.contracts),
            (PAYMENT, self.payments),
            (DEAL, self.deals.values()),
        ]
        return {(kind, row.pk): row.version for kind, group in rows for row in group}

    def name_of(self, key: PartyKey) -> str:
        return self.parties[key].name if key in self.parties else str(key)


def _by_day(rows: Iterable, key) -> dict:
    groups: dict = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.day or date.min, row.pk)):
        groups[key(row)].append(row)
    return dict(groups)


def total(rows: Iterable) -> Decimal:
    return sum((row.amount or Decimal(0) for row in rows), Decimal(0))


def wan(amount: Decimal | None) -> str:
    return "金额未填" if amount is None else f"{amount:,.2f} 万元"


def day_text(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "日期未填"
