"""The figures of a round as JSON: totals, by district, industry and institution, and those of earlier rounds."""

from collections.abc import Container
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.utils.timezone import localdate

from rounds.models import DockingRound
from rounds.report.figures import FIGURES, GROUPINGS, RECORD_KINDS

EARLIER_ROUNDS = 3
"""Number of earlier rounds shown for comparison."""


def count_figures(docking_round: DockingRound) -> dict:
    """Return {"totals": {figure: number}, "by": {grouping: [{"key", "name", figure: number…}]}, "earlier": […]}.

    Sums are texts with two decimals. The number of queries does not depend on the round.
    """
    earlier = DockingRound.objects.filter(starts_at__lt=docking_round.starts_at).exclude(pk=docking_round.pk)
    unheld = [DockingRound.Status.PREPARING, DockingRound.Status.CANCELLED]
    shown = earlier.exclude(status__in=unheld).order_by("-starts_at", "-pk")[:EARLIER_ROUNDS]
    rounds = [docking_round, *shown]
    totals = {row.pk: {name: _as_json(0, name) for name in FIGURES} for row in rounds}
    lines: dict[str, dict[str, dict]] = {by: {} for by in GROUPINGS}
    for kind in RECORD_KINDS:
        for counted in _count(kind, list(totals)):
            figures = {name: _as_json(value, name) for name, value in counted.figures.items()}
            if not counted.by:
                totals[counted.at] |= figures
            elif counted.at == docking_round.pk:
                key = "" if counted.group is None else str(counted.group)
                line = lines[counted.by].setdefault(key, {"key": key, "name": counted.group_name or ""})
                line.update(figures)
    return {
        "totals": totals[docking_round.pk],
        "by": {by: _full_lines(by, list(lines[by].values())) for by in GROUPINGS},
        "earlier": [
            {"name": row.name, "on": localdate(row.starts_at).isoformat(), "totals": totals[row.pk]}
            for row in rounds[1:]
        ],
    }


@dataclass(frozen=True, slots=True)
class CountedFigures:
    """Figures of one kind of record: of a round as a whole (`by` is empty), or of a group of it."""

    at: int
    by: str
    group: int | None
    group_name: str | None
    figures: dict[str, Any]


def _count(kind_name: str, rounds: list[int]) -> list[CountedFigures]:
    """The figures of a kind for each round and each of its groups, in one statement.

    What the figures ask of a row is computed once for each row in the inner query (`_Conditions`); OFFSET 0 keeps
    PostgreSQL from merging the two. As aggregates of a queryset each figure would repeat the subqueries that it asks
    about.
    """
    kind = RECORD_KINDS[kind_name]
    figures = {name: figure for name, figure in FIGURES.items() if figure.kind == kind_name}
    amounts = sorted({figure.money for figure in figures.values() if figure.money})
    counted = sorted({figure.counted for figure in figures.values()})
    columns: dict[str, Any] = {"report_at": F(kind.of_round)}
    for by, (path, name) in kind.groups.items():
        columns |= {f"report_{by}": F(path), f"report_{by}_name": F(name)}
    columns |= {f"report_amount_{number}": F(amount) for number, amount in enumerate(amounts)}
    columns |= {f"report_counted_{number}": F(field) for number, field in enumerate(counted)}
    rows = kind.all_of().filter(**{f"{kind.of_round}__in": rounds}).order_by()
    conditions = _Conditions(rows.query.annotations)
    wanted = {name: conditions.sql(figure.wanted) for name, figure in figures.items()}
    columns |= conditions.columns
    base, params = rows.annotate(**columns).values_list(*columns).query.sql_with_params()
    aggregates = [
        f"coalesce(sum(report_amount_{amounts.index(figure.money)}) FILTER (WHERE {wanted[name]}), 0)"
        if figure.money
        else f"count(DISTINCT report_counted_{counted.index(figure.counted)}) FILTER (WHERE {wanted[name]})"
        for name, figure in figures.items()
    ]
    groupings = [f"report_{by}" for by in kind.groups]
    keys = ["report_at", *(column for by in groupings for column in (by, f"{by}_name"))]
    sets = ", ".join(["(report_at)", *(f"(report_at, {by}, {by}_name)" for by in groupings)])
    mask = f"grouping({', '.join(groupings)})" if groupings else "0"
    # All names are generated here; the values are passed as parameters.
    columns_read = ", ".join([mask, *keys, *aggregates])
    statement = f"SELECT {columns_read} FROM ({base} OFFSET 0) AS base GROUP BY GROUPING SETS ({sets})"  # noqa: S608
    with connections[rows.db].cursor() as cursor:
        cursor.execute(statement, [*conditions.params, *params])
        return [_counted(row, list(kind.groups), list(figures)) for row in cursor.fetchall()]


