"""What may be told in public: no sum from which one firm's could be read, also not by taking one sum from another.

Every published sum is a set of contracts. A set is safe when enough firms stand behind it and no two of them make up
nearly all of it. Cells that are not safe are hidden, and more with them, until also what is left when published sums
are taken from one another is safe.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

FEWEST_FIRMS = 5
"""So many firms, and so many buyers, at least stand behind each published sum."""
MOST_OF_TWO = Decimal("0.85")
"""No two firms together make more than this share of a published sum: else one could reckon the other."""
ROUNDED_TO_WAN = Decimal(100)
"""Published sums are rounded to this: a single contract that comes in later cannot be read from the difference."""


@dataclass(frozen=True)
class Entry:
    """One contract. `buyer`: the key of who pays; `firms`: of those of its parties that are firms."""

    pk: int
    amount: Decimal
    buyer: Hashable
    firms: frozenset[Hashable]


Cells = Mapping[Hashable, frozenset[int]]
"""A table of one dimension: name of the cell → ids of its contracts. Its cells do not overlap."""


class Ledger:
    """The contracts behind everything that is published together."""

    def __init__(self, entries: Iterable[Entry]):
        self._entries = {entry.pk: entry for entry in entries}

    @property
    def everything(self) -> frozenset[int]:
        return frozenset(self._entries)

    def total(self, ids: Iterable[int]) -> Decimal:
        return sum((self._entries[pk].amount for pk in ids), Decimal(0))

    def is_safe(self, ids: frozenset[int]) -> bool:
        """Nothing is told by an empty set; else enough buyers and enough firms, of which no two weigh too much.

        Buyers are counted by themselves: three contracts between three and three firms are six firms, and whoever is
        one of them could nearly reckon the other two.
        """
        if not ids:
            return True
        weights: Counter = Counter()
        for pk in ids:
            for firm in self._entries[pk].firms:
                weights[firm] += self._entries[pk].amount
        if min(len(weights), len({self._entries[pk].buyer for pk in ids})) < FEWEST_FIRMS:
            return False
        heaviest = sum(weight for _firm, weight in weights.most_common(2))
        return heaviest <= MOST_OF_TWO * self.total(ids)


def hidden_cells(ledger: Ledger, tables: Mapping[str, Cells]) -> dict[str, set] | None:
    """{table: the cells that must not be shown}; None when not even the sum of everything may be."""
    everything = ledger.everything
    if not ledger.is_safe(everything):
        return None
    hidden = {name: {cell for cell, ids in cells.items() if not ledger.is_safe(ids)} for name, cells in tables.items()}
    while True:
        for name, cells in tables.items():
            _hide_complements(ledger, cells, hidden[name])
        offender = _offender(ledger, tables, hidden, everything)
        if offender is None:
            return hidden
        table, cell = offender
        hidden[table].add(cell)


def _hide_complements(ledger: Ledger, cells: Cells, hidden: set) -> None:
    """Whoever takes the shown cells from the total gets the hidden ones together: that has to be safe as well."""
    while hidden:
        together = frozenset().union(*(cells[cell] for cell in hidden))
        if not together or ledger.is_safe(together):
            return
        shown = [cell for cell, ids in cells.items() if cell not in hidden and ids]
        if not shown:
            return
        hidden.add(min(shown, key=lambda cell: (len(cells[cell]), str(cell))))


def _offender(ledger: Ledger, tables: Mapping[str, Cells], hidden: Mapping[str, set], everything) -> tuple | None:
    """A shown cell that lies within another published sum and leaves a remainder that is not safe."""
    known: list[tuple[frozenset[int], str | None, Hashable]] = [(everything, None, None)]
    for name, cells in tables.items():
        known += [(ids, name, cell) for cell, ids in cells.items() if cell not in hidden[name] and ids]
        together = frozenset().union(*(cells[cell] for cell in hidden[name]))
        if together:
            known.append((together, None, None))
    for inner, table, cell in known:
        for outer, outer_table, outer_cell in known:
            if inner < outer and not ledger.is_safe(outer - inner):
                if table is not None:
                    return table, cell
                if outer_table is not None:
                    return outer_table, outer_cell
    return None


def rounded_wan(amount: Decimal) -> Decimal:
    """万元, to the nearest published step."""
    return (amount / ROUNDED_TO_WAN).quantize(Decimal(1)) * ROUNDED_TO_WAN
