"""Figures, their splits and the rows behind them as workbooks: watermarked, each export in the trail."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from audit.exports import recorded_workbook
from mechanism.kpi.counting import count, split
from mechanism.kpi.figure import DIMENSIONS, TIMES, Figure
from mechanism.kpi.lines import lines, ordered
from mechanism.kpi.reading import counted_figures, progresses
from mechanism.kpi.targets import in_words
from mechanism.kpi.where import Where

BOARD_HEADERS = ("指标", "数值", "单位", "范围", "截至", "记录数", "目标", "进度", "怎么算", "完整性")
ROW_HEADERS = ("名称", "相关单位", "区市县", "日期", "金额（万元）", "说明", "计入分子", "出自")
SPLIT_HEADERS = ("指标", "按什么分", "名称", "数值", "单位", "记录数")
CHUNK = 500


def export_board(where: Where, *, by) -> bytes:
    """An .xlsx of every figure the user has, one line each."""
    found = counted_figures(where)
    steps = progresses(found)
    told = [
        (
            counted.figure.label,
            counted.value,
            counted.figure.unit.label,
            where.words,
            counted.as_of,
            counted.tally.rows,
            steps[key].wanted if key in steps else None,
            in_words(steps[key], counted) if key in steps else "",
            counted.figure.formula,
            "；".join(counted.notes),
        )
        for key, counted in found.items()
    ]
    return _written(_("成效数据"), BOARD_HEADERS, told, by)


def export_rows(figure: Figure, where: Where, *, by) -> bytes:
    """An .xlsx of the rows behind a figure, its value and formula above them."""
    counted = count(figure, where)
    notes = (
        f"{figure.label}：{counted.value if counted.value is not None else '—'} {figure.unit.label}（{where.words}）",
        str(figure.formula),
        *counted.notes,
    )
    return _written(str(figure.label), ROW_HEADERS, list(_rows(figure, where, by)), by, notes)


def export_split(figure: Figure, where: Where, dimension: str, *, by) -> bytes:
    """An .xlsx of a figure by a dimension or by time."""
    way = DIMENSIONS[dimension].label if dimension in DIMENSIONS else TIMES[dimension]
    told = [
        (figure.label, way, line.label, line.value, figure.unit.label, line.tally.rows)
        for line in split(figure, where, dimension)
    ]
    return _written(str(figure.label), SPLIT_HEADERS, told, by, (where.words, str(figure.formula)))


def _rows(figure: Figure, where: Where, user) -> Iterator[tuple]:
    found = ordered(figure, where.rows(figure))
    for start in range(0, found.count(), CHUNK):
        for line in lines(figure, found[start : start + CHUNK], user):
            part = {True: _("是"), False: _("否"), None: None}[line.is_part]
            back = "；".join(f"{link.what}：{link.text}" for link in line.way_back)
            yield line.title, line.who, line.region, line.day, line.amount, line.note, part, back


def _written(title: str, headers, told: list, by, notes=()) -> bytes:
    return recorded_workbook(_("导出成效数据"), title, headers, told, by=by, purpose=_("仅供工作使用"), notes=notes)
