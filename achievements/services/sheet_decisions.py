"""Decisions on the findings of a sheet: for a whole group or a single cell; headers by hand; what is remembered."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from achievements.intake.engine import CellOutcome
from achievements.intake.headers import key_of
from achievements.intake.readers import READERS
from achievements.intake.reading import CellContext, Reading, Status
from achievements.models import LearnedSpelling, SheetFinding, SheetImport, SheetImportRow
from achievements.services.intake import teaching_organisation
from achievements.services.sheet_changes import fields_of_change
from achievements.services.sheet_imports import (
    BATCH_SIZE,
    begin_reading,
    cell_finding,
    missing_finding,
    settle_rows,
)
from achievements.sheet_columns import achievement_columns
from achievements.sheet_context import sheet_context
from achievements.stored_values import to_json
from audit.services import record
from sheets.cells import CellProblem, fold
from sheets.columns import Column

Kind, State = SheetFinding.Kind, SheetImportRow.State
ACCEPT, KEEP, EMPTY, LEAVE = "accept", "keep", "empty", "leave"
"""Take the value; keep the registry's value; leave the cell empty; do not import the row."""
WORDS = frozenset({Kind.PROPOSED, Kind.ASKED})


@transaction.atomic
def decide(
    sheet_import: SheetImport, findings: Iterable[int], action: str, *, by: User, option: int | None = None
) -> int:
    """Decide open findings of this sheet. Returns how many. option: place in `options` of the value to take.

    Raises ValidationError for an action that the findings do not have.
    """
    locked = _locked(sheet_import)
    chosen = list(locked.findings.filter(pk__in=list(findings), is_open=True).select_related("row"))
    rows: dict[int, SheetImportRow] = {}
    for finding in chosen:  # one object per row, whatever number of findings it has
        finding.row = rows.setdefault(finding.row_id, finding.row)
    columns = achievement_columns()
    required = {column.key for column in columns if column.required}
    count = 0
    for batch in batched(chosen, BATCH_SIZE):
        for finding in batch:
            _decide_one(finding, action, option, required)
        SheetFinding.objects.bulk_update(batch, ["is_open"])
        _settle(locked, list({finding.row_id: finding.row for finding in batch}.values()), columns)
        count += len(batch)
        if action == ACCEPT:
            _learn_cells(batch, option, by)
    if count:
        record("导入表格：商量", sheet_import.source_file, by=by, changes={action: [None, count]})
    return count


def decide_group(sheet_import: SheetImport, group: str, action: str, *, by: User, option: int | None = None) -> int:
    """Decide all open findings of a group."""
    keys = sheet_import.findings.filter(group=group, is_open=True).values_list("pk", flat=True)
    return decide(sheet_import, keys, action, by=by, option=option)


def accept_all_proposals(sheet_import: SheetImport, *, by: User) -> int:
    """Take every proposed value. What is asked stays open."""
    keys = sheet_import.findings.filter(kind=Kind.PROPOSED, is_open=True).values_list("pk", flat=True)
    return decide(sheet_import, keys, ACCEPT, by=by)


def _decide_one(finding: SheetFinding, action: str, option: int | None, required: set[str]) -> None:
    row = finding.row
    if action == LEAVE:
        row.state = State.LEFT
    elif finding.kind == Kind.CHANGED and action in {ACCEPT, KEEP}:
        if action == KEEP:
            row.kept_fields = sorted({*row.kept_fields, *fields_of_change(finding.key)})
    elif action == EMPTY and finding.key not in required and finding.kind != Kind.CHANGED:
        row.values.pop(finding.key, None)
    elif action == ACCEPT and finding.kind in WORDS and can_accept(finding):
        row.values[finding.key] = _value(finding, option)
        row.values |= {key: value for key, value in finding.extra.items() if key not in row.values}
    else:
        raise ValidationError("这一处不能这样定，请改写单元格，或选择不导入这一行。")
    finding.is_open = False


def can_accept(finding: SheetFinding) -> bool:
    """Whether a value is at hand. Two rows of one name cannot both be kept."""
    return (finding.value is not None and not finding.group.startswith("asked:title:")) or bool(finding.options)


