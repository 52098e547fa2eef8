"""How today's rows and values differ from a version: which rows came, went or changed, from what to what."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

from audit.models import AuditRecord
from mechanism.closing.freezing import RowSet, figure_definitions, row_sets_of
from mechanism.closing.spans import spans_of
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.definitions import DIMENSIONS, FigureDefinition
from mechanism.kpi.formatting import format_number, format_value
from mechanism.kpi.period import Period, parse_period
from mechanism.kpi.query_scope import LOOKUPS, FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.models import FigureVersion, FrozenFigure, FrozenRow, Restatement

Kind = Restatement.Kind
MAX_DIFFERENCES = 5000
"""No more are read: who has to explain more has another problem."""


@dataclass(frozen=True)
class RowDifference:
    """One counted row of a set that came, went or changed. The facts are those of `freezing.fact_expressions`."""

    row_set: str
    model: str
    object_id: int
    before: dict | None
    after: dict | None

    @property
    def kind(self) -> Restatement.Kind:
        if self.before is None:
            return Kind.CAME
        return Kind.WENT if self.after is None else Kind.CHANGED

    @property
    def figure(self) -> FigureDefinition:
        return FIGURES[self.row_set]

    @property
    def effect(self) -> Decimal:
        """On the figure of the set: 万元 for amounts, otherwise rows."""
        return _contribution(self.figure, self.after) - _contribution(self.figure, self.before)


@dataclass(frozen=True)
class RecordDifference:
    """All differences of one record. `key` names it in a form: deals.contract-12."""

    model: str
    object_id: int
    changes: tuple[RowDifference, ...]

    @property
    def key(self) -> str:
        return f"{self.model}-{self.object_id}"


@dataclass(frozen=True)
class ValueDifference:
    """A figure of a version that has another value now. Values in the unit of the figure."""

    figure: FigureDefinition
    signed: Decimal | None
    now: Decimal | int | None

    @property
    def difference(self) -> Decimal | None:
        return None if self.signed is None or self.now is None else Decimal(self.now) - self.signed

    @property
    def signed_text(self) -> str:
        return format_value(as_counted(self.figure, self.signed), self.figure)

    @property
    def now_text(self) -> str:
        return format_value(self.now, self.figure)

    @property
    def difference_text(self) -> str:
        if self.difference is None:
            return "—"
        sign = "+" if self.difference > 0 else "−" if self.difference < 0 else ""
        return f"{sign}{format_number(abs(self.difference).normalize() + 0)}"


@dataclass(frozen=True)
class Differences:
    """Everything by which today differs from a version. `definitions`: labels of figures that count otherwise now."""

    records: tuple[RecordDifference, ...] = ()
    values: tuple[ValueDifference, ...] = ()
    definitions: tuple[str, ...] = ()
    is_complete: bool = True

    def __bool__(self) -> bool:
        return bool(self.records or self.values or self.definitions)

    @property
    def digest(self) -> str:
        """Changes with every difference, so that a form can tell that it was written about these."""
        rows = [
            [change.row_set, change.object_id, change.before, change.after]
            for record in self.records
            for change in record.changes
        ]
        values = [[value.figure.key, str(value.signed), str(value.now)] for value in self.values]
        text = json.dumps([rows, values, self.definitions], sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def find_differences(version: FigureVersion) -> Differences:
    """Compare the rows, values and definitions of a version with those of now."""
    year = spans_of(parse_period(version.period))[FrozenFigure.Span.YEAR]
    records, is_complete = record_differences(version)
    now = figure_definitions(year)
    definitions = [
        now.get(key, stored)["label"] for key, stored in version.definitions.items() if now.get(key) != stored
    ]
    return Differences(tuple(records), tuple(value_differences(version, year)), tuple(definitions), is_complete)


def record_differences(version: FigureVersion) -> tuple[list[RecordDifference], bool]:
    """(records that came, went or changed; whether these are all)."""
    year = spans_of(parse_period(version.period))[FrozenFigure.Span.YEAR]
    rows = [row for row_set in row_sets_of(version) for row in row_differences(version, row_set, year)]
    by_record: dict[tuple[str, int], list[RowDifference]] = defaultdict(list)
    for row in rows[:MAX_DIFFERENCES]:
        by_record[row.model, row.object_id].append(row)
    records = [RecordDifference(*key, tuple(changes)) for key, changes in by_record.items()]
    return records, len(rows) <= MAX_DIFFERENCES


def row_differences(version: FigureVersion, row_set: RowSet, period: Period) -> list[RowDifference]:
    """In one SQL statement. A fact that the version does not know, such as a new dimension, is no difference."""
    current = row_set.current_rows(period)
    frozen = f"SELECT object_id, facts FROM {FrozenRow._meta.db_table} WHERE version_id = %s AND row_set = %s"  # noqa: S608
    statement, params = current or ("SELECT NULL::bigint AS object_id, NULL::jsonb AS facts WHERE false", ())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(frozen.object_id, current.object_id), frozen.facts, current.facts"  # noqa: S608
            f" FROM ({frozen}) AS frozen FULL JOIN ({statement}) AS current USING (object_id)"
            " WHERE frozen.facts IS NULL OR current.facts IS NULL OR NOT current.facts @> frozen.facts"
            f" ORDER BY 1 LIMIT {MAX_DIFFERENCES + 1}",
            (version.pk, row_set.name, *params),
        )
        rows = cursor.fetchall()
    model = row_set.lead.model._meta.label_lower
    return [RowDifference(row_set.name, model, pk, _loaded(before), _loaded(after)) for pk, before, after in rows]


def _loaded(facts: str | dict | None) -> dict | None:
    """Django's cursors return JSON as text. Amounts stay texts, because they are exact."""
    return json.loads(facts, parse_float=str) if isinstance(facts, str) else facts


