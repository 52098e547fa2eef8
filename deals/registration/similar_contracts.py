"""Contracts that may be the same under another number: same parties and amount, and no other day of signing."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from deals.models import Contract
from deals.registration.party_lookup import name_key

type Key = tuple[str, str, Decimal | None]


def similar_contracts(contract: Contract) -> QuerySet[Contract]:
    """Other registered contracts that may be the same as this one."""
    if contract.amount_wan is None:
        return Contract.objects.none()
    rows = Contract.objects.registered().filter(amount_wan=contract.amount_wan).exclude(pk=contract.pk)
    if contract.signed_on:
        rows = rows.filter(Q(signed_on=contract.signed_on) | Q(signed_on=None))
    key = name_key(contract.seller_name), name_key(contract.buyer_name)
    names = rows.values_list("pk", "seller_name", "buyer_name")
    same = [pk for pk, seller, buyer in names if (name_key(seller), name_key(buyer)) == key]
    return Contract.objects.filter(pk__in=same or [0])  # one query in any case: pages ask a constant number


class SimilarContract(NamedTuple):
    """What is kept of a contract in memory: a list has tens of thousands. `pk` is None for one not yet stored."""

    pk: int | None
    number: str
    signed_on: date | None
    is_irregular: bool
    """It was entered by hand with a number that is no registration number."""


class SimilarContracts:
    """The registered contracts with an amount of some rows, to find those that may be the same as a row. One query.

    Whoever writes rows of a list adds them, so that a row finds the same contracts whether the rows before it were
    written in the same transaction or by an import that was stopped.
    """

    def __init__(self, rows: Iterable[Any]):
        self._by_key: dict[Key, list[SimilarContract]] = defaultdict(list)
        amounts = {row.values["amount_wan"] for row in rows if row.values["amount_wan"] is not None}
        for contract in Contract.objects.registered().filter(amount_wan__in=amounts).order_by("pk").iterator():
            self.add(contract)

    def add(self, contract: Contract) -> None:
        if contract.amount_wan is not None:
            is_irregular = contract.doubt == Contract.Doubt.NUMBER and contract.source_file_id is None
            self._by_key[_key_of(contract)].append(
                SimilarContract(contract.pk, contract.number, contract.signed_on, is_irregular)
            )

    def remove(self, contract: Contract) -> None:
        """Forget a stored contract before it changes."""
        if contract.amount_wan is not None:
            key = _key_of(contract)
            self._by_key[key] = [row for row in self._by_key[key] if row.pk != contract.pk]

    def find(self, values: dict) -> SimilarContract | None:
        """The first one that may be the same as the row, without those of its own number."""
        return next((row for row in self._of(values) if is_compatible(row.signed_on, values["signed_on"])), None)

    def take_irregular(self, values: dict) -> SimilarContract | None:
        """The only irregular one that may be the same as the row, which corrects it."""
        rows = [
            row for row in self._of(values) if row.is_irregular and is_compatible(row.signed_on, values["signed_on"])
        ]
        if len(rows) != 1:
            return None
        self._of(values).remove(rows[0])
        return rows[0]

    def _of(self, values: dict) -> list[SimilarContract]:
        if not (values["seller"] and values["buyer"]) or values["amount_wan"] is None:
            return []
        return self._by_key.get((name_key(values["seller"]), name_key(values["buyer"]), values["amount_wan"]), [])


def _key_of(contract: Contract) -> Key:
    return name_key(contract.seller_name), name_key(contract.buyer_name), contract.amount_wan


def is_compatible(first: date | None, second: date | None) -> bool:
    return first is None or second is None or first == second
