"""Restatements of a version as sentences."""

from collections.abc import Iterable
from dataclasses import dataclass

from mechanism.closing.differences import DescribedDifference, RecordDifference, RowDifference, describe_differences
from mechanism.kpi.registry import FIGURES
from mechanism.models import Restatement


@dataclass(frozen=True)
class RestatedLine:
    described: DescribedDifference
    reason: str


def restated_lines(restatements: Iterable[Restatement]) -> list[RestatedLine]:
    """One line for each restatement whose figure still exists. The number of SQL queries does not depend on them."""
    rows = [row for row in restatements if row.row_set in FIGURES]
    records = [RecordDifference(change.model, change.object_id, (change,)) for change in map(_as_difference, rows)]
    described = describe_differences(records)
    return [RestatedLine(item, row.reason) for item, row in zip(described, rows, strict=True)]


def _as_difference(row: Restatement) -> RowDifference:
    model = FIGURES[row.row_set].model._meta.label_lower
    return RowDifference(row.row_set, model, row.object_id, row.before, row.after)
