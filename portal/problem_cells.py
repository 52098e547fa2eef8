"""What `/ask/` understood of a problem, as cells that a person edits and removes without a script.

The words of the problem stay as they were typed; each cell keeps the excerpt it came from. What is searched is the
text with the changes of its cells.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from itertools import groupby

from django.http import QueryDict

from matching.engine import facts
from matching.engine.indicators import Indicator, indicator_from_row
from matching.engine.problem_parts import ProblemParts, problem_parts, problem_title
from matching.facts import demand_facts_from_text
from sheets.cells import clean_text
from taxonomy.models import Comparison

READ_CHARS = 5000
KEPT_CHARS = 20_000
MARKED_CHARS = 300
MAX_CELLS, CELL_CHARS = 12, 100
KINDS = {"object": "对象", "trouble": "难处", "wish": "想要", "limit": "限制"}
_SIGNS = {"ge": "≥", "le": "≤", "gt": "＞", "lt": "＜", "eq": "=", "about": "约", "between": ""}


@dataclass(frozen=True)
class Cell:
    """`was`: the excerpt of the text that the cell came from; "" if a person added the cell."""

    text: str
    was: str = ""


@dataclass(frozen=True)
class IndicatorCell:
    name: str
    comparison: str
    value: str
    value_to: str = ""
    unit: str = ""
    condition: str = ""

    @property
    def sign(self) -> str:
        return _SIGNS.get(self.comparison, "")

    @property
    def text(self) -> str:
        """定位准确率 ≥ 85 %."""
        value = f"{self.value}–{self.value_to}" if self.comparison == "between" else f"{self.sign} {self.value}"
        return f"{self.name} {value.strip()} {self.unit}".strip()

    @property
    def parsed(self) -> Indicator:
        columns = (self.name, self.comparison, self.value, self.value_to, self.unit, self.condition)
        return indicator_from_row(*columns, self.text)


@dataclass(frozen=True)
class Problem:
    """A problem in words, and what was understood of it. `gone`: excerpts whose cells a person removed."""

    text: str
    cells: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    indicators: tuple[IndicatorCell, ...] = ()
    budget: str = ""
    period: str = ""
    gone: tuple[str, ...] = ()

    @property
    def text_hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def is_cut(self) -> bool:
        return len(self.text) > READ_CHARS

    @property
    def title(self) -> str:
        return problem_title(self.text) or "技术难题"

    @property
    def groups(self) -> list[tuple[str, str, tuple[Cell, ...]]]:
        """(kind, label, cells) in the order of the page."""
        return [(kind, label, self.cells.get(kind, ())) for kind, label in KINDS.items()]

    def words(self, kind: str) -> list[str]:
        return [cell.text for cell in self.cells.get(kind, ())]

    @property
    def pieces(self) -> list[tuple[str, str, str]]:
        """The first MARKED_CHARS of the text in pieces of (text, kind, label); "" where nothing was understood."""
        text = self.text[:MARKED_CHARS]
        kinds = [""] * len(text)
        for kind in (*reversed(KINDS),):  # objects stand inside clauses and are marked last
            for cell in self.cells.get(kind, ()):
                start = text.find(cell.was) if cell.was else -1
                if start >= 0:
                    kinds[start : start + len(cell.was)] = [kind] * len(cell.was)
        runs = groupby(zip(text, kinds, strict=True), key=lambda pair: pair[1])
        pieces = [("".join(character for character, _ in run), kind) for kind, run in runs]
        return [(piece, kind, KINDS[kind]) if len(piece) > 1 and kind else (piece, "", "") for piece, kind in pieces]

    @property
    def rest(self) -> str:
        return self.text[MARKED_CHARS:]

    @property
    def searched_text(self) -> str:
        """The title line, then the text with the changes of its cells, then what they add to it."""
        text = self.text[:READ_CHARS]
        cells = [cell for kind in KINDS for cell in self.cells.get(kind, ())]
        for was in sorted(self.gone, key=len, reverse=True):
            text = text.replace(was, "")
        for cell in cells:
            if cell.was and cell.was != cell.text:
                text = text.replace(cell.was, cell.text)
        added = [cell.text for cell in cells if cell.text not in text]
        return "\n".join([problem_title(text), text, *added]).strip()

    @property
    def facts(self) -> facts.DemandFacts:
        """The facts for the comparison with achievements: indicators and budget as the cells say."""
        low, high = _budget(self.budget)
        return replace(
            demand_facts_from_text(self.searched_text),
            indicators=tuple(cell.parsed for cell in self.indicators),
            budget_min_wan=low,
            budget_max_wan=high,
            period=self.period,
        )


def posted_problem(data: QueryDict) -> Problem:
    """Return the problem with the posted cells, or as it is read if its text is new."""
    problem = Problem(clean_text(data.get("text", ""), multiline=True))
    return _with_posted_cells(problem, data) if data.get("read") == problem.text_hash else read_problem(problem.text)


def read_problem(text: str) -> Problem:
    """Read a problem in words."""
    parts = problem_parts(text)
    return Problem(
        text=text,
        cells=_cells(parts),
        indicators=tuple(_indicator_cell(offer.indicator) for offer in parts.indicators[:MAX_CELLS]),
        budget=parts.budget,
        period=parts.period,
    )


def _cells(parts: ProblemParts) -> dict[str, tuple[Cell, ...]]:
    excerpts = (parts.objects, parts.difficulties, parts.wishes, parts.limits)
    return {kind: tuple(Cell(text, text) for text in texts) for kind, texts in zip(KINDS, excerpts, strict=True)}


def _indicator_cell(indicator: Indicator) -> IndicatorCell:
    return IndicatorCell(**indicator_columns(indicator))


def indicator_columns(indicator: Indicator) -> dict[str, str]:
    """Return the values of a row of an indicator form: name, comparison, value, value_to, unit, condition."""
    values = [f"{value:.10g}" for value in indicator.values]
    is_range = indicator.comparison == "between"
    return {
        "name": indicator.name,
        "comparison": indicator.comparison if indicator.comparison in Comparison.values else "eq",
        "value": values[0],
        "value_to": values[-1] if is_range else "",
        "unit": indicator.unit,
        "condition": indicator.condition[:CELL_CHARS],
    }


def _with_posted_cells(problem: Problem, data: QueryDict) -> Problem:
    """Apply what was typed into the cells and the button that removes one (`drop`: kind and number)."""
    kind, _, number = data.get("drop", "").partition("-")
    at = int(number) if number.isdecimal() and len(number) < 4 else -1
    gone = [text[:CELL_CHARS] for text in data.getlist("gone")[: 2 * MAX_CELLS] if text]
    cells: dict[str, tuple[Cell, ...]] = {}
    for name in KINDS:
        rows = []
        pairs = zip(_texts(data, name), _texts(data, f"{name}_was"), strict=False)
        for place, (text, was) in enumerate(pairs):
            if text and (name, place) != (kind, at):
                rows.append(Cell(text, was))
            elif was:
                gone.append(was)
        cells[name] = tuple(rows)
    if added := clean_text(data.get("added", ""))[:CELL_CHARS]:
        cells["wish"] = (*cells["wish"], Cell(added))
    return replace(
        problem,
        cells=cells,
        indicators=tuple(row for place, row in _posted_indicators(data) if (kind, at) != ("ind", place)),
        budget="" if kind == "budget" else clean_text(data.get("budget", ""))[:20],
        period="" if kind == "period" else clean_text(data.get("period", ""))[:40],
        gone=tuple(dict.fromkeys(gone)),
    )


def _posted_indicators(data: QueryDict) -> list[tuple[int, IndicatorCell]]:
    """Rows with a name and a value, each with its place on the page."""
    names = ("name", "comparison", "value", "value_to", "unit", "condition")
    columns = zip(*(_texts(data, f"ind_{name}") for name in names), strict=False)
    rows = [(place, IndicatorCell(*values)) for place, values in enumerate(columns)]
    return [(place, row) for place, row in rows if row.name and row.value and row.comparison in Comparison.values]


def _texts(data: QueryDict, name: str) -> list[str]:
    return [clean_text(text)[:CELL_CHARS] for text in data.getlist(name)[:MAX_CELLS]]


def _budget(text: str) -> tuple[Decimal | None, Decimal | None]:
    """Return the bounds in 万元 of 50 or 30-90; one number is the most that is paid."""
    low, _, high = text.replace("～", "-").replace("~", "-").replace("–", "-").partition("-")
    try:
        parts = [part.strip().removesuffix("万元").removesuffix("万") for part in (low, high)]
        numbers = [Decimal(part) for part in parts if part]
    except InvalidOperation:
        return None, None
    if not numbers or not all(number.is_finite() and 0 <= number < 10**9 for number in numbers):
        return None, None
    return (min(numbers), max(numbers)) if len(numbers) > 1 else (None, numbers[0])
