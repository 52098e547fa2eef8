"""Inline pictures of papers: QR codes and hall plans."""

import io
from math import ceil, sqrt

import segno
from django.utils.safestring import SafeString, mark_safe

CELL, GAP = 34, 10
ANY_MASK = 0
"""A pattern of QR codes on a screen, where each of them is easy to read: chequered, thus without large areas."""


def qr_code(text: str, *, mask: int | None = None) -> str:
    """Return a QR code as data URI, with error correction level M.

    `mask`: one of the eight patterns of the standard. Without it all are tried and the one that is easiest to read is
    taken, which is worth its milliseconds on paper.
    """
    return segno.make(text, error="m", micro=False, mask=mask).svg_data_uri(border=1, scale=4)


def hall_plan(tables: int) -> SafeString:
    """Return an SVG of the numbered tables in rows, wider than high; empty for a hall without tables."""
    if not tables:
        return mark_safe("")
    across = max(1, ceil(sqrt(tables * 2)))
    step = CELL + GAP
    width, height = across * step + GAP, ceil(tables / across) * step + GAP
    parts = io.StringIO()
    parts.write(f'<svg class="plan" viewBox="0 0 {width} {height}" width="{width}" height="{height}">')
    for number in range(tables):
        x, y = GAP + number % across * step, GAP + number // across * step
        parts.write(
            f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" rx="5"/>'
            f'<text x="{x + CELL / 2:g}" y="{y + CELL / 2 + 5:g}" text-anchor="middle">{number + 1}</text>'
        )
    parts.write("</svg>")
    return mark_safe(parts.getvalue())  # noqa: S308 numbers only
