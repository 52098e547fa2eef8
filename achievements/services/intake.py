"""Understanding a collection sheet for an office, with the spellings that it taught before."""

from collections.abc import Mapping
from typing import Any

from accounts.models import Organisation, User
from achievements.imports import SecretSheet
from achievements.intake.engine import Intake, read_sheet
from achievements.models import LearnedSpelling, SheetImport
from achievements.sheet_columns import achievement_columns
from achievements.sheet_context import sheet_context
from achievements.stored_values import from_json
from sheets.archive import FileSource


def teaching_organisation(by: User) -> Organisation | None:
    """The organisation whose spellings `by` uses and teaches: the first institution, else the first organisation."""
    ids = list(by.scope.institution_ids) or list(by.scope.organisation_ids)
    return Organisation.objects.filter(pk__in=ids).order_by("pk").first() if ids else None


def understand_sheet(
    source: FileSource,
    filename: str,
    *,
    by: User,
    title: str = "",
    mapping: Mapping[int, str] | None = None,
    constants: Mapping[str, Any] | None = None,
) -> Intake:
    """The sheet as far as it is understood; nothing is written. Raises UnreadableSheet.

    mapping, constants: the choices that the office made for this sheet, see `read_sheet`.
    """
    organisation = teaching_organisation(by)
    learned = LearnedSpelling.objects.filter(organisation=organisation) if organisation else ()
    headers = {row.spelling: str(row.value) for row in learned if not row.key}
    cells = {(row.key, row.spelling): from_json(row.key, row.value) for row in learned if row.key}
    return read_sheet(
        source,
        filename,
        columns=achievement_columns(),
        context=sheet_context(by, cells),
        learned_headers=headers,
        title=title,
        mapping=mapping,
        constants=constants,
    )


def understand_import(sheet_import: SheetImport, *, by: User) -> Intake:
    """The stored sheet of `sheet_import` with the choices that were made for it."""
    with sheet_import.source_file.file.open("rb") as content:
        return understand_sheet(
            content.read(),
            sheet_import.source_file.name,
            by=by,
            title=sheet_import.sheet_title,
            mapping={int(at): key for at, key in sheet_import.mapping.items()},
            constants={key: from_json(key, value) for key, value in sheet_import.constants.items()},
        )


def admit_sheet(content: bytes, filename: str, *, by: User, only_own: bool = False) -> Intake:
    """Check that a file may be stored. Raises UnreadableSheet, or SecretSheet if a cell says that an item is secret."""
    intake = understand_sheet(content, filename, by=by)
    for number, header, text in intake.secret_cells():
        raise SecretSheet(
            "第%(row)d行“%(column)s”写着“%(cell)s”。涉密或未确认不涉密的成果不能录入本平台，文件没有保存；"
            "请从表中删去这些行，确认其余成果均不涉密后再上传。" % {"row": number, "column": header, "cell": text}
        )
    return intake
