"""Understanding a collection sheet for an office, with what it taught before."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from achievements.intake.engine import Intake, read_sheet
from achievements.sheet_columns import achievement_columns
from achievements.sheet_context import sheet_context
from sheets.archive import FileSource


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
    return read_sheet(
        source,
        filename,
        columns=achievement_columns(),
        context=sheet_context(by),
        title=title,
        mapping=mapping,
        constants=constants,
    )
