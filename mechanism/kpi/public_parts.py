"""What of the public turnover came from the platform, is unpaid, is between related parties; only where safe.

The turnover without a part can be calculated, so both have to be safe, and so has every difference from another
published sum.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import BooleanField, ExpressionWrapper, Q

from mechanism.kpi.definitions import PLATFORM, RELATED, UNPAID, WAN_IN_YI, FigurePart
from mechanism.kpi.disclosure_control import (
    ContractEntry,
    PublishedContracts,
    has_unsafe_difference,
    rounded_wan,
    suppressed_cells,
)
from mechanism.kpi.formatting import format_number
from mechanism.kpi.registry import FIGURES

PUBLIC_PARTS = (PLATFORM, UNPAID, RELATED)


@dataclass(frozen=True)
class PublicPart:
    """`text` in 亿元; empty if the part must not be shown.

    `source`: code of the version whose rows a sum that was carried over adds up; empty for those of its own version.
    """

    key: str
    label: str
    definition: str
    text: str
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class PartEntry:
    """A contract of the turnover with the keys of the parts in which it is, and what of it is unpaid."""

    entry: ContractEntry
    parts: frozenset[str]
    unpaid: Decimal


def part_expressions() -> dict[str, object]:
    """{name of an annotation: expression} of contracts, as `part_entries` reads them."""
    turnover = FIGURES["turnover"].parts_by_key
    conditions = {f"in_{key}": _boolean(turnover[key]) for key in (PLATFORM, RELATED)}
    return conditions | {"unpaid_wan": turnover[UNPAID].amount}


def _boolean(part: FigurePart) -> object:
    condition = part.condition
    return ExpressionWrapper(condition, output_field=BooleanField()) if isinstance(condition, Q) else condition


def public_parts(
    rows: Iterable[PartEntry], others: PublishedContracts, published: Iterable[frozenset[int]]
) -> list[PublicPart]:
    """The parts of the turnover. `published`: the other published sums, sets of contracts in `others`."""
    rows, sums = list(rows), list(published)
    contracts = PublishedContracts(row.entry for row in rows)
    cells = {
        key: {True: _ids(row for row in rows if key in row.parts), False: _ids(r for r in rows if key not in r.parts)}
        for key in (PLATFORM, RELATED)
    }
    suppressed = suppressed_cells(contracts, cells)
    everything = PublishedContracts([*contracts.entries, *others.entries])
    texts: dict[str, str] = {}
    for key, table in cells.items():
        is_safe = suppressed is not None and not any(table[cell] for cell in suppressed[key])
        if is_safe and not has_unsafe_difference(everything, table[True], sums):
            texts[key] = _text(contracts.total(table[True]))
    if (unpaid := _unpaid(rows)) is not None:
        texts[UNPAID] = unpaid
    definitions = FIGURES["turnover"].parts_by_key
    return [
        PublicPart(key, str(definitions[key].label), str(definitions[key].definition), texts.get(key, ""))
        for key in PUBLIC_PARTS
    ]


def _ids(rows: Iterable[PartEntry]) -> frozenset[int]:
    return frozenset(row.entry.pk for row in rows)


def _unpaid(rows: list[PartEntry]) -> str | None:
    """The unpaid sum, if it and the paid one, which is the rest, are safe."""
    unpaid = _with_amounts((row, row.unpaid) for row in rows)
    paid = _with_amounts((row, row.entry.amount - row.unpaid) for row in rows)
    is_safe = all(contracts.is_safe(contracts.all_ids) for contracts in (unpaid, paid))
    return _text(unpaid.total(unpaid.all_ids)) if is_safe else None


def _with_amounts(amounts: Iterable[tuple[PartEntry, Decimal]]) -> PublishedContracts:
    return PublishedContracts(
        ContractEntry(row.entry.pk, amount, row.entry.buyer, row.entry.firms) for row, amount in amounts if amount > 0
    )


def _text(wan: Decimal) -> str:
    return format_number((rounded_wan(wan) / WAN_IN_YI).quantize(Decimal("0.01")))
