"""The picture of a shared page (OpenGraph, WeChat): its problem in words, its name and its technical card, as PNG.

WeasyPrint lays it out with the Chinese font of the system, PDFium paints it. Public facts only.
"""

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from achievements.models import Achievement
from demands.masking import public_indicators, public_text
from demands.models import Demand
from portal.drawings.technical_card import draw_card, draw_limits, first_sentence, for_paper, limits_of
from portal.handouts.made_once import digest_of, made_once
from portal.technical_cards import ready_pictures
from portfolio.models import Picture
from rounds.papers.pdf import lay_out

WIDTH, HEIGHT = 1200, 630
"""Pixels; WeChat wants at least 300 on each side."""
COLOURS = 96
LONGEST_VOICE, LONGEST_TITLE, LONGEST_SOURCE = 62, 44, 40
LAYOUT = 2
"""Raise it if the layout changes, so that addresses of pictures change too."""
STYLE = settings.BASE_DIR / "static" / "css" / "share_card_pdf.css"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


@dataclass(frozen=True)
class ShareCard:
    """cover: public id of the picture, or ""."""

    voice: str
    title: str
    source: str
    drawing: str
    cover: str

    @property
    def digest(self) -> str:
        return digest_of(asdict(self) | {"layout": LAYOUT, "site": settings.SITE["name"]})


def share_card_of(item: Achievement | Demand, pictures: Sequence[Picture] | None = None) -> ShareCard:
    """The card of a published item. `pictures`: the ready ones of an achievement, if they have been read."""
    if isinstance(item, Achievement):
        read = ready_pictures().filter(achievement=item)[:1] if pictures is None else pictures
        cover = next(iter(read), None)
        drawing = "" if cover else draw_card(list(item.indicators.all()))
        voice, title, source = item.summary, item.title, item.institution.name
    else:
        cover, drawing = None, draw_limits(limits_of(public_indicators(item))[:3])
        voice, title = public_text(item, "problem"), public_text(item, "title")
        source = item.public_firm_name
    return ShareCard(
        first_sentence(_printable(voice), LONGEST_VOICE),
        _trimmed(_printable(title), LONGEST_TITLE),
        _trimmed(_printable(source), LONGEST_SOURCE),
        drawing,
        cover.public_id if cover else "",
    )


def share_picture(card: ShareCard) -> bytes:
    """PNG of the card, made once. Raises PdfRenderingError if Pango is missing."""
    return made_once("share", card.digest, lambda: _paint(card))


def _paint(card: ShareCard) -> bytes:
    import pypdfium2  # loads eight megabytes, which few processes need

    drawing = for_paper(mark_safe(card.drawing)) if card.drawing else ""  # noqa: S308 technical_card escapes
    html = render_to_string(
        "portal/handouts/share_card.html",
        {"card": card, "drawing": drawing, "cover": _cover(card), "site_name": settings.SITE["name"]},
    )
    pages = lay_out(html, STYLE)
    document = pypdfium2.PdfDocument(pages.copy(pages.pages[:1]).write_pdf())
    page = document[0]
    image = page.render(scale=WIDTH / page.get_width()).to_pil().convert("RGB")
    document.close()
    buffer = io.BytesIO()
    if not card.cover:  # a drawing has few colours; a photograph would show bands
        image = image.quantize(COLOURS)
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _cover(card: ShareCard) -> SafeString | str:
    picture = Picture.objects.kept().filter(public_id=card.cover).first() if card.cover else None
    if picture is None:
        return ""
    try:
        with picture.medium.open("rb") as file:
            content = base64.b64encode(file.read()).decode()
    except FileNotFoundError:
        return ""
    return mark_safe(f"data:image/webp;base64,{content}")  # noqa: S308 base64


def _printable(text: str) -> str:
    """Without control characters and those that turn the direction of what follows."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _trimmed(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
