"""Columns of the table of achievements: those to choose from, and those shown at first."""

from typing import NamedTuple


class TableColumn(NamedTuple):
    """sort: the order by this column, "" if there is none. cell: the editable cell in it (portfolio.services.cells)."""

    label: str
    sort: str = ""
    cell: str = ""
    is_number: bool = False
    starts_descending: bool = False


COLUMNS = {
    "owner": TableColumn("单位"),
    "college": TableColumn("学院", "college", "college"),
    "lead": TableColumn("负责人", "lead", "lead_person"),
    "status": TableColumn("状态", "status"),
    "stage": TableColumn("阶段", "stage", "stage", starts_descending=True),
    "updated": TableColumn("更新", "updated", starts_descending=True),
    "expires": TableColumn("有效期至", "expires", "expires_on"),
    "interest": TableColumn("关注，12 周", "interest", starts_descending=True),
    "views": TableColumn("浏览、收藏"),
    "enquiries": TableColumn("询问", "enquiries", starts_descending=True),
    "matches": TableColumn("匹配", "matches", starts_descending=True),
    "follow_ups": TableColumn("对接", "follow_ups", is_number=True, starts_descending=True),
    "deals": TableColumn("成交", "deals", is_number=True, starts_descending=True),
    "price": TableColumn("意向价格", "price", "price", is_number=True),
    "gaps": TableColumn("最该补的"),
}
DEFAULT_COLUMNS = (
    *("owner", "college", "lead", "status", "stage", "updated", "interest", "enquiries", "matches"),
    *("follow_ups", "deals", "price"),
)
