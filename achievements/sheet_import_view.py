"""What the page of a negotiated import shows: the verdict, findings by group, headers, rows in a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from achievements.models import SheetFinding, SheetImport, SheetImportRow
from achievements.services.sheet_changes import change_label
from achievements.services.sheet_decisions import can_accept
from achievements.services.sheet_imports import decoded
from achievements.sheet_columns import achievement_columns
from sheets.checking import CheckedRow

Kind, State = SheetFinding.Kind, SheetImportRow.State
MOST_GROUPS, MOST_NUMBERS, MOST_EXAMPLES = 30, 12, 2
_ORDER = {
    kind.value: place
    for place, kind in enumerate((Kind.PROPOSED, Kind.CHANGED, Kind.ASKED, Kind.MISSING, Kind.REFUSED))
}
_LEFT_OUT = {
    "section": "分节标题",
    "footer": "表尾、合计",
    "example": "示例行",
    "header": "重复的表头",
    "number": "只有序号或备注的行",
}


@dataclass(frozen=True)
class Group:
    """Findings that are decided together. rows: numbers of the first rows.

    examples: (row number, old, new) of further rows, if what they would change is not the same in all.
    """

    name: str
    kind: str
    key: str
    label: str
    count: int
    first: SheetFinding
    rows: list[int]
    same_text: bool
    is_required: bool
    examples: list[tuple[int, str, str]]

    @property
    def can_accept(self) -> bool:
        return self.kind in {Kind.PROPOSED, Kind.ASKED} and can_accept(self.first)

    @property
    def can_leave(self) -> bool:
        """Whether leaving out its rows is offered: rows of others, and rows that stand twice in the sheet."""
        return (self.key == "institution" and self.kind == Kind.REFUSED) or (
            self.key == "title" and not self.can_accept and self.kind != Kind.MISSING
        )

    @property
    def options(self) -> list[tuple[int, str]]:
        return [(place, shown) for place, (_value, shown) in enumerate(self.first.options)] if self.same_text else []


def groups_of(sheet_import: SheetImport) -> tuple[list[Group], int]:
    """The first groups, the certain ones before those that need thought, and how many there are."""
    columns = {column.key: column for column in achievement_columns()}
    open_findings = sheet_import.findings.filter(is_open=True)
    counted = (
        open_findings.order_by()
        .values("group", "kind", "key")
        .annotate(count=Count("pk"), first=Min("pk"), least=Min("written"), most=Max("written"))
    )
    ordered = sorted(counted, key=lambda group: (_ORDER[group["kind"]], -group["count"], group["first"]))
    shown = ordered[:MOST_GROUPS]
    firsts = SheetFinding.objects.in_bulk([group["first"] for group in shown])
    numbers, examples = _members(open_findings, {group["group"]: firsts[group["first"]] for group in shown})
    groups = [
        Group(
            name=group["group"],
            kind=group["kind"],
            key=group["key"],
            label=_label(columns, group["kind"], group["key"]),
            count=group["count"],
            first=firsts[group["first"]],
            rows=numbers[group["group"]],
            same_text=group["least"] == group["most"],
            is_required=group["key"] in columns and columns[group["key"]].required,
            examples=examples[group["group"]],
        )
        for group in shown
    ]
    return groups, len(ordered)


def _members(
    findings: QuerySet[SheetFinding], firsts: dict[str, SheetFinding]
) -> tuple[dict[str, list[int]], dict[str, list[tuple[int, str, str]]]]:
    """The row numbers of the groups, and of changes the rows that differ from the first; the first few of each."""
    numbers: dict[str, list[int]] = {name: [] for name in firsts}
    examples: dict[str, list[tuple[int, str, str]]] = {name: [] for name in firsts}
    members = findings.filter(group__in=firsts).order_by("row__number")
    for name, number, old, new in members.values_list("group", "row__number", "written", "shown"):
        if len(numbers[name]) < MOST_NUMBERS:
            numbers[name].append(number)
        first, others = firsts[name], examples[name]
        if first.kind != Kind.CHANGED or len(others) == MOST_EXAMPLES:
            continue
        if (old, new) not in {(first.written, first.shown), *(example[1:] for example in others)}:
            others.append((number, old, new))
    return numbers, examples


def _label(columns: dict[str, Any], kind: str, key: str) -> str:
    if kind == Kind.CHANGED:
        return change_label(key)
    return columns[key].label if key in columns else key


def counts_of(sheet_import: SheetImport) -> dict[str, int]:
    """{state: number of rows}, and `proposed`: open rows that are ready once all proposals are accepted; `known`:
    written rows of items that were in the registry before.
    """
    states = dict(sheet_import.rows.order_by().values_list("state").annotate(Count("pk")))
    counts = {state.value: states.get(state.value, 0) for state in State}
    blocked = sheet_import.findings.filter(is_open=True).exclude(kind=Kind.PROPOSED).values("row")
    counts["proposed"] = sheet_import.rows.filter(state=State.OPEN).exclude(pk__in=blocked).count()
    counts["to_write"] = counts["written"] + counts["ready"]
    counts["known"] = max(counts["written"] - sheet_import.source_file.created_rows, 0)
    counts["blocked"] = counts["open"] - counts["proposed"]
    counts["proposals"] = sheet_import.findings.filter(is_open=True, kind=Kind.PROPOSED).count()
    counts["findings"] = sheet_import.findings.filter(is_open=True).count()
    return counts


def header_rows(sheet_import: SheetImport) -> dict[str, Any]:
    """The headers of the sheet, those first that somebody should look at, and the choices for them."""
    columns = achievement_columns()
    labels = {column.key: column.label for column in columns}
    open_missing = sheet_import.findings.filter(kind=Kind.MISSING, is_open=True)
    wanted = set(open_missing.order_by().values_list("key", flat=True).distinct())
    headers = [
        {
            "at": at,
            "letter": letter,
            "header": header,
            "key": key,
            "label": labels.get(key or "", "不导入" if key == "" else ""),
            "certain": certain,
            "examples": examples,
            "unit": unit,
        }
        for at, letter, header, key, certain, unit, examples in sheet_import.layout.get("columns", ())
    ]
    return {
        "unsure": [row for row in headers if not row["certain"]],
        "sure": [row for row in headers if row["certain"]],
        "choices": [(column.key, column.label) for column in columns],
        "missing": [(key, labels[key]) for key in sheet_import.layout.get("missing", ()) if key in wanted],
    }


def notices_of(sheet_import: SheetImport) -> list[str]:
    """What was left out, and what other worksheets hold."""
    notices = []
    for kind, name in _LEFT_OUT.items():
        numbers = [number for number, left, _text in sheet_import.layout.get("left_out", ()) if left == kind]
        if numbers:
            shown = "、".join(map(str, numbers[:10])) + (f" 等 {len(numbers)} 行" if len(numbers) > 10 else "")
            notices.append(f"第 {shown} 行是{name}，没有读取")
    for title, rows, is_read in sheet_import.layout.get("sheets", ()):
        if rows and not is_read:
            notices.append(f"工作表“{title}”里还有 {rows} 行没有读取，可在“表头”里换成读取它")
    return notices


def new_rows(sheet_import: SheetImport, most: int) -> list[CheckedRow]:
    """The first rows that may become new achievements, with what is certain of their values."""
    rows = sheet_import.rows.filter(state__in=[State.READY, State.OPEN], achievement=None)
    columns = achievement_columns()
    return [CheckedRow(row.number, decoded(row.values, columns)) for row in rows[:most]]


@dataclass(frozen=True)
class GridCell:
    pk: int
    key: str
    label: str
    text: str
    message: str
    css: str
    is_long: bool
    can_accept: bool


@dataclass(frozen=True)
class GridRow:
    pk: int
    number: int
    title: str
    cells: list[GridCell]
    changes: list[SheetFinding]
    findings: list[int]

    @property
    def finding(self) -> int | None:
        """Any open finding, for decisions on the whole row."""
        return self.findings[0] if self.findings else None


def grid_rows(rows: Sequence[SheetImportRow]) -> list[GridRow]:
    """The rows with their cells to edit: what is open first, then the title for orientation."""
    columns = {column.key: column for column in achievement_columns()}
    findings: dict[int, list[SheetFinding]] = {}
    for finding in SheetFinding.objects.filter(row__in=rows, is_open=True):
        findings.setdefault(finding.row_id, []).append(finding)
    return [
        GridRow(
            pk=row.pk,
            number=row.number,
            title=row.title,
            cells=[
                _cell(row, columns[finding.key], finding)
                for finding in findings.get(row.pk, ())
                if finding.key in columns and finding.kind != Kind.CHANGED
            ],
            changes=[finding for finding in findings.get(row.pk, ()) if finding.kind == Kind.CHANGED],
            findings=[finding.pk for finding in findings.get(row.pk, ())],
        )
        for row in rows
    ]


def _cell(row: SheetImportRow, column: Any, finding: SheetFinding) -> GridCell:
    text = str(row.cells.get(column.key, ""))
    accepts = finding.kind in {Kind.PROPOSED, Kind.ASKED} and finding.value is not None and can_accept(finding)
    message = f"{finding.message}（建议“{finding.shown}”）" if accepts else finding.message
    css = "sug" if finding.kind == Kind.PROPOSED else "bad"
    is_long = len(text) > 40 or column.key == "summary"
    return GridCell(finding.pk, column.key, column.label, text, message, css, is_long, accepts)
