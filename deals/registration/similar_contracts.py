"""Contracts that may be the same under another number: same parties and amount, and no other day of signing."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from deals.models import Contract
from deals.registration.party_lookup import name_key

type Key = tuple[str, str, Decimal]


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


class SimilarContracts:
    """The registered contracts with an amount of some rows, to find those that may be the same as a row. One query."""

    def __init__(self, rows: Iterable[Any]):
        self._by_key: dict[Key, list[Contract]] = defaultdict(list)
        amounts = {row.values["amount_wan"] for row in rows if row.values["amount_wan"] is not None}
        for contract in Contract.objects.registered().filter(amount_wan__in=amounts).order_by("pk"):
            self.add(contract)

    def add(self, contract: Contract) -> None:
        if contract.amount_wan is not None:
            key = name_key(contract.seller_name), name_key(contract.buyer_name), contract.amount_wan
            self._by_key[key].append(contract)

    def find(self, values: dict) -> Contract | None:
        """The first one that may be the same as the row, without those of its own number."""
        return next((row for row in self._of(values) if is_compatible(row.signed_on, values["signed_on"])), None)

    def take_irregular(self, values: dict) -> Contract | None:
        """The only one that was entered by hand with a number that is no registration number: the row corrects it."""
        rows = [
            row
            for row in self._of(values)
            if row.doubt == Contract.Doubt.NUMBER
            and row.source_file_id is None
            and is_compatible(row.signed_on, values["signed_on"])
        ]
        if len(rows) != 1:
            return None
        self._of(values).remove(rows[0])
        return rows[0]

    def _of(self, values: dict) -> list[Contract]:
        if not (values["seller"] and values["buyer"]) or values["amount_wan"] is None:
            return []
        return self._by_key[name_key(values["seller"]), name_key(values["buyer"]), values["amount_wan"]]


def is_compatible(one: date | None, other: date | None) -> bool:
    return one is None or other is None or one == other
