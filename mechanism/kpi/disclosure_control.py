"""Statistical disclosure control: no published sum, and no difference of published sums, reveals the sum of one firm.

Every published sum is a set of contracts. A set is safe if enough firms and buyers stand behind it and no two firms
make up nearly all of it. Unsafe cells are suppressed, then further cells until every difference of published sums is
safe as well (complementary suppression).
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import nlargest

from django.conf import settings

MIN_FIRMS = settings.DISCLOSURE_FIRMS
"""Minimum number of firms, and of buyers, behind each published sum."""
MAX_TOP_TWO_SHARE = Decimal("0.85")
"""Maximum share of the two largest firms: otherwise one could calculate the other's sum."""
ROUNDING_STEP_WAN = Decimal(100)
"""Published sums are rounded, so that a contract registered later cannot be read from the difference."""


@dataclass(frozen=True)
class ContractEntry:
    """One contract. `buyer`: key of the buyer; `firms`: keys of those of its parties that are firms."""

    pk: int
    amount: Decimal
    buyer: Hashable
    firms: frozenset[Hashable]


Cells = Mapping[Hashable, frozenset[int]]
"""A table of one dimension: cell → ids of its contracts. Cells do not overlap."""


class PublishedContracts:
    """The contracts behind everything that is published together."""

    def __init__(self, entries: Iterable[ContractEntry]):
        self._entries = {entry.pk: entry for entry in entries}
        self._is_safe: dict[frozenset[int], bool] = {}

    @property
    def entries(self) -> list[ContractEntry]:
        return list(self._entries.values())

    @property
    def all_ids(self) -> frozenset[int]:
        return frozenset(self._entries)

    def total(self, ids: Iterable[int]) -> Decimal:
        return sum((self._entries[pk].amount for pk in ids), Decimal(0))

    def is_safe(self, ids: frozenset[int]) -> bool:
        """Whether the sum of these contracts may be published. An empty set reveals nothing.

        Buyers are counted separately: three contracts between three sellers and three buyers have six firms, but one
        of those could nearly calculate the sums of the other two.
        """
        if ids not in self._is_safe:
            self._is_safe[ids] = not ids or self._has_enough_behind(ids)
        return self._is_safe[ids]

    def _has_enough_behind(self, ids: frozenset[int]) -> bool:
        weights: dict[Hashable, Decimal] = {}
        buyers = set()
        total, none = Decimal(0), Decimal(0)
        for pk in ids:
            entry = self._entries[pk]
            total += entry.amount
            buyers.add(entry.buyer)
            for firm in entry.firms:
                weights[firm] = weights.get(firm, none) + entry.amount
        if min(len(weights), len(buyers)) < MIN_FIRMS:
            return False
        return sum(nlargest(2, weights.values())) <= MAX_TOP_TWO_SHARE * total


def suppressed_cells(contracts: PublishedContracts, tables: Mapping[str, Cells]) -> dict[str, set] | None:
    """{table: cells that must not be shown}; None if not even the sum of all contracts may be shown."""
    if not contracts.is_safe(contracts.all_ids):
        return None
    suppressed = {
        name: {cell for cell, ids in cells.items() if not contracts.is_safe(ids)} for name, cells in tables.items()
    }
    while True:
        for name, cells in tables.items():
            _suppress_complements(contracts, cells, suppressed[name])
        unsafe = _find_unsafe_difference(contracts, tables, suppressed)
        if unsafe is None:
            return suppressed
        table, cell = unsafe
        suppressed[table].add(cell)


def _suppress_complements(contracts: PublishedContracts, cells: Cells, suppressed: set) -> None:
    """Total minus the shown cells gives the sum of the suppressed cells, which has to be safe as well."""
    while suppressed:
        together = frozenset().union(*(cells[cell] for cell in suppressed))
        if not together or contracts.is_safe(together):
            return
        shown = [cell for cell, ids in cells.items() if cell not in suppressed and ids]
        if not shown:
            return
        suppressed.add(min(shown, key=lambda cell: (len(cells[cell]), str(cell))))


def _find_unsafe_difference(
    contracts: PublishedContracts, tables: Mapping[str, Cells], suppressed: Mapping[str, set]
) -> tuple[str, Hashable] | None:
    """(table, cell) of a shown cell within another published sum that leaves an unsafe remainder."""
    known: list[tuple[frozenset[int], str | None, Hashable]] = [(contracts.all_ids, None, None)]
    for name, cells in tables.items():
        known += [(ids, name, cell) for cell, ids in cells.items() if cell not in suppressed[name] and ids]
        together = frozenset().union(*(cells[cell] for cell in suppressed[name]))
        if together:
            known.append((together, None, None))
    for inner, table, cell in known:
        for outer, outer_table, outer_cell in known:
            if inner < outer and not contracts.is_safe(outer - inner):
                if table is not None:
                    return table, cell
                if outer_table is not None:
                    return outer_table, outer_cell
    return None


def has_unsafe_difference(
    contracts: PublishedContracts, ids: frozenset[int], published: Iterable[frozenset[int]]
) -> bool:
    """Whether a sum of these contracts, subtracted from or by another published one, would tell too much."""
    nested = [(min(ids, other, key=len), max(ids, other, key=len)) for other in published if ids and other]
    return any(inner < outer and not contracts.is_safe(outer - inner) for inner, outer in nested)


def rounded_wan(amount: Decimal) -> Decimal:
    """万元, rounded to the publication step."""
    return (amount / ROUNDING_STEP_WAN).quantize(Decimal(1)) * ROUNDING_STEP_WAN
