"""The figures shown for each of the nine tasks: figures of the registry, their parts and their kinds."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from brokers.models import Agency
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.formatting import format_number, format_value
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.totals import FigureValue, PartValue
from mechanism.models import Base


@dataclass(frozen=True)
class TaskFigure:
    """A figure at a task, or one of its parts, or its rows of one kind."""

    key: str
    part: str = ""
    kind: str = ""

    def query(self, scope: FigureScope) -> FigureQuery:
        return FigureQuery(FIGURES[self.key], scope.with_filter("kind", self.kind) if self.kind else scope)


TASK_FIGURES: dict[int, tuple[TaskFigure, ...]] = {
    1: (TaskFigure("items"), TaskFigure("items_new"), TaskFigure("suppliers")),
    2: (TaskFigure("items", part="evaluated"), TaskFigure("items", part="evidenced")),
    3: tuple(map(TaskFigure, ("open_demands", "accepted_matches", "docked_firms", "rounds", "meetings"))),
    4: (
        TaskFigure("obstacles"),
        *(TaskFigure("obstacles", part=part) for part in ("answered", "solved", "published")),
        TaskFigure("policies"),
    ),
    5: (*(TaskFigure("agencies", kind=kind) for kind in Agency.Kind.values), TaskFigure("brokers")),
    6: (TaskFigure("ventures"), TaskFigure("venture_jobs")),
    7: (
        *map(TaskFigure, ("intents", "signed", "contracts", "turnover", "paid")),
        TaskFigure("items", part="transferred"),
    ),
    8: tuple(map(TaskFigure, ("fund_count", "funds", "funds_paid_in", "investments", "invested"))),
    9: (
        *(TaskFigure("bases", kind=kind) for kind in Base.Kind.values),
        TaskFigure("base_requests"),
        TaskFigure("base_requests", part="accepted"),
    ),
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
        for task, figures in TASK_FIGURES.items()
    }
    results = FigureResults(query for pairs in queries.values() for _figure, query in pairs)
    return {
        task: [TaskNumber(figure, results.count(query)) for figure, query in pairs]
        for task, pairs in queries.items()
        if pairs
    }
