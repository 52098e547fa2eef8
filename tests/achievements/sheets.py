"""Small collection sheets for tests."""

import io

from openpyxl import Workbook

ROW = {
    "序号": 1,
    "成果名称": "高镍三元正极材料表面包覆技术",
    "第一完成单位": "大连理工大学",
    "负责人": "示例人",
    "成果类别": "应用技术成果",
    "成果体现形式": "新材料",
    "所处阶段": "中期阶段（中试）",
    "产业链": "新材料",
    "成果简介": "在正极颗粒表面生成包覆层，抑制副反应，提高循环寿命。",
    "拟转化方式": "技术许可；作价入股",
    "意向价格（万元）": "50-100",
    "转化意愿": "愿意",
    "联系人": "示例联系人",
    "联系电话": "0411-00000000",
    "非涉密确认": "是",
}


def rows_of(*changes: dict) -> list[dict]:
    """One row per change, merged into ROW."""
    return [ROW | change for change in changes]


def workbook(*changes: dict, title_rows=("科技成果征集汇总表",)) -> bytes:
    """An .xlsx with a title row, one header and a row for each of `changes`."""
    rows = rows_of(*changes)
    headers = list(dict.fromkeys(name for row in rows for name in row))
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
