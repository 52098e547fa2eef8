"""The cells of one worksheet, whatever kind of file it came from."""

import bisect
from dataclasses import dataclass, field


@dataclass
class Grid:
    """rows: {row number: {column number: raw cell}}, only rows and cells that hold something; numbers start at 1.

    merges: (top, left, bottom, right) of merged cells. hidden: numbers of hidden rows.
    """

    rows: dict[int, dict[int, object]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    date1904: bool = False

    def spread_merges(self, *, below):
        """Repeat cells merged over several rows in each covered row after row `below` that holds something itself.

        A merged block over several columns stays in its left column: the columns beside it mean something else.
        """
        numbers = sorted(self.rows)
        for top, left, bottom, _right in self.merges:
            value = self.rows.get(top, {}).get(left)
            if value is None or top <= below:
                continue
            for number in numbers[bisect.bisect_right(numbers, top) : bisect.bisect_right(numbers, bottom)]:
                self.rows[number].setdefault(left, value)
