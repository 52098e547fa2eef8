"""The statements of a document as values of the fields of an achievement, each with its place and quotation."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from achievements.intake.institutions import find_institutions
from achievements.intake.readers import READERS
from achievements.intake.reading import CellContext, Reading, SheetContext, Status
from achievements.intake.rights import Right
from achievements.models import IntellectualProperty
from achievements.services.sheet_imports import display_value
from achievements.stated_limits import limit_sentences
from achievements.usual_levels import rows_with_proposals
from core.confidentiality import find_secrecy_marking
from core.personal_data import Find, find_personal_data, replace_finds
from drafting.extraction.candidates import Candidate
from drafting.extraction.labels import ticked
from drafting.extraction.lines import Document, fold, join_lines
from drafting.extraction.reading import DocumentReading
from sheets.cells import CellProblem
from sheets.columns import Column
from taxonomy.indicators import parse_indicators

CONTACT_KEYS = frozenset({"contact_name", "contact_phone", "contact_email"})
FIELD_KEYS = (
    *("title", "institution", "college", "partner_names", "lead_person", "completers"),
    *("category", "form", "attribute", "industry", "applied_industry", "discipline", "keywords"),
    *("summary", "indicators", "innovation", "scenario", "economics", "limits"),
    *("stage", "maturity_level", "maturity_evidence", "intellectual_property", "national_number"),
    *("standing", "evaluation", "evaluated_by", "evaluated_on"),
    *("transfer_ways", "price", "funds_needed", "wanted_partner"),
)
"""Fields that a document may fill, in the order of the page. Contacts, consents and confirmations are a person's."""
REQUIRED_KEYS = ("title", "institution", "lead_person", "form", "industry", "summary", "stage", "transfer_ways")
"""Without them an achievement cannot be stored, not even as a draft."""
TEXT_KEYS = frozenset({"summary", "innovation", "indicators", "scenario", "economics", "limits", "maturity_evidence"})
WAYS = "transfer_ways"


@dataclass(frozen=True, slots=True)
class FieldReading:
    """text: for the input of the field, "" if nothing can be proposed. status: as in `Status`, REFUSED for a gap.

    quotation: what the document says, without personal data; place: where.
    """

    key: str
    text: str
    status: Status
    message: str
    quotation: str
    place: str


@dataclass(frozen=True, slots=True)
class PersonalFind:
    kind: str
    shown: str
    place: str


class SecretDocument(Exception):
    """A document that is marked as secret. The message is for the user."""


def field_readings(
    document: Document, reading: DocumentReading, columns: Sequence[Column], context: SheetContext
) -> list[FieldReading]:
    """At most one reading of each field, in the order of FIELD_KEYS."""
    parsers = {column.key: column for column in columns}
    by_key: dict[str, list[Candidate]] = {}
    for row in reading.candidates:
        by_key.setdefault(row.key, []).append(row)
    own = _own_institution(by_key, context)
    readings = []
    for key in FIELD_KEYS:
        rows = by_key.get(key, [])
        if key == "institution" and own is not None:
            readings.append(own)
        elif key == "intellectual_property" and rows:
            joined = "\n".join(dict.fromkeys(row.text for row in rows))
            note = "；".join(dict.fromkeys(filter(None, (row.note for row in rows))))
            readings.append(_read(replace(rows[0], text=joined, note=note), parsers[key], context, document))
        elif rows:
            readings.append(_read(rows[0], parsers[key], context, document))
            if key == "indicators":
                readings[-1] = _with_usual_levels(readings[-1], document, parsers[key])
    if "institution" not in by_key and own is None and (named := _named_institution(document, context)):
        readings.append(named)
    if "limits" not in by_key and (limits := _limits_in_prose(document)):
        readings.append(limits)
    return sorted(readings, key=lambda row: FIELD_KEYS.index(row.key))


