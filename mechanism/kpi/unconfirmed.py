"""What a figure leaves out, shown apart: not confirmed by a named party, disputed, not checked, of unknown place, or
taken out by a decision of the integrity check."""

from collections.abc import Collection, Iterable
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
    return count_all_unconfirmed([figure], scope, states)[figure.key]


def count_all_unconfirmed(
    figures: Iterable[FigureDefinition], scope: FigureScope, states: Collection[str] = tuple(STATES)
) -> dict[str, list[UnconfirmedRows]]:
    """{key of a figure: those of its states that have rows}, counted together."""
    by_key = {figure.key: figure for figure in figures}
    left_out: dict[str, list[UnconfirmedRows]] = {key: [] for key in by_key}
    if scope.filters and not may_look_into(scope):
        return left_out
    queries = {
        (key, state): FigureQuery(unconfirmed_figure(figure, state), scope, with_parts=False)
        for key, figure in by_key.items()
        for state in figure.unconfirmed
        if state in states
    }
    results = FigureResults(queries.values())
    for (key, state), query in queries.items():
        if (totals := results.count(query).totals).rows:
            amount = totals.total if by_key[key].amount_field else None
            left_out[key].append(UnconfirmedRows(state, totals.rows, amount))
    return left_out
