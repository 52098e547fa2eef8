"""What was understood of one cell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sheets.cells import RawCell


class Status(StrEnum):
    READ = "read"
    """The value is certain."""
    PROPOSED = "proposed"
    """The value is what a clerk understands; the office accepts it for the pattern or cell by cell."""
    ASKED = "asked"
    """Several meanings are possible, or the value looks wrong. `value` is the likeliest; it is not taken unasked."""
    REFUSED = "refused"
    """There is no value. The message says what to write."""


@dataclass(frozen=True, slots=True)
class Reading:
    """value: as the column's parser returns it, None if refused. pattern: groups findings that are decided together.

    options: further (value) meanings of an asked cell. extra: {column key: value} that the cell says about other
    columns, such as a telephone number behind a name; used where the row's own cell is empty.
    """

    status: Status
    value: Any = None
    message: str = ""
    pattern: str = ""
    options: tuple[Any, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


type Reader = Callable[[RawCell, "CellContext"], Reading]


@dataclass(slots=True)
class CellContext:
    """What a reader may know besides the cell. parse: the strict parser. unit, header: of the column. previous: the
    resolved raw cell above."""

    parse: Any
    header: str = ""
    unit: str = ""
    sheet: "SheetContext | None" = None


@dataclass(slots=True)
class SheetContext:
    """What readers know of the place and the office.

    institutions: {id: (name, short name)}. own: ids of the reader's institutions. area_code: of the city. learned:
    {(column key, folded cell text): value}. today: for dates in the future.
    """

    institutions: Mapping[int, tuple[str, str]]
    industries: Mapping[int, str]
    own: frozenset[int]
    area_code: str
    today: Any
    learned: Mapping[tuple[str, str], Any] = field(default_factory=dict)


def read(value: Any, **more: Any) -> Reading:
    return Reading(Status.READ, value, **more)


def propose(value: Any, message: str, pattern: str, **more: Any) -> Reading:
    return Reading(Status.PROPOSED, value, message, pattern, **more)


def ask(value: Any, message: str, pattern: str, **more: Any) -> Reading:
    return Reading(Status.ASKED, value, message, pattern, **more)


def refuse(message: str, pattern: str = "refused") -> Reading:
    return Reading(Status.REFUSED, None, message, pattern)
