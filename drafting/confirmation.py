"""The page on which an office confirms what was read: its rows, and the values of what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from achievements.intake.reading import SheetContext, Status
from achievements.sheet_columns import achievement_columns
from achievements.sheet_context import sheet_context
from core.personal_data import find_personal_data
from core.public_text import personal_data_message
from drafting.field_readings import FIELD_KEYS, REQUIRED_KEYS, TEXT_KEYS, WAYS, input_text, read_text
from drafting.models import DocumentDraft
from sheets.columns import Column

LINES_KEYS = frozenset({"intellectual_property", "completers", "partner_names"})
"""Fields that are typed in several lines."""
MOST_TYPED = 6000
_HINTS = {
    "completers": "姓名用“；”分开，单位写在括号里",
    "intellectual_property": "一行一项，如“发明专利:ZL202210000000.6 授权”",
    "keywords": "最多 3 个，用“；”分开",
    "price": "如“50–100 万元”或“面议”",
    "funds_needed": "如“200 万元”",
    "evaluated_on": "如 2026-01-05",
}


@dataclass
class Row:
    """A field on the page. options: labels to choose from. others: what further documents say.

    is_read: the document says something, so that somebody has to confirm it; what the office writes itself needs none.
    """

    key: str
    label: str
    text: str
    status: str = ""
    message: str = ""
    quotation: str = ""
    place: str = ""
    document: Any = None
    others: list[dict[str, Any]] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    is_required: bool = False
    is_read: bool = False
    is_confirmed: bool = False
    error: str = ""

    @property
    def hint(self) -> str:
        return _HINTS.get(self.key, "")

    @property
    def is_ways(self) -> bool:
        return self.key == WAYS

    @property
    def chosen(self) -> list[str]:
        return [part for part in self.text.split("；") if part]

    @property
    def lines(self) -> int:
        """Lines of the input: 1 for an input of one line."""
        if self.key in TEXT_KEYS:
            return min(3 + len(self.text) // 60, 12)
        return 1 + min(max(self.text.count("\n"), len(self.text) // 60), 5) if self.key in LINES_KEYS else 1

    @property
    def is_gap(self) -> bool:
        return not self.text

    @property
    def css(self) -> str:
        if self.error:
            return "bad"
        if self.is_gap:
            return "gap"
        return {"proposed": "sug", "asked": "ask"}.get(self.status, "")


def rows_of(draft: DocumentDraft, *, by: User, errors: Mapping[str, str] | None = None) -> list[Row]:
    """What was read, and what a draft needs, in the order of the page."""
    columns = {column.key: column for column in achievement_columns()}
    context = sheet_context(by)
    documents = {document.public_id: document for document in draft.documents.all()}
    rows = []
    for key in FIELD_KEYS:
        read = draft.fields.get(key)
        if read is None and key not in REQUIRED_KEYS and key not in draft.typed:
            continue
        values = read or {}
        column = columns[key]
        rows.append(
            Row(
                key,
                column.label,
                draft.text_of(key),
                values.get("status", ""),
                values.get("message", ""),
                values.get("quotation", ""),
                values.get("place", ""),
                documents.get(values.get("document", "")),
                [row | {"document": documents.get(row["document"])} for row in values.get("others", ())],
                _options(column, context),
                key in REQUIRED_KEYS,
                bool(values.get("text")),
                key in draft.confirmed,
                (errors or {}).get(key, ""),
            )
        )
    return rows


def _options(column: Column, context: SheetContext) -> list[str]:
    options = getattr(column.parse, "options", None)
    if not options or column.key == "intellectual_property":
        return []
    if column.key == "institution" and context.own:
        return [str(label) for pk, label in options.items() if pk in context.own]
    return [str(label) for label in options.values()]


def missing_labels(draft: DocumentDraft) -> list[str]:
    """Labels of the fields of which the documents say nothing and that a draft does not need."""
    known = {*draft.fields, *draft.typed, *REQUIRED_KEYS}
    return [column.label for column in achievement_columns() if column.key in FIELD_KEYS and column.key not in known]


def typed_values(draft: DocumentDraft, *, by: User) -> dict[str, Any]:
    """{column key: value} of the confirmed texts.

    Raises ValidationError, by field key, for what is not confirmed, missing or unreadable.
    """
    columns = {column.key: column for column in achievement_columns()}
    context = sheet_context(by)
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for key in FIELD_KEYS:
        text = draft.text_of(key).strip()
        if not text:
            if key in REQUIRED_KEYS:
                errors[key] = f"“{columns[key].label}”没有填写。文档里没有写，请您填写。"
            continue
        if key not in draft.confirmed and draft.fields.get(key, {}).get("text"):
            errors[key] = f"“{columns[key].label}”还没有核对。请对照原文后勾选“已核对”，或清空这一栏。"
            continue
        value, problem = _value(key, text, columns[key], context)
        if problem:
            errors[key] = f"“{columns[key].label}”：{problem}"
        else:
            values[key] = value
    if errors:
        raise ValidationError({key: [message] for key, message in errors.items()})
    return values


def _value(key: str, text: str, column: Column, context: SheetContext) -> tuple[Any, str]:
    """(value, "") or (None, what is wrong)."""
    if len(text) > MOST_TYPED:
        return None, f"有 {len(text)} 个字，请精简。"
    if key not in LINES_KEYS and (finds := find_personal_data(text)):
        return None, personal_data_message(finds)
    reading = read_text(key, text, column, context)
    if reading.status in {Status.READ, Status.PROPOSED} and reading.value is not None:
        return reading.value, ""
    is_meant = reading.value is not None and (
        key in {"intellectual_property", "lead_person"} or input_text(column, reading.value) == text
    )
    if reading.status == Status.ASKED and is_meant:
        return reading.value, ""
    return None, reading.message or "写法认不出来，请改一下。"


__all__ = ["Row", "missing_labels", "rows_of", "typed_values"]
