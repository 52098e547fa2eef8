"""Small and large lists of the registration office for tests."""

import io

from openpyxl import Workbook

ROW = {
    "登记编号": "2026210200000001",
    "合同名称": "高镍正极材料表面包覆技术开发",
    "合同类别": "技术开发",
    "卖方名称": "大连理工大学",
    "卖方所在地": "高新区",
    "买方名称": "大连示例轴承有限公司",
    "买方所在地": "金普新区",
    "合同成交额（万元）": "120",
    "技术交易额（万元）": "80",
    "签订日期": "2026-03-01",
    "登记日期": "2026-03-20",
}


def workbook(*changes: dict) -> bytes:
    """An .xlsx with a title row, the header in row 2 and a row for each of `changes` to ROW."""
    book = Workbook()
    book.active.append(["技术合同登记名单"])
    book.active.append(list(ROW))
    for change in changes:
        book.active.append([(ROW | change)[name] for name in ROW])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def numbered(number: int, **change) -> dict:
    """The `number`-th contract of a long list, of parties nobody knows."""
    return {
        "登记编号": f"{2026210200000000 + number}",
        "合同名称": f"技术合同{number}",
        "卖方名称": f"沈阳甲方{number % 97}研究所",
        "卖方所在地": "沈阳",
        "买方名称": f"大连乙方{number}制造厂",
        "合同成交额（万元）": f"{100 + number}",
    } | change
