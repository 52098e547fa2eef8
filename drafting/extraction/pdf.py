"""Lines of a PDF in the order in which people read them, from the positions of its text."""

import io
import logging
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ContentStream

from .errors import UnreadableDocument
from .labels import is_label
from .layout import Fragment, in_cells, in_columns
from .lines import Document, Line, clean

MAX_PAGES = 30
MAX_PAGE_BYTES = 2 * 1024 * 1024
"""Bytes of the drawing commands of a page: reading takes time with their number."""
MAX_CHARS = 60_000
MIN_CHARS_A_PAGE = 12
"""Pages with less text on average are a scan."""
DAMAGED = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError, OSError)


def read_pdf(content: bytes) -> Document:
    """Raises UnreadableDocument."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it writes about each odd object
    try:
        reader = open_pdf(content)
        page_count = len(reader.pages)
        lines: list[Line] = []
        rows: list[Line] = []
        length = 0
        for number, page in enumerate(islice(reader.pages, MAX_PAGES), 1):
            columns, in_order = _page(page)
            lines += _numbered(columns, number)
            rows += _numbered(in_order, number)
            length += sum(len(line.text) for line in lines if line.page == number)
            if length > MAX_CHARS:
                break
    except UnreadableDocument:
        raise
    except DAMAGED as error:
        raise UnreadableDocument("文件打不开，可能已损坏，请重新“打印为 PDF”后再上传。") from error
    read_pages = min(page_count, MAX_PAGES)
    is_scan = page_count > 0 and length < MIN_CHARS_A_PAGE * read_pages
    is_cut = page_count > MAX_PAGES or length > MAX_CHARS
    return Document("pdf", tuple(lines), tuple(rows), page_count, is_scan, is_cut)


def open_pdf(content: bytes) -> PdfReader:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableDocument("文件设有密码，请取消密码后再上传。")
    if _is_active(reader):
        raise UnreadableDocument("文件带有脚本或内嵌文件，请“打印为 PDF”后再上传。")
    return reader


def _is_active(reader: PdfReader) -> bool:
    """Whether the document runs scripts or carries files, also where compressed objects hide it."""
    root: Any = reader.trailer["/Root"].get_object()
    names = root.get("/Names")
    action = root.get("/OpenAction")
    action = action.get_object() if action is not None else None
    names = names.get_object() if names is not None else {}
    kinds = {"/JavaScript", "/EmbeddedFiles"} & set(names)
    return bool(kinds) or (isinstance(action, dict) and action.get("/S") in {"/JavaScript", "/Launch"})


def _page(page: PageObject) -> tuple[list[Line], list[Line]]:
    """(lines in columns, lines in rows), both without numbers."""
    contents = page.get_contents()
    if contents is None or len(contents.get_data()) > MAX_PAGE_BYTES:
        return [], []
    plain = [Line((text,), 0, 0, is_full=True) for part in page.extract_text().split("\n") if (text := clean(part))]
    fragments = _fragments(page)
    # Text inside of form objects has no positions; then the order of the file has to do.
    if sum(len(piece.text.strip()) for piece in fragments) < 0.8 * sum(len(line.text) for line in plain):
        return plain, plain
    return in_columns(fragments), in_cells(fragments, is_label)


def _numbered(lines: list[Line], page: int) -> Iterator[Line]:
    for number, line in enumerate(lines, 1):
        yield Line(line.cells, page, number, line.size, line.row, line.is_full)


def _fragments(page: PageObject) -> list[Fragment]:
    """The texts of a page with their positions; none where this release of pypdf does not tell them.

    pypdf uses this itself for its layout mode, which merges what stands on one line; the parts are needed here.
    """
    try:
        operations = _text_operations(page)
    except (ImportError, *DAMAGED):
        return []
    height = float(page.mediabox.height)
    return [
        Fragment(row.tx, row.displaced_tx, height - row.ty, abs(row.font_height) or 1.0, row.text)
        for row in operations
        if row.text.strip("\x00") and not row.rotated and row.font.interpretable
    ]


def _text_operations(page: PageObject) -> list[Any]:
    from pypdf._text_extraction._layout_mode._fixed_width_page import recurse_to_target_op
    from pypdf._text_extraction._layout_mode._text_state_manager import TextStateManager

    contents = page["/Contents"].get_object()
    operations = iter(ContentStream(contents, page.pdf, "bytes").operations)
    fonts, state = page._layout_mode_fonts(), TextStateManager()
    texts: list[Any] = []
    for _surplus in range(100):  # a Q without its q ends a turn
        before = len(texts)
        texts += recurse_to_target_op(operations, state, b"Q", fonts)[1]
        if len(texts) == before:
            break
    return texts
