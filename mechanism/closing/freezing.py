"""Writes the contents of a version: values of all figures and splits, and the counted rows with their fingerprints.

The rows are those of the year up to the end of the month; month and quarter are told from them by their day. They are
selected, described and hashed in one SQL statement for each set of rows.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from deals.models.figure_effect import is_assuming
from mechanism.closing.spans import spans_of
from mechanism.kpi.compiled_statements import CompiledStatements, noted_reads
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.kept_totals import Statement
from mechanism.kpi.period import Period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.totals import SplitLine, Totals, rate_rule_text
from mechanism.kpi.unconfirmed import STATES, unconfirmed_figure
from mechanism.models import FigureVersion, FrozenFigure, FrozenRow, RateRule

UNCONFIRMED = "unconfirmed"
"""`FrozenFigure.by` of what a figure leaves out until the parties have confirmed."""
FINGERPRINT = "encode(sha256(convert_to(row_set || ' ' || object_id || ' ' || facts::text, 'UTF8')), 'hex')"
BATCH = 2000


@dataclass(frozen=True)
class RowSet:
    """Figures that count the same rows. `name` is the key of the first one, whose rows are read."""

    name: str
    figures: tuple[FigureDefinition, ...]

    @property
    def lead(self) -> FigureDefinition:
        return FIGURES[self.name]

    def current_rows(self, period: Period) -> tuple[str, tuple] | None:
        """SQL and parameters of (object_id, facts); None if Django knows without a query that there are no rows."""
        return _compiled_once(self, period, lambda: self._compile(period))

    def _compile(self, period: Period) -> tuple[str, tuple] | None:
        rows = FigureScope(period).rows(self.lead).order_by()
        facts = fact_expressions(self.figures)
        aliases = {f"frozen_{number}": expression for number, expression in enumerate(facts.values())}
        source = rows.annotate(frozen_id=F("pk"), **aliases).values_list("frozen_id", *aliases)
        try:
            base, params = source.query.sql_with_params()
        except EmptyResultSet:
            return None
        pairs = ", ".join(f"%s::text, {alias}" for alias in aliases)
        # All names are generated here; the keys of the facts and the values are passed as parameters.
        statement = f"SELECT frozen_id AS object_id, jsonb_build_object({pairs}) AS facts FROM ({base}) AS base"  # noqa: S608
        return statement, (*facts, *params)


_compiled_before: CompiledStatements[tuple[Any]] = CompiledStatements(256)  # of four or five months


def _compiled_once[Result](what: Hashable, period: Period, make: Callable[[], Result]) -> Result:
    """What `make` returns, taken from an earlier call of the same day. `what`: the definitions on which it depends."""
    if is_assuming():
        return make()
    key = timezone.localdate(), period, what
    if before := _compiled_before.get(key):
        return before[0]
    with noted_reads() as reads:
        made = make()
    if not reads and not (isinstance(made, tuple) and Statement(*made).names_a_moment):
        _compiled_before.remember(key, (made,))
    return made


def fact_expressions(figures: Iterable[FigureDefinition]) -> dict[str, Any]:
    """{name of the fact: expression}: what is summed, split and compared with the period.

    Without the parts that follow payments: each payment would look like a correction of the contract.
    """
    facts: dict[str, Any] = {}
    for figure in figures:
        day: Any = F(figure.date_field)
        facts["day"] = TruncDate(figure.date_field) if figure.is_datetime else day
        if figure.amount_field:
            facts[figure.amount_field] = F(figure.amount_field)
        for dimension in figure.dimensions:
            facts[dimension] = figure.dimension_expression(dimension)
        if figure.numerator is not None:
            facts["numerator"] = _boolean(figure.numerator)
        for part in figure.parts:
            if part.condition is not None and not part.follows_payments:
                facts[f"part {part.key}"] = _boolean(part.condition)
    return facts


def _boolean(condition: Any) -> Any:
    return ExpressionWrapper(condition, output_field=BooleanField()) if isinstance(condition, Q) else condition


def row_sets(period: Period) -> list[RowSet]:
    """All figures, grouped by the rows that they count."""
    return _compiled_once(tuple(FIGURES.values()), period, lambda: _row_sets(period))


def _row_sets(period: Period) -> list[RowSet]:
    groups: dict[str, list[FigureDefinition]] = {}
    for figure in FIGURES.values():
        groups.setdefault(_statement(figure, FigureScope(period).rows(figure)), []).append(figure)
    return [RowSet(figures[0].key, tuple(figures)) for figures in groups.values()]


def row_sets_of(version: FigureVersion) -> list[RowSet]:
    """The sets of a version, as far as their figures still exist."""
    return [
        RowSet(name, tuple(FIGURES[key] for key in stored["figures"] if key in FIGURES))
        for name, stored in version.row_sets.items()
        if name in FIGURES
    ]


def _statement(figure: FigureDefinition, rows: QuerySet) -> str:
    try:
        statement = repr((rows.order_by().values("pk").query.sql_with_params(), sorted(rows.query.annotations)))
    except EmptyResultSet:
        return f"no rows of {figure.key}"
    return f"{figure.model._meta.label} {statement} {figure.date_field}"


def figure_definitions(period: Period) -> dict[str, dict]:
    """{figure: label, formula, unit, version of the definition and since when, rule of a rate}."""
    rule = rate_rule_text(RateRule.objects.in_force(period.as_of))
    return {
        figure.key: {
            "label": str(figure.label),
            "formula": str(figure.formula),
            "unit": str(figure.unit.label),
            "version": figure.version,
            "since": figure.since.isoformat(),
        }
        | ({"rule": rule} if figure.is_rate else {})
        for figure in FIGURES.values()
    }


# --- Values ----------------------------------------------------------------------------------------------------------
def freeze_values(version: FigureVersion, month: Period) -> None:
    """Store every figure and split of each span."""
    spans = spans_of(month)
    existing = [figure for figure in FIGURES.values() if figure.is_snapshot]
    happened = [figure for figure in FIGURES.values() if not figure.is_snapshot]
    # The year contains the other spans: what it does not leave out, they do not either.
    lines = list(_values_of(version, FrozenFigure.Span.YEAR, spans[FrozenFigure.Span.YEAR], happened))
    left_out = {(line.figure, line.name) for line in lines if line.by == UNCONFIRMED}
    for span, period in spans.items():
        if span != FrozenFigure.Span.YEAR:
            lines += _values_of(version, span, period, happened, left_out)
    for line in _values_of(version, FrozenFigure.Span.YEAR, spans[FrozenFigure.Span.YEAR], existing):
        # All spans end on one day, and what exists on it does not depend on when they begin.
        lines += [_in_span(line, span) for span in spans]
    FrozenFigure.objects.bulk_create(lines, batch_size=BATCH)


def _in_span(line: FrozenFigure, span: str) -> FrozenFigure:
    values = {field.attname: getattr(line, field.attname) for field in FrozenFigure._meta.concrete_fields}
    return FrozenFigure(**values | {"span": span})


def _values_of(
    version: FigureVersion,
    span: str,
    period: Period,
    figures: list[FigureDefinition],
    states: Collection[tuple[str, str]] | None = None,
) -> Iterator[FrozenFigure]:
    """`states`: the (figure, state) that may have rows which are left out; None for all."""
    scope = FigureScope(period)
    whole = [FigureQuery(figure, scope) for figure in figures]
    splits = [FigureQuery(figure, scope, by) for figure in figures for by in _splits_of(figure, span)]
    left_out = {
        FigureQuery(unconfirmed_figure(figure, state), scope, with_parts=False): (figure, state)
        for figure in figures
        for state in figure.unconfirmed
        if states is None or (figure.key, state) in states
    }
    results = FigureResults([*whole, *splits, *left_out], may_be_kept=False)
    for query in whole:
        counted = results.count(query)
        yield _frozen(version, span, counted.figure, counted.totals, counted.value)
    for query in splits:
        lines = [line for line in results.split(query) if not _is_later(line, period)]
        yield from (_frozen_line(version, span, query, line) for line in lines)
    for query, (figure, state) in left_out.items():
        totals = results.count(query).totals
        if totals.rows:
            value = totals.total if figure.amount_field else totals.rows
            yield _frozen(version, span, figure, totals, value, by=UNCONFIRMED, name=state, label=STATES[state])


def _splits_of(figure: FigureDefinition, span: str) -> list[str]:
    """Its dimensions, and the months of the year. What exists at the end of a month is in the version of that month."""
    by_time = ["month"] if span == FrozenFigure.Span.YEAR and not figure.is_snapshot else []
    return [*figure.dimensions, *by_time]


def _is_later(line: SplitLine, period: Period) -> bool:
    """Whether a line by time is of a month after the version."""
    return isinstance(line.key, Period) and line.key.first > period.last


def _frozen_line(version: FigureVersion, span: str, query: FigureQuery, line: SplitLine) -> FrozenFigure:
    return _frozen(version, span, query.figure, line.totals, line.value, by=query.by, name=line.name, label=line.label)


def _frozen(
    version: FigureVersion,
    span: str,
    figure: FigureDefinition,
    totals: Totals,
    value: Decimal | int | None,
    *,
    by: str = "",
    name: str = "",
    label: str = "",
) -> FrozenFigure:
    return FrozenFigure(
        version=version,
        span=span,
        figure=figure.key,
        by=by,
        name=name,
        label=label[:200],
        value=value,
        rows=totals.rows,
        total=totals.total,
        part_rows=totals.part_rows,
        part=totals.part,
        parts={key: [part.rows, str(part.total)] for key, part in totals.parts.items()},
    )


# --- Rows ------------------------------------------------------------------------------------------------------------
def freeze_rows(version: FigureVersion, period: Period) -> dict[str, dict]:
    """Store the counted rows of the year up to the month. Returns `row_sets` of the version."""
    sets = row_sets(period)
    for row_set in sets:
        if current := row_set.current_rows(period):
            statement, params = current
            with connection.cursor() as cursor:
                cursor.execute(
                    f"INSERT INTO {FrozenRow._meta.db_table} (version_id, row_set, object_id, facts, fingerprint)"  # noqa: S608
                    f" SELECT %s, row_set, object_id, facts, {FINGERPRINT}"
                    f" FROM (SELECT %s::text AS row_set, current.* FROM ({statement}) AS current) AS counted",
                    (version.pk, row_set.name, *params),
                )
    return {
        row_set.name: {
            "model": row_set.lead.model._meta.label_lower,
            "figures": [figure.key for figure in row_set.figures],
        }
        for row_set in sets
    }


def check_values_against_rows(version: FigureVersion) -> None:
    """Number and sum of the frozen rows are those of the frozen values, computed another way.

    Raises ValidationError if they differ: somebody edited a counted record between the two.
    """
    values = {row.figure: row for row in version.figures.filter(span=FrozenFigure.Span.YEAR, by="")}
    for row_set in row_sets_of(version):
        amounts = [figure.amount_field for figure in row_set.figures if figure.amount_field]
        columns = "".join(", coalesce(sum((facts->>%s)::numeric), 0)" for _amount in amounts)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*){columns} FROM {FrozenRow._meta.db_table} WHERE version_id = %s AND row_set = %s",  # noqa: S608
                (*amounts, version.pk, row_set.name),
            )
            number, *sums = cursor.fetchone()
        by_amount = dict(zip(amounts, sums, strict=True))
        for figure in row_set.figures:
            value = values[figure.key]
            if value.rows != number or value.total != by_amount.get(figure.amount_field, 0):
                raise ValidationError("核对的同时有记录被修改，数对不上。请稍后再核对一次。")
