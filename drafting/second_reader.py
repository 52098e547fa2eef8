"""What a language model of the city's own proposes for texts that the rules left empty, with quotations that stand."""

from collections.abc import Set
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Organisation, User
from achievements.intake.reading import Status
from achievements.models import Achievement
from drafting.extraction.lines import Document
from drafting.field_readings import FieldReading, masked, place_of, without_personal_data
from matching.reader.drafts import DraftField, DraftValue
from matching.readings.configuration import configured_reader
from matching.readings.form_texts import FormMasking
from matching.services.form_proposals import propose_draft

READER_KEYS = ("summary", "innovation", "scenario", "economics", "limits", "keywords")
"""No person, organisation, price, number, day, stage or right."""
MOST_KEYWORDS = 3


def proposed_by_reader(
    document: Document, present: Set[str], institution: Organisation, *, by: User
) -> list[FieldReading]:
    """Readings of the READER_KEYS that are not `present`; none without a configured model or an answer of it."""
    wanted = [_field(key) for key in READER_KEYS if key not in present]
    if not wanted or configured_reader() is None:
        return []
    try:
        draft = propose_draft(wanted, document.text, FormMasking(by, institution, hides_firms=False), by=by)
    except ValidationError:
        return []  # the rules' readings stand; the model is a help, not a condition
    return [_reading(document, key, value) for key, value in draft.values.items()]


def _field(key: str) -> DraftField:
    column: Any = Achievement._meta.get_field(key)
    words = MOST_KEYWORDS if key == "keywords" else 0
    longest = 31 * words if words else getattr(column, "max_length", None) or 1000
    return DraftField(key, str(column.verbose_name), longest, str(getattr(column, "help_text", "")), words)


def _reading(document: Document, key: str, value: DraftValue) -> FieldReading:
    text, removed = without_personal_data(value.text)
    message = "；".join(["语言模型按原文整理，请对照原文", *removed])
    return FieldReading(
        key, text, Status.PROPOSED, message, masked(value.quotation), place_of(document, value.quotation)
    )
