"""Drafts from documents: the question to a model, and the check of what it proposes for the fields of a form.

A value counts only if its quotation stands in the document and its numbers, too. Which fields may be asked for is the
caller's decision; a model cannot name another one.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matching.reader import prompt
from matching.reader.answers import Problem, folded, listed_rows, object_schema, one_line, stands_in
from matching.reader.embedded_orders import is_order
from matching.reader.masking import mask_contacts
from matching.reader.numbers import numbers_in
from matching.reader.questions import CUT

MAX_DOCUMENT = 20_000
"""Characters that are sent of a document."""
MAX_VALUE = 1500
"""Characters kept of a value, if the field accepts more."""


@dataclass(frozen=True, slots=True)
class DraftField:
    """A field that may be proposed. `words`: largest number of words, if it is a list of words, else 0."""

    name: str
    label: str
    longest: int
    hint: str = ""
    words: int = 0


@dataclass(frozen=True, slots=True)
class DraftValue:
    text: str
    quotation: str


@dataclass(frozen=True, slots=True)
class Draft:
    """`values`: by field; `void`: number of proposals that do not count; `problem`: why no proposal counts."""

    values: Mapping[str, DraftValue] = field(default_factory=dict)
    void: int = 0
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class DraftQuestion:
    """`document`: masked. Build it with `draft_question`."""

    fields: tuple[DraftField, ...]
    document: str

    @property
    def messages(self) -> list[dict[str, str]]:
        data = {
            "fields": [
                {"name": row.name, "label": row.label, "hint": row.hint, "longest": row.longest} for row in self.fields
            ],
            "document": self.document,
        }
        return [
            {"role": "system", "content": prompt.instructions(prompt.DRAFTS)},
            {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
        ]

    @property
    def name(self) -> str:
        return "draft"

    @property
    def schema(self) -> dict[str, Any]:
        names = [row.name for row in self.fields]
        text = {"type": "string"}
        row = object_schema({"name": {"type": "string", "enum": names}, "value": text, "quotation": text})
        return object_schema({"fields": {"type": "array", "items": row}})

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the instructions, the fields and the document."""
        rows = [[row.name, row.label, row.longest, row.hint, row.words] for row in self.fields]
        return hashlib.sha256(
            json.dumps([prompt.version(prompt.DRAFTS), rows, self.document], ensure_ascii=False).encode()
        ).hexdigest()


def draft_question(fields: Sequence[DraftField], document: str) -> DraftQuestion:
    """The question about a masked document, of which the first MAX_DOCUMENT characters are sent."""
    document = document.encode("utf-8", "replace").decode()
    is_long = len(document) > MAX_DOCUMENT
    return DraftQuestion(tuple(fields), document[:MAX_DOCUMENT] + CUT if is_long else document)


def check_draft(question: DraftQuestion, content: str) -> Draft:
    """Check the text that a model returned. Never raises. Of two values for one field neither counts."""
    rows = listed_rows(content, "fields")
    if isinstance(rows, Problem):
        return Draft(problem=rows)
    fields = {row.name: row for row in question.fields}
    document = question.document.removesuffix(CUT)
    stated, text = numbers_in(document), folded(document)
    values: dict[str, DraftValue] = {}
    seen: set[str] = set()
    void = 0
    for row in rows[: 3 * len(fields)]:
        name = row.get("name") if isinstance(row, dict) else None
        wanted = fields.get(name) if isinstance(name, str) else None
        if wanted is None:
            void += 1
            continue
        value = _value(row, wanted, document)
        if value is not None:
            value = _covered(value, wanted, stated, text)
        if wanted.name in seen or value is None:
            void += 1 + (values.pop(wanted.name, None) is not None)
        else:
            values[wanted.name] = value
        seen.add(wanted.name)
    return Draft(values, void)


def _value(row: dict[str, Any], wanted: DraftField, document: str) -> DraftValue | None:
    text, quotation = row.get("value"), row.get("quotation")
    if not isinstance(text, str) or not isinstance(quotation, str):
        return None
    lines = [line for part in text.splitlines() if (line := one_line(part))]
    text, quotation = "\n".join(lines), one_line(quotation)
    if not text or len(text) > min(wanted.longest, MAX_VALUE):
        return None
    if any(is_order(value) or mask_contacts(value) != value or "〔" in value for value in (text, quotation)):
        return None
    return DraftValue(text, quotation) if stands_in(quotation, document) else None


def _covered(value: DraftValue, wanted: DraftField, stated: set[float], document: str) -> DraftValue | None:
    """The value if the document covers it, with words that it does not have left out."""
    if wanted.words:
        words = [word for word in re.split(r"[；;、，,\s]+", value.text) if word and folded(word) in document]
        words = list(dict.fromkeys(words))[: wanted.words]
        return DraftValue("；".join(words), value.quotation) if words else None
    return value if numbers_in(value.text) <= stated else None
