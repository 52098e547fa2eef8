"""Small sheets of agencies and of brokers for tests."""

import io

from openpyxl import Workbook

AGENCY = {
    "机构名称": "示例技术转移中心",
    "统一社会信用代码": "91210200MADEM0001W",
    "机构类别": "技术转移",
    "服务类型": "技术转让；技术咨询",
    "服务领域": "新材料；高端装备",
    "服务区市县": "金普新区；高新区",
    "所在区市县": "高新区",
    "机构简介": "为高校成果找企业。",
    "网址": "example.com",
    "联系人": "示例人",
    "联系电话": "0411-84700000",
    "邮箱": "demo@example.com",
}
BROKER = {
    "姓名": "示例甲",
    "所属机构": "示例技术转移中心",
    "等级": "中级",
    "证书号": "JSJJR-2026-001",
    "发证单位": "示例培训基地",
    "发证日期": "2025年6月",
    "有效期至": "2028-06-30",
    "职称": "工程系列·工程师",
    "擅长领域": "新材料",
    "服务区市县": "全市",
    "联系电话": "13800001234",
}


def workbook(row: dict, *changes: dict, drop: tuple[str, ...] = ()) -> bytes:
    """An .xlsx with a title row, one header, and a row for each of `changes` to `row`; `drop` leaves columns out."""
    rows = [row | change for change in changes]
    headers = [name for name in dict.fromkeys(name for entry in rows for name in entry) if name not in drop]
    book = Workbook()
    book.active.append(["名录汇总表"])
    book.active.append(headers)
    for entry in rows:
        book.active.append([entry.get(name) for name in headers])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
