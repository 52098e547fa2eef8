"""The table of achievements as a workbook, with the columns and in the order that the page shows."""

from collections.abc import Callable
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.exports import recorded_workbook
from portfolio.columns import COLUMNS
from portfolio.counts import ItemCounts, item_counts
from portfolio.filters import TableFilter
from portfolio.gaps import completeness_of

MAX_ROWS = 10_000
type Cell = str | int | date | None

CELLS: dict[str, list[tuple[str, Callable[[Achievement, ItemCounts], Cell]]]] = {
    "owner": [("单位", lambda row, counts: row.institution.name)],
    "college": [("学院", lambda row, counts: row.college)],
    "lead": [("负责人", lambda row, counts: row.lead_person)],
    "status": [("状态", lambda row, counts: row.get_status_display())],
    "stage": [
        ("所处阶段", lambda row, counts: row.get_stage_display()),
        ("成熟度等级", lambda row, counts: row.maturity_level),
    ],
    "updated": [("更新日期", lambda row, counts: timezone.localdate(row.updated_at))],
    "expires": [("有效期至", lambda row, counts: row.expires_on)],
    "interest": [("12 周关注（浏览、收藏、询问）", lambda row, counts: counts.interest)],
    "views": [
        ("12 周浏览", lambda row, counts: counts.views),
        ("收藏", lambda row, counts: counts.favourites),
    ],
    "enquiries": [
        ("询问", lambda row, counts: counts.enquiries),
        ("等答复的询问", lambda row, counts: counts.enquiries_waiting),
    ],
    "matches": [
        ("采纳的匹配", lambda row, counts: counts.matches),
        ("区县在看的匹配", lambda row, counts: counts.matches_waiting),
    ],
    "follow_ups": [("正在对接", lambda row, counts: counts.follow_ups)],
    "deals": [("成交项目", lambda row, counts: counts.deals)],
    "price": [("意向价格", lambda row, counts: row.price_text)],
    "gaps": [
        ("完整度（%）", lambda row, counts: completeness_of(row).percent),
        ("最该补的", lambda row, counts: "；".join(gap.label for gap in completeness_of(row).gaps)),
    ],
}


def export_table(rows: QuerySet[Achievement], chosen: TableFilter, *, by: User) -> bytes:
    """An .xlsx of the rows; the audit trail records it. Raises ValidationError for more than MAX_ROWS."""
    if (number := rows.order_by().count()) > MAX_ROWS:
        raise ValidationError(f"一共 {number} 项，一次最多导出 {MAX_ROWS} 项，请先筛选。")
    details = ("indicators", "intellectual_property", "completers") if "gaps" in chosen.columns else ()
    shown = list(rows.select_related("institution").prefetch_related(*details))
    counts = item_counts(shown, by)
    cells = [cell for name in COLUMNS if name in chosen.columns for cell in CELLS[name]]
    headers = ("成果名称", "入库编号", *(label for label, _value in cells))
    lines = [
        (row.title, row.registry_number or "", *(value(row, counts[row.pk]) for _label, value in cells))
        for row in shown
    ]
    notes = [f"{label}：{value}" for label, value, _query in chosen.descriptions]
    if "status" in chosen.values:
        notes.append(f"状态：{chosen.describe('status')}")
    return recorded_workbook("导出成果台账", "我的成果", headers, lines, by=by, notes=notes)