def _read(row: Candidate, column: Column, context: SheetContext, document: Document) -> FieldReading:
    text, removed = without_personal_data(row.text)
    place = document.place(row.page, row.number)
    quotation = masked(row.quotation)
    result = read_text(row.key, text, column, context)
    shown = input_text(column, result.value) if result.value is not None else ""
    notes = [row.note, *removed, result.message]
    status = result.status
    if result.status == Status.READ and (row.note or removed or document.by_ocr):
        status = Status.PROPOSED
    if document.by_ocr:
        notes.append("来自文字识别，可能认错字")
    if status == Status.REFUSED or (not shown and status != Status.ASKED):
        return FieldReading(row.key, "", Status.REFUSED, "；".join(filter(None, notes)), quotation, place)
    return FieldReading(row.key, shown, status, "；".join(filter(None, notes)), quotation, place)


def read_text(key: str, text: str, column: Column, context: SheetContext) -> Reading:
    """The value of a field as the import of sheets reads it. Prices in forms are in 万元."""
    cell = CellContext(parse=column.parse, header=column.label, unit="", sheet=context)
    longest = getattr(column.parse, "max_length", 0)
    if key in TEXT_KEYS and len(text) > longest:
        cut = _cut(text, longest)
        return Reading(Status.PROPOSED, cut, f"原文有 {len(text)} 个字，只取前 {len(cut)} 个字")
    if key == WAYS:
        text = re.sub(r"[\s/]+", "；", text.strip())
    try:
        return READERS[key](text, cell)
    except CellProblem as problem:
        return Reading(Status.REFUSED, None, str(problem))


def _cut(text: str, most: int) -> str:
    """The text up to the last sentence that fits."""
    head = text[:most]
    end = max(head.rfind(mark) for mark in "。！？；\n")
    return head[: end + 1].rstrip() if end > most // 2 else head


def input_text(column: Column, value: Any) -> str:
    """A value as it is typed, so that reading it again gives the same value."""
    if column.key == "intellectual_property":
        labels = dict(IntellectualProperty.Kind.choices)
        rights = [right if isinstance(right, Right) else Right(*right) for right in value]
        return "\n".join(f"{labels[right.kind]}:{right.number} {right.state}".strip() for right in rights)
    if column.key == "completers":
        return "；".join(f"{name}（{unit}）" if unit else name for name, unit in value)
    if column.key in {"price", "funds_needed"} and value.min is None and value.max is None:
        return "面议"
    if isinstance(value, str) and not hasattr(column.parse, "options"):
        return value
    text = display_value([column], column.key, value)
    return "" if text == "（空）" else text


def _with_usual_levels(row: FieldReading, document: Document, column: Column) -> FieldReading:
    """The indicators with the former values that the document names, in brackets, as a proposal."""
    indicators, _rest = parse_indicators(row.text, with_usual=True)
    text, quotations = row.text, [row.quotation]
    body = masked("".join(line.text for line in document.lines))
    for place, level in rows_with_proposals(indicators, [body]):
        values = indicators[place]
        written = re.compile(rf"{re.escape(values['name'])}[^；;\n]*?{re.escape(values['value'])}[^；;。\n]*")
        if match := written.search(text):
            text = f"{text[: match.end()].rstrip()}（行业常见 {level.text}）{text[match.end() :]}"
        quotations.append(level.quotation[:200])
    if text == row.text or len(text) > getattr(column.parse, "max_length", 0):
        return row
    message = "；".join(filter(None, [row.message, "括号里的行业常见水平从正文读出，请核对是不是改进以前的数"]))
    return replace(
        row, text=text, status=Status.PROPOSED, message=message, quotation="\n".join(filter(None, quotations))
    )


def _limits_in_prose(document: Document) -> FieldReading | None:
    """The sentences in which the text says for what the achievement is not suited, where no label names them."""
    sentences = limit_sentences([join_lines(document.lines)])
    texts = [without_personal_data(sentence)[0] for sentence in sentences]
    if not any(texts):
        return None
    message = "正文里写到的不适用情形，一句一行，请核对"
    if document.by_ocr:
        message += "；来自文字识别，可能认错字"
    quotation = masked(" ".join(sentences))
    place = place_of(document, sentences[0])
    return FieldReading("limits", "\n".join(filter(None, texts)), Status.PROPOSED, message, quotation, place)


