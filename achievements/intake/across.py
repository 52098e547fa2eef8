"""Findings that need several rows: one patent on many items, repeated titles."""

import re
from collections import Counter
from typing import TYPE_CHECKING

from achievements.intake.reading import Status, ask
from achievements.intake.rights import patent_numbers
from sheets.cells import fold

if TYPE_CHECKING:
    from achievements.intake.engine import Intake, RowOutcome

_MANY = 3
_MANY_SPELLINGS = 12
"""Rows with one patent number in different spellings; of identical cells, which are copied down, `_MANY` are enough."""


class Across:
    """What is counted over all data rows before they are read."""

    def __init__(self, intake: "Intake", numbers: list[int]) -> None:
        places = [at for at, match in intake.layout.columns.items() if match.key == "intellectual_property"]
        self.patents: Counter[str] = Counter()
        self.patent_cells: Counter[str] = Counter()
        self.titles: dict[int, int] = {}  # hash of institution and title: row number; the texts would take memory
        for number in numbers:
            cells = intake.grid.rows[number]
            for at in places:
                if isinstance(text := cells.get(at), str):
                    self.patents.update(set(patent_numbers(text)))
                    self.patent_cells[fold(text[:500])] += 1

    def check(self, row: "RowOutcome") -> None:
        """Ask about the cells of `row` that agree with other rows where they should not."""
        for cell in row.cells:
            if cell.key == "intellectual_property" and cell.reading.status in {Status.READ, Status.PROPOSED}:
                self._check_patents(row, cell)
            elif cell.key == "title" and isinstance(cell.reading.value, str):
                self._check_title(row, cell)

    def _check_patents(self, row: "RowOutcome", cell) -> None:
        copied = self.patent_cells[fold(str(cell.raw)[:500])] >= _MANY
        repeated = {
            right.number: count
            for right in cell.reading.value or ()
            if right.number and (count := self.patents[right.number]) >= (_MANY if copied else _MANY_SPELLINGS)
        }
        if repeated:
            row.values.pop("intellectual_property", None)
            shown = "、".join(f"{number} 在 {count} 行里" for number, count in list(repeated.items())[:3])
            cell.reading = ask(cell.reading.value, f"{shown}，一项专利写在多项成果上，请核对", "same-patent")

    def _check_title(self, row: "RowOutcome", cell) -> None:
        key = hash((row.values.get("institution"), re.sub(r"\W", "", fold(cell.reading.value))))
        earlier = self.titles.setdefault(key, row.number)
        if earlier != row.number:
            row.values.pop("title", None)
            message = f"与第 {earlier} 行的名称相同，是同一项吗？不是的话请在名称里写明区别"
            cell.reading = ask(cell.reading.value, message, "same-title")