def value_differences(version: FigureVersion, period: Period) -> list[ValueDifference]:
    """Figures of the whole city, from January to the end of the month, whose value is another one now."""
    stored = version.figures.filter(span=FrozenFigure.Span.YEAR, by="", figure__in=FIGURES)
    scope = FigureScope(period)
    queries = {row.figure: FigureQuery(FIGURES[row.figure], scope) for row in stored}
    results = FigureResults(queries.values())
    differences = [
        ValueDifference(FIGURES[row.figure], row.value, results.count(queries[row.figure]).value) for row in stored
    ]
    return [value for value in differences if value.signed != value.now]


def as_counted(figure: FigureDefinition, value: Decimal | None) -> Decimal | int | None:
    """A stored value as the engine returns it: counts are integers, amounts and rates have the places of the unit."""
    if value is None:
        return None
    if figure.is_money or figure.is_rate:
        return value.quantize(Decimal(1).scaleb(-figure.unit.places))
    return int(value)


def _contribution(figure: FigureDefinition, facts: dict | None) -> Decimal:
    if facts is None:
        return Decimal(0)
    return Decimal(str(facts.get(figure.amount_field) or 0)) if figure.amount_field else Decimal(1)


# --- For people ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class DescribedDifference:
    """A record with its differences as sentences. `edits`: the latest audit records of it since the version."""

    record: RecordDifference
    title: str
    note: str
    lines: list[tuple[str, str]]
    edits: list[AuditRecord] = field(default_factory=list)


def describe_differences(records: Iterable[RecordDifference], since: Any = None) -> list[DescribedDifference]:
    """Titles, sentences and the edits since a moment. The number of SQL queries does not depend on the records."""
    records = list(records)
    objects = _objects(records)
    names = _dimension_names(records)
    edits = _edits(records, since) if since else {}
    described = []
    for record in records:
        row = objects.get((record.model, record.object_id))
        title = str(row) if row else f"{record.model} {record.object_id}"
        lines = [(change.figure.label, _sentence(change, names)) for change in record.changes]
        note = getattr(row, "number", "") or getattr(row, "registry_number", "") or ""
        described.append(DescribedDifference(record, title, str(note), lines, edits.get(record.key, [])))
    return described


def _objects(records: list[RecordDifference]) -> dict[tuple[str, int], Model]:
    by_model: dict[str, list[int]] = defaultdict(list)
    for record in records:
        by_model[record.model].append(record.object_id)
    return {
        (label, pk): row
        for label, pks in by_model.items()
        for pk, row in apps.get_model(label)._base_manager.in_bulk(pks).items()
    }


def _edits(records: list[RecordDifference], since: Any) -> dict[str, list[AuditRecord]]:
    edits: dict[str, list[AuditRecord]] = defaultdict(list)
    keys = {(record.model, str(record.object_id)): record.key for record in records}
    entries = AuditRecord.objects.filter(
        object_type__in={model for model, _pk in keys}, object_id__in={pk for _model, pk in keys}, at__gt=since
    ).order_by("-at", "-pk")
    for entry in entries[: 3 * MAX_DIFFERENCES]:
        key = keys.get((entry.object_type, entry.object_id))
        if key and len(edits[key]) < 3:
            edits[key].append(entry)
    return edits


def _dimension_names(records: list[RecordDifference]) -> dict[tuple[str, int], str]:
    """{(dimension, pk): name} of the values in the facts."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for record in records:
        for change in record.changes:
            for facts in (change.before, change.after):
                for name in LOOKUPS:
                    if facts and isinstance(facts.get(name), int):
                        wanted[name].add(facts[name])
    return {
        (name, pk): str(row)
        for name, pks in wanted.items()
        for pk, row in LOOKUPS[name][0]._base_manager.in_bulk(pks).items()
    }


def _sentence(change: RowDifference, names: dict[tuple[str, int], str]) -> str:
    """For example: 合同成交额（万元） 300.00 → 200.00；区市县 金普新区 → 未填统计归口."""
    if change.kind != Kind.CHANGED:
        facts = change.after or change.before or {}
        amount = facts.get(change.figure.amount_field) if change.figure.amount_field else None
        sum_text = f"，{format_number(Decimal(str(amount)))} 万元" if amount is not None else ""
        return f"{change.kind.label}（{facts.get('day') or '没有日期'}{sum_text}）"
    before, after = change.before or {}, change.after or {}
    changed = [name for name, value in before.items() if after.get(name) != value]
    return "；".join(
        f"{fact_label(change.figure, name)} {_fact(change.figure, name, before[name], names)} → "
        f"{_fact(change.figure, name, after.get(name), names)}"
        for name in changed
    )


def fact_label(figure: FigureDefinition, name: str) -> str:
    if name == "day":
        return "日期"
    if name in DIMENSIONS:
        return DIMENSIONS[name].label
    if name == "numerator":
        return "计入分子"
    if name.startswith("part "):
        return next((str(part.label) for part in figure.parts if f"part {part.key}" == name), name)
    fields = {row.name: row for row in figure.model._meta.get_fields()}
    field = fields.get(name.replace("_then_wan", "_wan"))  # the size of a fund then is that of its field
    return str(getattr(field, "verbose_name", name))


def _fact(figure: FigureDefinition, name: str, value: Any, names: dict[tuple[str, int], str]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None or value == "":
        return DIMENSIONS[name].unknown if name in DIMENSIONS else "没有填"
    if name == "kind":
        return str(figure.kind_labels.get(value, value))
    return names.get((name, value), str(value)) if isinstance(value, int) else str(value)
