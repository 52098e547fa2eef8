"""The uploaded workbook with the cells marked that a negotiated import still asks about."""

import hashlib

from accounts.models import User
from achievements.models import SheetFinding, SheetImport
from achievements.services.intake import understand_import
from sheets.checking import ERROR, WARNING, SheetProblem, SheetReport
from sheets.column_letters import column_letter
from sheets.columns import Header
from sheets.reading import Sheet, SheetRow

Kind = SheetFinding.Kind


def marked_rest(content: bytes, sheet_import: SheetImport, *, by: User) -> bytes:
    """The workbook with a colour and a comment on each open cell; uploaded again, finished rows change nothing."""
    from sheets.marking import mark_workbook  # loads openpyxl, which few processes need

    intake = understand_import(sheet_import, by=by)
    matches = intake.layout.columns.values()
    positions = {match.key: match.at for match in reversed(list(matches)) if match.key}
    header = Header(
        row=intake.layout.first,
        last_row=intake.layout.last,
        texts={match.at: match.header for match in matches},
        positions=positions,
        units={},
        missing=(),
        duplicates=(),
        unknown={},
    )
    sheet = Sheet(
        title=intake.title,
        kind="csv" if intake.title == "csv" else "xlsx",
        filename=sheet_import.source_file.name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        columns=intake.columns,
        header=header,
        rows=tuple(SheetRow(number, cells) for number, cells in sorted(intake.grid.rows.items())),
    )
    report = SheetReport(sheet)
    labels = {column.key: column.label for column in intake.columns}
    for finding in sheet_import.findings.filter(is_open=True).exclude(kind=Kind.CHANGED).select_related("row"):
        at = positions.get(finding.key)
        hint = f"建议：{finding.shown}。" if finding.value is not None else ""
        report.problems.append(
            SheetProblem(
                row=finding.row.number,
                column=column_letter(at) if at else "",
                key=finding.key,
                label=labels.get(finding.key, ""),
                value=finding.written[:40],
                message=hint + finding.message,
                level=WARNING if finding.kind == Kind.PROPOSED else ERROR,
            )
        )
    return mark_workbook(content, report)