def place_of(document: Document, quotation: str) -> str:
    """The line in which a quotation begins."""
    start = fold(quotation)[:12]
    lines = document.lines
    for place, line in enumerate(lines):
        following = lines[place + 1].text if place + 1 < len(lines) else ""
        at = fold(line.text + following).find(start)
        if 0 <= at < max(len(fold(line.text)), 1):
            return document.place(line.page, line.number)
    return ""


# --- Institution -----------------------------------------------------------------------------------------------------
def _own_institution(by_key: Mapping[str, list[Candidate]], context: SheetContext) -> FieldReading | None:
    """Where the first owner is another body and the office's institution stands behind it."""
    first, others = by_key.get("institution", []), by_key.get("partner_names", [])
    if not first or not others or not context.own:
        return None
    cell = CellContext(parse=None, sheet=context)
    if any(pk in context.own for pk, _college in find_institutions(fold(first[0].text), cell)):
        return None
    names = others[0].text.split("；")
    for place, name in enumerate(names):
        own = [pk for pk, _college in find_institutions(fold(name), cell) if pk in context.own]
        if len(own) == 1:
            rest = [first[0].text, *names[:place], *names[place + 1 :]]
            others[0] = replace(others[0], text="；".join(rest), note="本单位不是第一权利人，请核对")
            message = f"第一权利人写的是“{first[0].text}”，请核对谁是第一完成单位"
            return FieldReading(
                "institution", context.institutions[own[0]][0], Status.ASKED, message, masked(others[0].quotation), ""
            )
    return None


def _named_institution(document: Document, context: SheetContext) -> FieldReading | None:
    """The office's own institution where its full name stands in the text."""
    for line in document.lines:
        for pk in sorted(context.own):
            name = context.institutions.get(pk, ("", ""))[0]
            if name and fold(name) in fold(line.text):
                place = document.place(line.page, line.number)
                message = "文中写到本单位，请核对是不是第一完成单位"
                return FieldReading("institution", name, Status.PROPOSED, message, masked(line.text[:200]), place)
    return None


# --- Personal data and secrets ---------------------------------------------------------------------------------------
def without_personal_data(text: str) -> tuple[str, list[str]]:
    """(text without personal data, notes on what was left out)."""
    finds = find_personal_data(text)
    if not finds:
        return text, []
    kinds = "、".join(dict.fromkeys(find.kind.label for find in finds))
    return re.sub(r"[ ]{2,}", " ", replace_finds(text, finds)).strip(" ；;，,"), [f"去掉了其中的{kinds}"]


def masked(text: str) -> str:
    """The text with 〔手机号〕 in place of each number of a person."""
    return replace_finds(
        text, [replace(find, replacement=f"〔{find.kind.label}〕") for find in find_personal_data(text)]
    )


def personal_finds(document: Document, most: int = 30) -> list[PersonalFind]:
    """The personal data in the document, shortened; none of it is stored or proposed."""
    finds = []
    for line in document.lines:
        for find in find_personal_data(line.text):
            finds.append(PersonalFind(str(find.kind.label), _short(find), document.place(line.page, line.number)))
            if len(finds) == most:
                return finds
    return finds


def _short(find: Find) -> str:
    text = find.excerpt.strip()
    return f"{text[:3]}…{text[-2:]}" if len(text) > 7 else f"{text[:1]}…"


def check_not_secret(document: Document) -> None:
    """Raises SecretDocument for a marking of a state secret; an empty box beside 秘密 is none."""
    for cell in _cells(document):
        chosen = ticked(cell)
        if marking := find_secrecy_marking(cell if chosen is None else chosen):
            raise SecretDocument(f"文档里写着“{marking.strip()}”。涉密文件不能上传到本平台，文件没有保存。")


def _cells(document: Document) -> Iterable[str]:
    for line in (*document.lines, *document.rows):
        yield from line.cells
        if ticked(line.text) is None:
            yield line.text
