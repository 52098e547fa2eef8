"""A table of records beside each other: a row for each fact, a cell for what each record says of it.

`core/_comparison_row.html` draws a row, `static/css/comparison.css` the table.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class ComparisonCell:
    """What one record says in one row. `note`: a remark below, such as the condition of a test.

    `bar`: the value as a share of the scale of its row, in percent; None if it is not drawn.
    """

    text: str
    note: str = ""
    is_missing: bool = False
    bar: float | Decimal | None = None
    is_best: bool = False


@dataclass(frozen=True)
class ComparisonRow:
    """`differs`: whether the records say different things."""

    label: str
    cells: list[ComparisonCell]

    @property
    def differs(self) -> bool:
        return len({cell.text for cell in self.cells}) > 1
