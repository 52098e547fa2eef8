"""Text of scans by rapidocr, where an installation has added that package; it is no requirement of the product."""

import importlib
import importlib.util
import io
from itertools import islice
from typing import Any

from .errors import UnreadableDocument
from .labels import is_label
from .layout import Fragment, in_cells, in_columns
from .lines import Document, Line

PACKAGE = "rapidocr"
MAX_PAGES = 10
MAX_PIXELS = 40_000_000
MIN_SCORE = 0.6
"""Lines that are less certain are left out and counted."""


def is_available() -> bool:
    return importlib.util.find_spec(PACKAGE) is not None


def read_scan(content: bytes) -> Document:
    """The largest picture of each of the first pages. Raises UnreadableDocument."""
    from .pdf import DAMAGED, open_pdf  # loads pypdf, which few processes need

    if not is_available():
        raise UnreadableDocument("这个平台没有安装文字识别（rapidocr）。")
    engine = importlib.import_module(PACKAGE).RapidOCR()
    lines: list[Line] = []
    rows: list[Line] = []
    doubtful = 0
    try:
        pages = open_pdf(content).pages
        page_count = len(pages)
        for number, page in enumerate(islice(pages, MAX_PAGES), 1):
            picture = _picture(page)
            if picture is None:
                continue
            fragments, unsure = _fragments(engine, picture)
            doubtful += unsure
            lines += _numbered(in_columns(fragments), number)
            rows += _numbered(in_cells(fragments, is_label), number)
    except DAMAGED as error:
        raise UnreadableDocument("扫描件里的图片打不开，请重新扫描后再上传。") from error
    notes = (f"有 {doubtful} 行看不清，没有采用。",) if doubtful else ()
    is_cut = page_count > MAX_PAGES
    return Document("pdf", tuple(lines), tuple(rows), page_count, not lines, is_cut, by_ocr=True, notes=notes)


def _picture(page: Any) -> bytes | None:
    """The largest picture of a page as PNG."""
    pictures = []
    for file in islice(page.images, 20):
        image = file.image
        if image is not None and image.width * image.height <= MAX_PIXELS:
            pictures.append(image)
    if not pictures:
        return None
    output = io.BytesIO()
    max(pictures, key=lambda image: image.width * image.height).convert("RGB").save(output, "PNG")
    return output.getvalue()


def _fragments(engine: Any, picture: bytes) -> tuple[list[Fragment], int]:
    result = engine(picture)
    boxes, texts, scores = result.boxes, result.txts, result.scores
    if boxes is None or texts is None or scores is None:
        return [], 0
    fragments = []
    for box, text, score in zip(boxes, texts, scores, strict=True):
        if score < MIN_SCORE:
            continue
        across, down = [float(point[0]) for point in box], [float(point[1]) for point in box]
        height = max(max(down) - min(down), 1.0) * 0.75
        fragments.append(Fragment(min(across), max(across), max(down), height, str(text)))
    return fragments, len(texts) - len(fragments)


def _numbered(lines: list[Line], page: int) -> list[Line]:
    return [Line(line.cells, page, number, line.size, line.row, line.is_full) for number, line in enumerate(lines, 1)]
