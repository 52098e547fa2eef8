"""The figures shown for each task of the city: figures of the registry, their parts and their kinds."""

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from cities import City
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.formatting import format_number, format_value
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.totals import FigureValue, PartValue


@dataclass(frozen=True)
class TaskFigure:
    """A figure at a task, or one of its parts, or its rows of one kind."""

    key: str
    part: str = ""
    kind: str = ""

    def query(self, scope: FigureScope) -> FigureQuery:
        return FigureQuery(FIGURES[self.key], scope.with_filter("kind", self.kind) if self.kind else scope)


def read_task_figures(text: str) -> list[TaskFigure]:
    """What an entry of tasks.csv shows: `key`, `key:part`, `key=kind`, `key=*` for each kind. ValueError if unknown."""
    match = re.fullmatch(r"([a-z_]+)(?:([:=])([a-z_*]+))?", text)
    key, mark, rest = match.groups(default="") if match else ("", "", "")
    if key not in FIGURES:
        raise ValueError(text)
    figure = FIGURES[key]
    if mark == ":" and rest in {part.key for part in figure.parts}:
        return [TaskFigure(key, part=rest)]
    if mark == "=":  # only here: the kinds of some figures are rows of the database
        kinds = [str(kind) for kind in figure.kind_labels]
        if rest in kinds or (rest == "*" and kinds):
            return [TaskFigure(key, kind=kind) for kind in (kinds if rest == "*" else [rest])]
    if mark:
        raise ValueError(text)
    return [TaskFigure(key)]


@cache
def task_figures(city: City) -> dict[int, tuple[TaskFigure, ...]]:
    """{number of a task: what its board shows}, as the package of the city says."""
    return {
        task.number: tuple(figure for text in task.figures for figure in read_task_figures(text)) for task in city.tasks
    }


@dataclass(frozen=True)
class TaskNumber:
    """A number of a task as it is shown. `counted` is the figure it is taken from."""

    shown: TaskFigure
    counted: FigureValue

    @property
    def _part(self) -> PartValue | None:
        return next((part for part in self.counted.parts if part.part.key == self.shown.part), None)

    @property
    def label(self) -> str:
        if self.shown.kind:
            return str(self.counted.figure.kind_labels[self.shown.kind])
        return self._part.part.label if self._part else self.counted.figure.label

    @property
    def text(self) -> str:
        if self._part:
            return format_number(self._part.value)
        return format_value(self.counted.value, self.counted.figure)

    @property
    def unit(self) -> str:
        return self.counted.figure.unit.label

    @property
    def definition(self) -> str:
        formula = self.counted.figure.formula
        return f"{self._part.part.definition}{formula}" if self._part else formula

    @property
    def rows_url(self) -> str:
        query = self.counted.scope.query | ({"part": self.shown.part} if self.shown.part else {})
        return f"{reverse('figure_rows', args=[self.shown.key])}?{urlencode(query)}"

    @property
    def parts(self) -> list[PartValue]:
        """The parts beside a sum of contracts; a part has no parts of its own."""
        return [] if self._part or not self.counted.figure.is_money else self.counted.parts


def count_tasks(scope: FigureScope) -> dict[int, list[TaskNumber]]:
    """{number of the task: its figures}, of those whose rows the user of the scope may see."""
    queries = {
        task: [(figure, figure.query(scope)) for figure in figures if scope.may_see(FIGURES[figure.key])]
        for task, figures in task_figures(settings.CITY).items()
    }
    results = FigureResults(query for pairs in queries.values() for _figure, query in pairs)
    return {
        task: [TaskNumber(figure, results.count(query)) for figure, query in pairs]
        for task, pairs in queries.items()
        if pairs
    }
