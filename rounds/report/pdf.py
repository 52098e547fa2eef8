"""The report as PDF, rendered from HTML with inline resources only."""

from django.conf import settings
from django.template.loader import render_to_string

from rounds.papers import pdf
from rounds.report.document import ReportDocument

STYLE = settings.BASE_DIR / "static" / "css" / "report_pdf.css"


def report_html(report: ReportDocument) -> str:
    return render_to_string("rounds/papers/report.html", {"report": report})


def lay_out_report(report: ReportDocument):
    """Return the pages as laid out by WeasyPrint."""
    return pdf.lay_out(report_html(report), STYLE)


def report_pdf(report: ReportDocument) -> bytes:
    content, _pages = pdf.render_pdf(report_html(report), STYLE)
    return content
