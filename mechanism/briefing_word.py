"""The briefing as a Word file in the format of official documents (GB/T 9704), from a replaceable template."""

from pathlib import Path

from core.word_templates import render_word_template
from mechanism.kpi.briefing_content import Briefing

TEMPLATE = Path(__file__).with_name("briefing_template.docx")
REQUIRED = ("data_date", "sections")
"""Without the date of its data a number cannot be checked."""


def briefing_word(briefing: Briefing, *, organiser: str, site: str) -> bytes:
    """Return the briefing as .docx. organiser: who signs it; site: scheme and host of the links in it.

    Raises WordTemplateError.
    """
    context = {
        "title": briefing.title,
        "subtitle": briefing.subtitle,
        "data_date": briefing.data_date,
        "day": briefing.day,
        "organiser": organiser,
        "notes": briefing.notes,
        "sections": [
            {
                "title": section.title,
                "paragraphs": [
                    {"pieces": [{"text": piece.text, "url": piece.url and site + piece.url} for piece in paragraph]}
                    for paragraph in section.paragraphs
                ],
            }
            for section in briefing.sections
        ],
    }
    return render_word_template(TEMPLATE.name, TEMPLATE, context, required=REQUIRED)