def _value(finding: SheetFinding, option: int | None) -> Any:
    if option is None:
        return finding.value
    if not 0 <= option < len(finding.options):
        raise ValidationError("没有这个选项，请刷新页面。")
    return finding.options[option][0]


def _settle(sheet_import: SheetImport, rows: Sequence[SheetImportRow], columns: Sequence[Column]) -> None:
    """Recompute the states of distinct rows after decisions."""
    SheetFinding.objects.filter(row__in=[row for row in rows if row.state == State.LEFT]).update(is_open=False)
    for row in rows:
        if row.state == State.READY:
            row.state = State.OPEN
        row.title = str(row.values.get("title") or row.title)[:200]
    still_open = SheetFinding.objects.filter(row__in=rows, is_open=True).values_list("row", flat=True)
    settle_rows(sheet_import, rows, columns, set(still_open))


@transaction.atomic
def edit_cells(sheet_import: SheetImport, cells: Mapping[tuple[int, str], str], *, by: User) -> int:
    """Write texts into cells, {(row number, column key): text}, and read them again. Returns how many are understood.

    A text that is understood counts as decided, because a person has typed it; else the finding says what is wrong.
    """
    locked = _locked(sheet_import)
    columns = achievement_columns()
    by_key = {column.key: column for column in columns}
    context = sheet_context(by)
    numbers = {number for number, _key in cells}
    rows = {row.number: row for row in locked.rows.filter(number__in=numbers, state__in=[State.OPEN, State.READY])}
    understood = 0
    for (number, key), text in cells.items():
        row, column = rows.get(number), by_key.get(key)
        if row is None or column is None:
            continue
        reading = _read(column, text[:5000], CellContext(column.parse, column.label, _unit(column), context))
        understood += _write_cell(locked, row, column, text[:5000], reading, columns)
    _settle(locked, list(rows.values()), columns)
    if cells:
        record("导入表格：改单元格", sheet_import.source_file, by=by, changes={"cells": [None, len(cells)]})
    return understood


def _unit(column: Column) -> str:
    return "万元" if column.key in {"price", "funds_needed"} else ""


def _read(column: Column, text: str, context: CellContext) -> Reading | None:
    """None for an empty text."""
    if not text.strip() or (not column.required and text.strip() in column.blank_words):
        return None
    try:
        return READERS[column.key](text, context)
    except CellProblem as problem:
        return Reading(Status.REFUSED, None, str(problem), "refused")
    except (ValueError, ArithmeticError):
        return Reading(Status.REFUSED, None, "没有读懂这一格，请换一种写法", "unreadable")


def _write_cell(
    sheet_import: SheetImport,
    row: SheetImportRow,
    column: Column,
    text: str,
    reading: Reading | None,
    columns: Sequence[Column],
) -> bool:
    key = column.key
    row.cells[key] = text[:500]
    row.findings.filter(key=key).exclude(kind=Kind.CHANGED).delete()
    row.values.pop(key, None)
    if reading is None:
        if column.required:
            missing_finding(sheet_import, row, key).save()
        return not column.required
    if reading.status in {Status.READ, Status.PROPOSED}:
        row.values[key] = to_json(key, reading.value)
        for name, value in reading.extra.items():
            row.values.setdefault(name, to_json(name, value))
        return True
    cell_finding(sheet_import, columns, row, CellOutcome(0, column.label, key, text, reading)).save()
    return False


@transaction.atomic
def fill_missing(sheet_import: SheetImport, key: str, text: str, *, by: User) -> int:
    """Write one text into every row that lacks the column `key`."""
    rows = sheet_import.findings.filter(key=key, kind=Kind.MISSING, is_open=True)
    cells = {(number, key): text for number in rows.values_list("row__number", flat=True)}
    return edit_cells(sheet_import, cells, by=by) if text.strip() else 0


