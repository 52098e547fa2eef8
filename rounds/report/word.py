"""The report as a Word file, from a template that the office can replace."""

from dataclasses import asdict
from pathlib import Path

from core.word_templates import render_word_template
from rounds.report.document import ReportDocument

TEMPLATE = Path(__file__).with_name("report_template.docx")
REQUIRED = ("subtitle",)
"""It carries the mark of a draft."""


def report_word(report: ReportDocument) -> bytes:
    """Return the report as .docx. Raises WordTemplateError."""
    subtitle = f"{report.subtitle} · 草稿" if report.is_draft else report.subtitle
    meanings = [{"label": label, "text": meaning} for label, meaning in report.meanings]
    context = asdict(report) | {"subtitle": subtitle, "meanings": meanings}
    return render_word_template(TEMPLATE.name, TEMPLATE, context, required=REQUIRED)
