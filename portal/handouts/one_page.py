"""An achievement or a demand on exactly one sheet of A4, as PDF: its bars are never what is left out.

WeasyPrint lays the sheet out with smaller type, then with shorter texts, until it is one page. A text that was
shortened says so and names the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from portal.handouts.made_once import digest_of, made_once
from rounds.papers.pdf import lay_out

STYLE = settings.BASE_DIR / "static" / "css" / "one_page_pdf.css"
LAYOUT = 2
"""Raise it if the layout changes."""


@dataclass(frozen=True)
class Fit:
    """size: class of the type. most: characters of a long text. rows: of a table."""

    size: str
    most: int
    rows: int


FITS = (
    Fit("large", 3000, 12),
    Fit("middle", 900, 12),
    Fit("small", 700, 8),
    Fit("small", 420, 6),
    Fit("small", 220, 5),
    Fit("small", 90, 4),
    Fit("small", 40, 3),
)
"""From the most readable to the shortest; the last fits whatever the fields hold."""


def one_page(template: str, context: Mapping[str, Any], facts: Mapping[str, Any]) -> bytes:
    """PDF of one page. `facts`: all that the sheet shows; the same facts are laid out once.

    Raises PdfRenderingError if Pango is missing.
    """
    digest = digest_of({**facts, "template": template, "layout": LAYOUT})
    return made_once("one-page", digest, lambda: _lay_out_one(template, context))


def _lay_out_one(template: str, context: Mapping[str, Any]) -> bytes:
    for fit in FITS:
        pages = lay_out(render_to_string(template, {**context, "fit": fit}), STYLE)
        if len(pages.pages) == 1:
            return pages.write_pdf()
    return pages.copy(pages.pages[:1]).write_pdf()
