"""The cells of one worksheet, from any file type."""

import bisect
from dataclasses import dataclass, field

from .cells import RawCell


@dataclass
class Grid:
    """rows: {row number: {column number: raw cell}}, without empty rows and cells. Numbers start at 1, as in Excel.

    merges: (top, left, bottom, right) of merged cells. hidden: numbers of hidden rows.
    """

    rows: dict[int, dict[int, RawCell]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    date1904: bool = False

    def fill_merged_rows(self, *, below: int) -> None:
        """Copy the value of vertically merged cells into each covered row that is not empty.

        Only blocks that start after row `below` are filled. A block over several columns fills its left column only,
        because the other columns have other meanings.
        """
        numbers = sorted(self.rows)
        for top, left, bottom, _right in self.merges:
            value = self.rows.get(top, {}).get(left)
            if value is None or top <= below:
                continue
            for number in numbers[bisect.bisect_right(numbers, top) : bisect.bisect_right(numbers, bottom)]:
                self.rows[number].setdefault(left, value)
