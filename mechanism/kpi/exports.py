"""The records behind a figure, and its split, as watermarked workbooks. Each is recorded in the audit trail."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from accounts.models import User
from audit.exports import recorded_workbook
from mechanism.kpi.counting import FigureQuery, FigureResults, SignedNumbers, count_figure
from mechanism.kpi.definitions import DIMENSIONS, TIMES, YI, FigureDefinition, FigurePart
from mechanism.kpi.presentation import part_text
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.records import describe_records, ordered_records
from mechanism.kpi.unconfirmed import count_unconfirmed

RECORD_HEADERS = ("名称", "相关单位", "区市县", "日期", "金额（万元）", "说明", "计入分子", "出自")
SPLIT_HEADERS = ("指标", "按什么分", "名称", "数值", "单位", "记录数")
CHUNK = 500


def export_records(
    figure: FigureDefinition,
    scope: FigureScope,
    *,
    by: User,
    part: FigurePart | None = None,
    signed: SignedNumbers | None = None,
) -> bytes:
    """An .xlsx with the records behind a figure or one of its parts, its value and formula above them."""
    counted = count_figure(figure, scope)
    value = counted.value if counted.value is not None else "—"
    notes = (
        f"{figure.label}：{value} {figure.unit.label}（{scope.label}）",
        *filter(None, [signed.text(counted) if signed else ""]),
        counted.stamp.text,
        str(figure.formula),
        *([f"下面只列其中{part.label}的记录：{part.definition}"] if part else []),
        *(f"其中{value.part.label} {part_text(value)}" for value in counted.parts),
        *counted.notes,
        *(left.text for left in count_unconfirmed(figure, scope)),
    )
    headers = (*RECORD_HEADERS, f"其中{part.label}（万元）") if part and part.amount is not None else RECORD_HEADERS
    lines = list(_record_lines(figure, scope, by, part))
    title = f"{figure.label}，其中{part.label}" if part else str(figure.label)
    return _workbook(title, headers, lines, by, notes)


def export_split(
    figure: FigureDefinition, scope: FigureScope, dimension: str, *, by: User, signed: SignedNumbers | None = None
) -> bytes:
    """An .xlsx of a figure split by a dimension or by time; of a closed period the signed lines beside those of now."""
    dimension_label = DIMENSIONS[dimension].label if dimension in DIMENSIONS else TIMES[dimension]
    query = FigureQuery(figure, scope, dimension)
    whole = replace(query, by="")
    results = FigureResults([query, whole], signed=signed)
    is_signed = bool(signed and signed.is_closed and scope.is_whole_city)
    lines = [
        (
            *(figure.label, dimension_label, line.label, line.value, figure.unit.label, line.totals.rows),
            *(value.value for value in line.parts),
            *([(line.current or line).value] if is_signed else []),
        )
        for line in results.split(query)
    ]
    unit = (YI if figure.is_rate else figure.unit).label
    headers = (*SPLIT_HEADERS, *(f"其中{part.label}（{unit}）" for part in figure.parts))
    if is_signed:
        headers = (*headers, f"现在的数（{figure.unit.label}）")
    counted = results.count(whole)
    notes = (*filter(None, [signed.text(counted) if signed else ""]), counted.stamp.text, str(figure.formula))
    notes += tuple(part.definition for part in figure.parts)
    return _workbook(str(figure.label), headers, lines, by, (scope.label, *notes))


def _record_lines(figure: FigureDefinition, scope: FigureScope, user: User, part: FigurePart | None) -> Iterator[tuple]:
    rows = scope.rows_of_part(figure, part) if part else scope.rows(figure)
    records = ordered_records(figure, rows)
    for start in range(0, records.count(), CHUNK):
        for row in describe_records(figure, records[start : start + CHUNK], user):
            in_numerator = {True: "是", False: "否", None: None}[row.in_numerator]
            origin = "；".join(f"{link.what}：{link.text}" for link in row.origin_links)
            own = [row.part_wan] if part and part.amount is not None else []
            yield row.title, row.organisations, row.region, row.day, row.amount, row.note, in_numerator, origin, *own


def _workbook(title: str, headers: Sequence[str], lines: list[tuple], by: User, notes: Iterable[str] = ()) -> bytes:
    return recorded_workbook("导出成效数据", title, headers, lines, by=by, purpose="仅供工作使用", notes=notes)
