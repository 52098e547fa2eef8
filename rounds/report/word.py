"""The report as a Word file in the format of official documents (GB/T 9704), from a template that the office can
replace."""

from dataclasses import asdict
from pathlib import Path

from core.word_templates import render_word_template
from rounds.report.document import ReportDocument

TEMPLATE = Path(__file__).with_name("report_template.docx")
NUMERALS = "〇一二三四五六七八九"
REQUIRED = ("subtitle",)
"""It carries the mark of a draft."""


def report_word(report: ReportDocument) -> bytes:
    """Return the report as .docx. Raises WordTemplateError."""
    subtitle = f"{report.subtitle} · 草稿" if report.is_draft else report.subtitle
    meanings = [{"label": label, "text": meaning} for label, meaning in report.meanings]
    context = asdict(report) | {"subtitle": subtitle, "meanings": meanings}
    for number, section in enumerate(context["sections"], start=1):
        section["number"] = chinese_number(number)
    return render_word_template(TEMPLATE.name, TEMPLATE, context, required=REQUIRED)


def chinese_number(number: int) -> str:
    """一 to 九十九, as sections of an official document are numbered."""
    tens, ones = divmod(number, 10)
    if not tens:
        return NUMERALS[ones]
    return f"{NUMERALS[tens] if tens > 1 else ''}十{NUMERALS[ones] if ones else ''}"
