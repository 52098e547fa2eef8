"""Small collection sheets for tests."""

import io

from openpyxl import Workbook

ROW = {
    "序号": 1,
    "需求名称": "高速轴承保持架减摩涂层",
    "企业名称": "大连示例轴承有限公司",
    "统一社会信用代码": "91210200MADEM0001W",
    "所属区市县": "金普新区",
    "企业类型": "专精特新",
    "产业链": "高端装备",
    "需求类型": "技术攻关",
    "主要问题": "高速下保持架磨损快，需要减摩涂层。",
    "技术指标": "摩擦系数≤0.05；耐温不低于 300℃",
    "期望合作方式": "合作开发；委托开发",
    "拟投入资金（万元）": "50-100",
    "需求时限": "2026年1月至2027年12月",
    "是否匿名发布": "否",
    "是否愿意揭榜挂帅": "是",
    "联系人": "示例人",
    "联系电话": "0411-84700000",
    "邮箱": "demo@example.com",
}
OTHER_CODE = "91210200MADEM00020"


def workbook(*changes: dict, drop: tuple[str, ...] = (), title_rows=("企业技术需求征集表",)) -> bytes:
    """An .xlsx with a title row, one header, and a row for each of `changes` to ROW; columns in `drop` are left out."""
    rows = [ROW | change for change in changes]
    headers = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in drop]
    book = Workbook()
    sheet = book.active
    for title in title_rows:
        sheet.append([title])
        sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=len(headers))
    sheet.append(headers)
    for row in rows:
        sheet.append([row.get(name) for name in headers])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