@transaction.atomic
def map_headers(
    sheet_import: SheetImport,
    mapping: Mapping[int, str],
    *,
    by: User,
    sheet_title: str = "",
    constants: Mapping[str, str] | None = None,
) -> None:
    """Say what columns are, read the sheet again, and remember it for the office.

    mapping: {column number: column key, or "" if it is not imported}. constants: {column key: text for all rows}.
    Raises ValidationError for an unknown column, a repeated one or a text that is not understood.
    """
    locked = _locked(sheet_import)
    columns = {column.key: column for column in achievement_columns()}
    if unknown := {key for key in mapping.values() if key and key not in columns}:
        raise ValidationError("没有“%(key)s”这一列。" % {"key": sorted(unknown)[0]})
    keys = [key for key in mapping.values() if key]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise ValidationError("有两列都选了“%(label)s”，请只留一列。" % {"label": columns[twice].label})
    if sheet_title and sheet_title != locked.sheet_title:
        locked.sheet_title, locked.mapping, locked.constants = sheet_title[:100], {}, {}
    else:
        locked.mapping = {**locked.mapping, **{str(at): key for at, key in mapping.items()}}
        locked.constants = {**locked.constants, **_constants(constants or {}, columns, by)}
        _learn_headers(locked, mapping, columns, by)
    locked.save()
    begin_reading(locked, by=by)
    sheet_import.refresh_from_db()
    record("导入表格：对照表头", sheet_import.source_file, by=by, changes={"columns": [None, len(mapping)]})


def _constants(texts: Mapping[str, str], columns: Mapping[str, Column], by: User) -> dict[str, Any]:
    values = {}
    context = sheet_context(by)
    for key, text in texts.items():
        column = columns.get(key)
        if column is None or not text.strip():
            continue
        reading = _read(column, text, CellContext(column.parse, column.label, _unit(column), context))
        if reading is None or reading.value is None or reading.status in {Status.ASKED, Status.REFUSED}:
            message = reading.message if reading else "没有填写"
            raise ValidationError("“%(label)s”：%(message)s" % {"label": column.label, "message": message})
        values[key] = to_json(key, reading.value)
    return values


def _locked(sheet_import: SheetImport) -> SheetImport:
    locked = SheetImport.objects.select_for_update(of=("self",)).select_related("source_file").get(pk=sheet_import.pk)
    if locked.is_running:
        raise ValidationError("表格还在读取或导入，请等它结束后再改。")
    return locked


def _learn_headers(
    sheet_import: SheetImport, mapping: Mapping[int, str], columns: Mapping[str, Column], by: User
) -> None:
    headers = {at: header for at, _letter, header, *_rest in sheet_import.layout.get("columns", ())}
    for at, key in mapping.items():
        if spelling := key_of(headers.get(at, "").rpartition("/")[2]):
            shown = columns[key].label if key else "不导入"
            _learn(by, "", spelling, headers[at], shown, key)


def _learn_cells(findings: Iterable[SheetFinding], option: int | None, by: User) -> None:
    """Remember the words of choices, not amounts, names or texts."""
    columns = achievement_columns()
    learnable = {column.key for column in columns if getattr(column.parse, "options", None)}
    learnable -= {"transfer_ways", "intellectual_property"}
    seen: set[tuple[str, str]] = set()
    for finding in findings:
        spelling = fold(finding.written)
        place = (finding.key, spelling)
        if finding.key in learnable and place not in seen and finding.kind in WORDS and not finding.extra:
            seen.add(place)
            shown = finding.options[option][1] if option is not None else finding.shown
            _learn(by, finding.key, spelling, finding.written, shown, _value(finding, option))


def _learn(by: User, key: str, spelling: str, written: str, shown: str, value: Any) -> None:
    organisation = teaching_organisation(by)
    if organisation is None or not 0 < len(spelling) <= 200:
        return
    LearnedSpelling.objects.update_or_create(
        organisation=organisation,
        key=key,
        spelling=spelling,
        defaults={"written": written[:200], "shown": shown[:200], "value": value, "learned_by": by},
    )


@transaction.atomic
def forget(spelling: LearnedSpelling, *, by: User) -> None:
    """Take a learned spelling back; sheets are asked about it again."""
    record("忘记写法", spelling.organisation, by=by, changes={"spelling": [str(spelling), None]})
    spelling.delete()
