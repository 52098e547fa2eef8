"""What a language model proposes for the form of an achievement or a demand. A person takes it over and saves it.

Indicators that the form's texts state, and a draft from an uploaded document. Works on posted data, so that the page
needs no script and nothing that was typed is lost. `matching.services.form_proposals` asks and checks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model
from django.http import QueryDict

from accounts.models import Organisation, User
from matching.reader.answers import MAX_QUOTATION
from matching.reader.drafts import DraftField, DraftValue
from matching.reader.indicators import COMPARISONS, LONGEST, MAX_INDICATORS, MAX_TEXT
from matching.readings.configuration import configured_reader
from matching.readings.form_texts import FormMasking
from matching.services.form_proposals import PAGE_SECONDS, propose_draft, propose_indicators
from portal.document_text import MAX_CHARS, document_text
from portal.indicator_rows import INDICATOR_FIELDS, most_rows, row_count, row_identity, row_values, with_indicator_rows
from portal.record_kinds import ACHIEVEMENT, RecordKind
from taxonomy.models import Comparison

FIND, TAKE, FILL = "find_indicators", "take_indicators", "fill_from_document"
"""Names of the buttons."""
DRAFT_FIELDS = {
    "achievement": ("title", "keywords", "summary", "innovation", "scenario", "economics"),
    "demand": ("title", "problem", "goal", "conditions", "keywords"),
}
"""Fields that a model may fill. No contact, person, organisation, price, maturity, date or confirmation."""
WORDS = {"achievement": 3, "demand": 5}
"""Largest number of keywords."""
TEXT_FIELDS = {
    "achievement": ("title", "summary", "innovation", "scenario", "economics"),
    "demand": ("title", "problem", "goal", "conditions"),
}
"""Fields in which indicators are looked for."""
PEOPLE = ("lead_person", "contact_name", "contact_phone", "contact_email")
_SIGNS = {value: str(label) for value, label in Comparison.choices}


@dataclass(frozen=True)
class OfferedIndicator:
    """An indicator as the page offers it. `values`: those of INDICATOR_FIELDS."""

    values: Mapping[str, str]
    quotation: str

    @property
    def text(self) -> str:
        value = self.values
        if value["comparison"] == Comparison.BETWEEN:
            figure = f"{value['value']}–{value['value_to']}"
        else:
            figure = f"{_SIGNS.get(value['comparison'], '')} {value['value']}"
        condition = f"（{value['condition']}）" if value["condition"] else ""
        return f"{value['name']} {figure} {value['unit']}".rstrip() + condition


@dataclass
class ReaderHelp:
    """What the page shows of the model. `data`: what the form is filled with; `quotations`: by field.

    `place`: document or indicators, where `error` and `notices` stand.
    """

    data: QueryDict
    place: str = ""
    error: str = ""
    notices: list[str] = field(default_factory=list)
    offered: list[OfferedIndicator] = field(default_factory=list)
    taken: list[OfferedIndicator] = field(default_factory=list)
    quotations: dict[str, str] = field(default_factory=dict)
    seconds: int = int(PAGE_SECONDS)


def reader_help(kind: RecordKind, data: QueryDict) -> ReaderHelp | None:
    """What the form shows before anything is asked, with the quotations it has had; None without a language model."""
    if configured_reader() is None:
        return None
    posted = {name: data.get(f"quoted-{name}", "")[:MAX_QUOTATION] for name in DRAFT_FIELDS[kind.name]}
    return ReaderHelp(data, quotations={name: quotation for name, quotation in posted.items() if quotation})


def wanted_action(data: QueryDict) -> str:
    """The button of this module that was pressed, or ""."""
    return next((name for name in (FIND, TAKE, FILL) if name in data), "")


def act(
    help_: ReaderHelp, action: str, kind: RecordKind, record: Model | None, upload: UploadedFile | None, *, by: User
) -> None:
    """Do what a button says. What is wrong stands in `help_.error`."""
    help_.place = "document" if action == FILL else "indicators"
    try:
        if action == TAKE:
            _take(help_)
        elif action == FIND:
            _find(help_, kind, _masking(help_.data, kind, record, by), by)
        else:
            text, is_cut = document_text(upload)
            _fill(help_, kind, text, _masking(help_.data, kind, record, by), by)
            if is_cut:
                help_.notices.append(f"文档较长，只用了前 {MAX_CHARS} 个字。")
    except ValidationError as error:
        help_.error = error.messages[0]


# --- Draft from a document ---------------------------------------------------------------------------------------
def _fill(help_: ReaderHelp, kind: RecordKind, text: str, masking: FormMasking, by: User) -> None:
    fields = _draft_fields(kind)
    draft = propose_draft(fields, text, masking, by=by)
    data = help_.data.copy()
    empty = {name: value for name, value in draft.values.items() if not data.get(name, "").strip()}
    for name, value in empty.items():
        data[name] = value.text
        help_.quotations[name] = value.quotation
    help_.data = data
    help_.notices += _fill_notices(fields, empty, len(draft.values) - len(empty), draft.void)


def _fill_notices(fields: list[DraftField], filled: Mapping[str, DraftValue], kept: int, void: int) -> list[str]:
    labels = "、".join(row.label for row in fields if row.name in filled)
    notices = [
        f"已按文档填写 {len(filled)} 栏：{labels}。每栏旁边有所依据的原文，请逐项核对。现在还没有保存。"
        if filled
        else "没有从文档里找到可以填写的内容，请手工填写。"
    ]
    if kept:
        notices.append(f"有 {kept} 栏您已经填写，没有改动。")
    if void:
        notices.append(f"有 {void} 项说法在文档里找不到原文，没有采用。")
    return notices


def _draft_fields(kind: RecordKind) -> list[DraftField]:
    rows = []
    for name in DRAFT_FIELDS[kind.name]:
        column = kind.model._meta.get_field(name)
        words = WORDS[kind.name] if name == "keywords" else 0
        longest = 31 * words if words else getattr(column, "max_length", None) or 1000
        rows.append(DraftField(name, str(column.verbose_name), longest, str(column.help_text), words))
    return rows


# --- Indicators in the texts -------------------------------------------------------------------------------------
def _find(help_: ReaderHelp, kind: RecordKind, masking: FormMasking, by: User) -> None:
    labels = {name: str(kind.model._meta.get_field(name).verbose_name) for name in TEXT_FIELDS[kind.name]}
    texts = [(label, text) for name, label in labels.items() if (text := help_.data.get(name, "").strip()[:MAX_TEXT])]
    proposal = propose_indicators(texts, masking, by=by)
    offered = [
        OfferedIndicator({name: getattr(row, name) for name in INDICATOR_FIELDS}, row.quotation)
        for row in proposal.indicators
    ]
    present = {row_identity(row_values(help_.data, number)) for number in range(row_count(help_.data))}
    help_.offered = [row for row in offered if row_identity(row.values) not in present]
    if len(offered) > len(help_.offered):
        help_.notices.append(f"有 {len(offered) - len(help_.offered)} 条表里已有，没有再列。")
    elif not offered:
        help_.notices.append("没有在文字里找到写明数值的指标。")
    if proposal.void:
        help_.notices.append(f"有 {proposal.void} 项说法在文字里找不到原文或数值，没有采用。")


def _take(help_: ReaderHelp) -> None:
    """Write the ticked indicators into empty rows, then into new ones. Posted values are the user's own."""
    ticked = {number for number in help_.data.getlist("take") if number.isdecimal() and len(number) <= 2}
    chosen = [row for number in range(MAX_INDICATORS) if str(number) in ticked and (row := _posted(help_.data, number))]
    if not chosen:
        raise ValidationError("请先勾选要填入的指标。")
    help_.data, taken = with_indicator_rows(help_.data, [row.values for row in chosen])
    help_.taken += chosen[:taken]
    if taken < len(chosen):
        help_.notices.append(f"表里最多 {most_rows(help_.data)} 行，有 {len(chosen) - taken} 条没有填入。")


def _posted(data: QueryDict, number: int) -> OfferedIndicator | None:
    values = {name: data.get(f"offer-{number}-{name}", "") for name in INDICATOR_FIELDS}
    values |= {name: values[name][:longest] for name, longest in LONGEST.items()}
    if not values["name"] or values["comparison"] not in COMPARISONS:
        return None
    return OfferedIndicator(values, data.get(f"offer-{number}-quotation", "")[:MAX_QUOTATION])


# --- Masking -----------------------------------------------------------------------------------------------------
def _masking(data: QueryDict, kind: RecordKind, record: Model | None, by: User) -> FormMasking:
    people = [data.get(name, "").strip() for name in PEOPLE]
    people += [value.strip() for name, value in data.items() if name.startswith("completers-") and "-name" in name]
    return FormMasking(by, _owner(data, kind, record, by), people, hides_firms=kind is not ACHIEVEMENT)


def _owner(data: QueryDict, kind: RecordKind, record: Model | None, by: User) -> Organisation | None:
    if record is not None:
        return getattr(record, kind.owner_field)
    posted = data.get(kind.owner_field, "")
    if not (posted.isdecimal() and len(posted) < 10):
        return None
    return Organisation.objects.visible_to(by).filter(pk=int(posted)).first()
