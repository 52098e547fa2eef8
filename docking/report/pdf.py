"""The report as a PDF, set from HTML. Nothing is fetched: what the page needs stands beside it."""

from django.conf import settings
from django.template.loader import render_to_string

from docking.report.document import Document

STYLE = "report/paper.css"


def html_of(report: Document) -> str:
    return render_to_string("docking/report_paper.html", {"report": report})


def laid_out(report: Document):
    """The pages as WeasyPrint lays them out."""
    from weasyprint import CSS, HTML

    style = CSS(string=(settings.BASE_DIR / "static" / STYLE).read_text(), url_fetcher=_refuse)
    return HTML(string=html_of(report), url_fetcher=_refuse).render(stylesheets=[style])


def pdf_of(report: Document) -> bytes:
    return laid_out(report).write_pdf()


def _refuse(url: str, **_options):
    raise ValueError(f"a report fetches nothing, not even {url}")
