"""How the documents of the corpus are made: PDF by WeasyPrint, Word by python-docx, text as it is pasted."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from docx import Document as WordDocument

UNIVERSITY, COLLEGE_NAME = "滨城理工大学", "化工学院"


@dataclass(frozen=True, eq=False)
class Case:
    """kind: pdf, docx or text. expected: what stands in the document; `absent`: fields of which it says nothing."""

    name: str
    kind: str
    make: Callable[[], bytes]
    expected: dict[str, str]
    absent: tuple[str, ...] = field(default=("price", "keywords", "stage"))


def pdf(body: str, css: str = "") -> bytes:
    from weasyprint import HTML  # reads a style sheet for a second when it is imported

    style = "@page{size:A4;margin:16mm}body{font:11pt 'Noto Serif CJK SC'}table{border-collapse:collapse}"
    style += "td{vertical-align:top}" + css
    return HTML(string=f"<meta charset=utf-8><style>{style}</style>{body}").write_pdf()


def word(build: Callable) -> bytes:
    document, output = WordDocument(), io.BytesIO()
    build(document)
    document.save(output)
    return output.getvalue()


def table(document, rows: list[list[str]]) -> None:
    grid = document.add_table(rows=0, cols=max(map(len, rows)))
    for row in rows:
        for cell, text in zip(grid.add_row().cells, row, strict=False):
            cell.text = text


@cache
def content_of(case: Case) -> bytes:
    return case.make()
