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
    Fit("middle", 900, 10),
    Fit("small", 600, 8),
    Fit("small", 260, 5),
    Fit("small", 110, 4),
    Fit("small", 45, 3),
)
"""From the most readable to the shortest, which fits whatever the fields hold."""
LONGEST_OF_FIT = (700, 1300, 2400, 4800)
"""With more characters than that the first, second … layout would be tried for nothing."""


def one_page(template: str, context: Mapping[str, Any], facts: Mapping[str, Any], *, characters: int) -> bytes:
    """PDF of one page. `facts`: all that the sheet shows; the same facts are laid out once.

    characters: of the long texts together.

    Raises PdfRenderingError if Pango is missing.
    """
    digest = digest_of({**facts, "template": template, "layout": LAYOUT})
    return made_once("one-page", digest, lambda: _lay_out_one(template, context, characters))


def _lay_out_one(template: str, context: Mapping[str, Any], characters: int) -> bytes:
    first = sum(characters > longest for longest in LONGEST_OF_FIT)
    for fit in FITS[first:]:
        pages = lay_out(render_to_string(template, {**context, "fit": fit}), STYLE)
        if len(pages.pages) == 1:
            return pages.write_pdf()
    return pages.copy(pages.pages[:1]).write_pdf()
