"""The report as a PDF, set from HTML as the other papers are. Nothing is fetched: what it needs stands beside it."""

from django.conf import settings
from django.template.loader import render_to_string

from rounds.papers import pdf
from rounds.report.document import Document

STYLE = settings.BASE_DIR / "static" / "css" / "report_pdf.css"


def html_of(report: Document) -> str:
    return render_to_string("rounds/papers/report.html", {"report": report})


def laid_out(report: Document):
    """The pages as WeasyPrint lays them out."""
    return pdf.laid_out(html_of(report), STYLE)


def pdf_of(report: Document) -> bytes:
    content, _pages = pdf.set_pages(html_of(report), STYLE)
    return content
