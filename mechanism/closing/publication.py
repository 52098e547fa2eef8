"""What of the signed versions is public: the report frozen with the newest version of each year.

Two versions of one month differ by the rows that were restated. If too few firms are behind these rows, the difference
of the published sums would tell the sum of one firm: then the sums stay as they were published, and the correction
becomes public with the next month.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from django.core.exceptions import ValidationError

from mechanism.closing.authentic import authentic_by_year
from mechanism.closing.differences import Differences
from mechanism.closing.public_part_changes import parts_to_publish
from mechanism.closing.spans import span_label
from mechanism.kpi.disclosure_control import PublishedContracts
from mechanism.kpi.period import Period
from mechanism.kpi.public_parts import PublicPart
from mechanism.kpi.public_report import (
    MIN_FUNDS,
    PublicCell,
    PublicFigure,
    PublicReport,
    build_report,
    entries_of,
)
from mechanism.kpi.query_scope import FigureScope
from mechanism.models import FigureVersion, FrozenFigure

MAX_YEARS = 6
CARRIED_OVER = "更正涉及的单位太少，公开的数沿用上一版，下次月结时并入"
SUMS = {"turnover": ("turnover",), "local_rate": ("local_rate",), "tables": ("absorbed",)}
"""{published sum of contracts: figures whose rows it sums}."""


@dataclass(frozen=True)
class PublishedReport:
    """The public content of a signed version. `versions`: that of each published year, the latest first."""

    version: FigureVersion
    report: PublicReport
    versions: list[FigureVersion]

    @property
    def year(self) -> int:
        return self.version.last_on.year

    @property
    def years(self) -> list[int]:
        return [version.last_on.year for version in self.versions]

    @property
    def span_label(self) -> str:
        return span_label(FrozenFigure.Span.YEAR, self.version.last_on)


def published_report(text: str) -> PublishedReport | None:
    """The report of a year, of the latest for an empty text; None if nothing has been signed.

    Raises ValidationError for anything but a published year.
    """
    versions = authentic_by_year(MAX_YEARS)
    chosen = next((version for version in versions if not text or str(version.last_on.year) == text), None)
    if chosen is None and text:
        years = "、".join(str(version.last_on.year) for version in versions) or "还没有"
        raise ValidationError("公开的成效数据只按年查询，可选：%(years)s。" % {"years": years})
    return PublishedReport(chosen, report_of(chosen), versions) if chosen else None


def report_of(version: FigureVersion) -> PublicReport:
    """The report as it was frozen with the version."""
    stored = version.public_report
    tables = [
        (
            table["name"],
            table["label"],
            [PublicCell(label, number, None if yi is None else Decimal(yi)) for label, number, yi in table["cells"]],
        )
        for table in stored.get("tables", ())
    ]
    parts = [PublicPart(**part) for part in stored.get("parts", ())]
    figures = [_with_own_target(PublicFigure(**figure), version.last_on.year) for figure in stored.get("figures", ())]
    total = stored.get("total")
    return PublicReport(figures, tables, parts, PublicCell(total[0], total[1], Decimal(total[2])) if total else None)


def _with_own_target(figure: PublicFigure, year: int) -> PublicFigure:
    """Without a target of another year: earlier versions name the next one, or the last."""
    return figure if figure.target.startswith(f"{year} 年") else replace(figure, target="")


def public_content(period: Period, previous: FigureVersion | None, differences: Differences) -> dict:
    """The report of a version as JSON values. `previous`: the version before it in its year, of the same month if it is
    restated."""
    report = build_report(period)
    if previous:
        report = replace(
            report, parts=parts_to_publish(report.parts, report_of(previous).parts, previous, FigureScope(period))
        )
    restated = previous if previous and previous.last_on == period.last else None
    if restated:
        report = _with_carried_over(report, report_of(restated), _unsafe_sums(differences))
    tables = [
        {"name": name, "label": label, "cells": [[cell.label, cell.contracts, _text(cell.yi)] for cell in cells]}
        for name, label, cells in report.tables
    ]
    return {
        "figures": [asdict(figure) for figure in report.figures],
        "tables": tables,
        "parts": [asdict(part) for part in report.parts],
        "total": [report.total.label, report.total.contracts, _text(report.total.yi)] if report.total else None,
    }


def _text(yi: Decimal | None) -> str | None:
    return None if yi is None else str(yi)


def _with_carried_over(report: PublicReport, before: PublicReport, unsafe: set[str]) -> PublicReport:
    earlier = {figure.key: figure for figure in before.figures}
    figures = [
        _carried_over(figure, earlier[figure.key]) if figure.key in unsafe and figure.key in earlier else figure
        for figure in report.figures
    ]
    if "tables" in unsafe:
        report = replace(report, tables=before.tables, total=before.total)
    return replace(report, figures=figures)


def _carried_over(figure: PublicFigure, earlier: PublicFigure) -> PublicFigure:
    if (figure.text, figure.note) == (earlier.text, earlier.note):
        return figure
    note = "；".join(filter(None, [earlier.note.removesuffix(CARRIED_OVER).removesuffix("；"), CARRIED_OVER]))
    return replace(figure, text=earlier.text, note=note)


def _unsafe_sums(differences: Differences) -> set[str]:
    """The published sums whose difference from the restated version would tell the sum of one firm, or of one fund."""
    unsafe = set()
    for name, figures in SUMS.items():
        changed = set(_changed_rows(differences, figures))
        contracts = PublishedContracts(entries_of(changed))
        if not contracts.is_safe(contracts.all_ids):
            unsafe.add(name)
    funds = len(set(_changed_rows(differences, ("funds",))))
    return unsafe | ({"funds"} if 0 < funds < MIN_FUNDS else set())


def _changed_rows(differences: Differences, figures: Iterable[str]) -> list[int]:
    changes = (change for record in differences.records for change in record.changes)
    return [change.object_id for change in changes if change.row_set in figures]
