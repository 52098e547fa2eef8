"""What a figure leaves out, shown apart: not confirmed by a named party, disputed, not checked, of unknown place, or
taken out by a decision of the integrity check."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from core.scope import scope_of
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.definitions import YI, FigureDefinition
from mechanism.kpi.query_scope import FigureScope

STATES = {
    "pending": "待对方确认",
    "disputed": "有异议",
    "unchecked": "待登记部门核实",
    "unplaced": "所在地不明",
    "excluded": "诚信核查后决定不计入",
}


@dataclass(frozen=True)
class UnconfirmedRows:
    """`total` in 万元; None if the figure counts rows."""

    state: str
    rows: int
    total: Decimal | None

    @property
    def label(self) -> str:
        return STATES[self.state]

    @property
    def text(self) -> str:
        amount = "" if self.total is None else f"，{self.total:,.2f} 万元"
        return f"{self.label} {self.rows} 条{amount}{'' if self.state == 'excluded' else '，不计入'}"


@cache
def unconfirmed_figure(figure: FigureDefinition, state: str) -> FigureDefinition:
    """The figure of the rows in this state, with the same dimensions and the same scope of users."""
    return replace(
        figure,
        label=f"{figure.label}（{STATES[state]}{'' if state == 'excluded' else '，不计入'}）",
        state=state,
        formula=f"与“{figure.label}”同样的记录中{STATES[state]}的，不计入这项数据。",
        select_rows=figure.unconfirmed[state],
        unit=YI if figure.is_rate else figure.unit,
        numerator=None,
        unconfirmed={},
        is_target=False,
    )


def may_look_into(scope: FigureScope) -> bool:
    """Whether the user may open and filter the rows: their districts would tell an author who is registered."""
    user_scope = scope_of(scope.user)
    return scope.user is None or user_scope.sees_all or user_scope.is_district


def count_excluded(figure: FigureDefinition, scope: FigureScope) -> UnconfirmedRows | None:
    """What decisions about cases of the integrity check take out of a figure; None if nothing."""
    return next(iter(count_unconfirmed(figure, scope, ("excluded",))), None)


def count_unconfirmed(
    figure: FigureDefinition, scope: FigureScope, states: Collection[str] = tuple(STATES)
) -> list[UnconfirmedRows]:
    """Those of the states that have rows, with their number and sum."""
    if scope.filters and not may_look_into(scope):
        return []
    figures = {state: unconfirmed_figure(figure, state) for state in figure.unconfirmed if state in states}
    queries = {state: FigureQuery(other, scope, with_parts=False) for state, other in figures.items()}
    results = FigureResults(queries.values())
    counted = {state: results.count(query).totals for state, query in queries.items()}
    return [
        UnconfirmedRows(state, totals.rows, totals.total if figure.amount_field else None)
        for state, totals in counted.items()
        if totals.rows
    ]
