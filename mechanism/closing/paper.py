"""The signed version as PDF, with the code by which anybody can check it."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from mechanism.closing.overview import (
    HEADLINES,
    FrozenLine,
    SplitChoice,
    headline_lines,
    span_labels,
    split_choice,
    split_lines,
)
from mechanism.closing.restated import restated_lines
from mechanism.closing.sealing import is_published_intact
from mechanism.closing.spans import span_label
from mechanism.models import FigureVersion, FrozenFigure
from rounds.papers.pdf import render_pdf
from rounds.papers.pictures import qr_code

PRINTED_SPLITS = (("turnover", "region"), ("absorbed", "region"), ("turnover", "industry"))
MAX_RESTATEMENTS = 200


def version_paper(version: FigureVersion, address: str) -> bytes:
    """A PDF of A4 pages. `address`: of the public page that checks the code.

    Raises ValidationError for a version that does not prove, PdfRenderingError if the server cannot lay out pages.
    """
    if not is_published_intact(version):
        raise ValidationError("这一版的内容与签发时的校验值不一致，不能打印。请立即与系统管理员联系。")
    content, _pages = render_pdf(version_html(version, address), style=None)
    return content


def version_html(version: FigureVersion, address: str) -> str:
    restatements = list(version.restatements.all()[:MAX_RESTATEMENTS])
    context = {
        "version": version,
        "code": printed_code(version.public_id),
        "address": address,
        "qr": qr_code(address),
        "spans": list(span_labels(version).values()),
        "year_label": span_label(FrozenFigure.Span.YEAR, version.last_on),
        "lines": headline_lines(version),
        "splits": list(_printed_splits(version)),
        "definitions": [version.definitions[key] for key in HEADLINES if key in version.definitions],
        "restated": restated_lines(restatements),
        "hidden_restatements": max(0, version.restatements.count() - MAX_RESTATEMENTS),
    }
    return render_to_string("mechanism/papers/figure_version.html", context)


def _printed_splits(version: FigureVersion) -> Iterator[tuple[SplitChoice, list[FrozenLine]]]:
    for figure, by in PRINTED_SPLITS:
        if figure in version.definitions:
            choice = split_choice(version, figure, by)
            if lines := split_lines(version, choice):
                yield choice, lines


def printed_code(code: str) -> str:
    """As people read it aloud: abcde-fghij."""
    return f"{code[:5]}-{code[5:]}"