class _Conditions:
    """SQL of conditions on the columns of an inner query.

    Of what a condition asks, each annotation of the rows is a column once, however many values it is compared with,
    and so is each other question. A negation is one question: what it means for empty columns is left to Django.

    Django's own expressions do not say this. They resolve a name to the expression it stands for, so that as conditions
    of the outer aggregates, or as one boolean column for each figure, they repeat the subquery of an annotation (the
    verdict of a meeting, its fate) for each value it is compared with: twice the time. An aggregate over a queryset
    that is a subquery of its own (`aggregate()` after a slice) would read the columns, but knows no GROUP BY.
    """

    def __init__(self, annotations: Container[str]) -> None:
        self.columns: dict[str, Any] = {}
        self.params: list[Any] = []
        """In the order in which the conditions ask for them, which is that of the statement."""
        self._annotations = annotations
        self._names: dict[object, str] = {}

    def sql(self, condition: Q) -> str:
        if condition.negated:
            return self._column(condition, ExpressionWrapper(condition, output_field=BooleanField()))
        children: list[Any] = condition.children  # conditions, and pairs of a lookup and its value
        parts = [self.sql(child) if isinstance(child, Q) else self._leaf(*child) for child in children]
        return f"({f' {condition.connector} '.join(parts)})" if parts else "true"

    def _leaf(self, lookup: str, value: object) -> str:
        if lookup not in self._annotations:
            leaf = Q((lookup, value))
            return self._column(leaf, ExpressionWrapper(leaf, output_field=BooleanField()))
        self.params.append(str(value) if isinstance(value, str) else value)
        return f"{self._column(lookup, F(lookup))} = %s"

    def _column(self, question: object, expression: Any) -> str:
        name = self._names.setdefault(question, f"report_asked_{len(self._names)}")
        self.columns[name] = expression
        return name


def _counted(row: tuple, groupings: list[str], figures: list[str]) -> CountedFigures:
    """grouping() sets a bit for each column that is not in the grouping set; the first column has the highest bit."""
    mask, at, *rest = row
    grouped = {2 ** len(groupings) - 1 - 2 ** (len(groupings) - 1 - place): place for place in range(len(groupings))}
    place = grouped.get(mask) if groupings else None
    values = dict(zip(figures, rest[2 * len(groupings) :], strict=True))
    if place is None:
        return CountedFigures(at, "", None, None, values)
    return CountedFigures(at, groupings[place], rest[2 * place], rest[2 * place + 1], values)


def _full_lines(by: str, lines: list[dict]) -> list[dict]:
    """The groups with a figure other than zero, by descending number of held meetings."""
    for line in lines:
        for figure in figures_by(by):
            line.setdefault(figure, _as_json(0, figure))
    full = [line for line in lines if any(Decimal(line[figure]) for figure in figures_by(by))]
    return sorted(full, key=lambda line: (-line["held"], not line["name"], line["name"]))


def figures_by(by: str) -> list[str]:
    """Return the figures that this grouping can split."""
    return [name for name, figure in FIGURES.items() if by in RECORD_KINDS[figure.kind].groups]


def _as_json(value, figure: str):
    return f"{Decimal(value):.2f}" if FIGURES[figure].money else int(value)


def differences(before: dict, now: dict) -> list[str]:
    """Return which figures changed, as text; empty if none did."""
    texts = [
        f"{FIGURES[name].label} {number_text(before['totals'][name], name)} → {number_text(number, name)}"
        for name, number in sorted(now["totals"].items(), key=lambda pair: list(FIGURES).index(pair[0]))
        if name in before["totals"] and before["totals"][name] != number
    ]
    texts += [f"{label}分项" for by, label in GROUPINGS.items() if _differ(before["by"].get(by, []), now["by"][by])]
    earlier = ([line["totals"] | {"name": line["name"]} for line in figures["earlier"]] for figures in (before, now))
    return [*texts, *(["往场数字"] if _differ(*earlier) else [])]


def _differ(before: list[dict], now: list[dict]) -> bool:
    """Whether lines differ in a figure that both have: one that was defined later has no value to differ from."""
    if len(before) != len(now):
        return True
    lines = [{line.get("key", line["name"]): line for line in side} for side in (before, now)]
    return lines[0].keys() != lines[1].keys() or any(
        line[name] != lines[1][key][name] for key, line in lines[0].items() for name in line.keys() & lines[1][key]
    )


def number_text(value, figure: str) -> str:
    """Format a number: thousands separators, sums without trailing zeros."""
    if not FIGURES[figure].money:
        return f"{int(value):,}"
    return f"{Decimal(value):,.2f}".rstrip("0").rstrip(".")
