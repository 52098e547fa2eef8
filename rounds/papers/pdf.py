"""HTML rendered as PDF by WeasyPrint, without network access: only inline pictures and the own style sheet.

WeasyPrint needs the library Pango and a Chinese font from the system; error messages name what is missing.
"""

from pathlib import Path

from django.conf import settings

STYLE = settings.BASE_DIR / "static" / "css" / "papers_pdf.css"
PANGO_HINT = "Debian：apt-get install libpango-1.0-0 libpangoft2-1.0-0"
FONT_HINT = "Debian：apt-get install fonts-noto-cjk"
MAX_NAMED = 12


class PdfRenderingError(Exception):
    """The pages could not be rendered; the text is for the person who asked for them."""


def render_pdf(html: str, style: Path | None = STYLE) -> tuple[bytes, int]:
    """Return (PDF, number of pages) of an HTML page. Raises PdfRenderingError with what is missing on this computer."""
    document = lay_out(html, style)
    content = document.write_pdf()
    if missing := missing_characters(document):
        words = "服务器没有能显示“%(some)s”的字体，印出来会是空框。请管理员安装中文字体后再试（%(how)s）。"
        raise PdfRenderingError(words % {"some": "".join(missing[:MAX_NAMED]), "how": FONT_HINT})
    return content, len(document.pages)


def lay_out(html: str, style: Path | None = STYLE):
    """Lay out the pages with WeasyPrint; `style` is None for a page with its own style. Raises PdfRenderingError."""
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:  # WeasyPrint loads Pango and its dependencies on import
        raise PdfRenderingError(
            "服务器缺少排版程序 Pango，不能生成 PDF。请管理员安装后再试（%s）。" % PANGO_HINT
        ) from error
    inline_only = URLFetcher(allowed_protocols={"data"})
    styles = [CSS(string=style.read_text(encoding="utf-8"), url_fetcher=inline_only)] if style else []
    return HTML(string=html, url_fetcher=inline_only).render(stylesheets=styles)


def missing_characters(document) -> list[str]:
    """Return the characters of a rendered document without a glyph in any font."""
    codes = {code for font in document.fonts.values() for code in font.missing}
    return [character for character in map(chr, sorted(codes)) if character.isprintable() and not character.isspace()]
