"""How long a sheet takes: `python -m benchmarks.import_workbook [--rows N | --file F.xlsx] [--kind KIND]`.

One JSON line: seconds of the check, of the write (which checks again) and of the same file once more, which must change
nothing. By default 524 invented achievements of one institution; with --file a workbook of real ones, by city staff,
whose institutions are made first from its own column of first units.

With --kind demands, agencies, brokers or funds a sheet goes the way of the pages (`portal/sheet_checks.py`): processor
seconds of a check that finds a fault in every tenth row and marks the sheet, of the check without faults and of the
import, the peak of resident memory so far, and milliseconds of processor and of the clock for the page of each.
"""

import argparse
import io
import json
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks import environment
from benchmarks.texts import texts

ROW = {
    "序号": 0,
    "成果名称": "",
    "第一完成单位": "示例理工大学",
    "负责人": "示例人",
    "成果类别": "应用技术成果",
    "成果体现形式": "新材料",
    "所处阶段": "中期阶段",
    "产业链": "新材料",
    "关键词": "",
    "成果简介": "",
    "拟转化方式": "技术许可；作价入股",
    "意向价格（万元）": "50-100",
    "转化意愿": "愿意",
    "联系人": "示例联系人",
    "联系电话": "",
    "非涉密确认": "是",
}
UNIT = "第一完成单位"


SHEETS = {
    "demands": {
        "需求名称": "{text:.20}{n}", "企业名称": "示例企业{firm}", "所属区市县": "金普新区", "企业类型": "专精特新",
        "产业链": "高端装备", "需求类型": "技术攻关", "主要问题": "{text}",
        "技术指标": "摩擦系数≤0.05；耐温不低于 300℃",
        "期望合作方式": "合作开发；委托开发", "拟投入资金（万元）": "50-100", "需求时限": "2026年1月至2027年12月",
        "是否匿名发布": "否", "联系人": "示例人", "联系电话": "0411-{n:08}",
    },
    "agencies": {
        "机构名称": "示例技术转移中心{n}", "机构类别": "技术转移", "服务类型": "技术转让；技术咨询",
        "服务领域": "新材料；高端装备", "服务区市县": "金普新区；高新区", "所在区市县": "高新区", "机构简介": "{text}",
        "网址": "example.com", "联系人": "示例人", "联系电话": "0411-{n:08}",
    },
    "brokers": {
        "姓名": "示例甲", "等级": "中级", "证书号": "JSJJR-{n}", "发证单位": "示例培训基地", "发证日期": "2025年6月",
        "有效期至": "2028-06-30", "职称": "工程师", "擅长领域": "新材料", "服务区市县": "全市",
    },
    "funds": {
        "基金名称": "示例基金{n}", "类别": "天使", "管理人": "示例管理公司", "认缴规模（万元）": "5000",
        "实缴规模（万元）": "1000", "投资领域": "新材料", "设立日期": "2025-06-01", "说明": "{text}",
    },
}  # fmt: skip
"""Kind → column → content of a row."""
WRONG = {"demands": "产业链", "agencies": "机构类别", "brokers": "等级", "funds": "认缴规模（万元）"}
"""Kind → a column with a word that is none of its choices in every tenth row."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=524)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--kind", choices=["achievements", *SHEETS], default="achievements")
    options = parser.parse_args()
    if options.kind != "achievements":
        with environment.database():
            print(json.dumps(measured_as_pages_do(options.kind, options.rows)))
        return
    content = options.file.read_bytes() if options.file else invented(options.rows)
    with environment.database():
        print(json.dumps(measured(content)))


def invented(rows: int, length: int = 240) -> bytes:
    """A collection sheet with a title row and descriptions of about `length` characters."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["科技成果征集汇总表"])
    sheet.append(list(ROW))
    for number, text in enumerate(texts(rows, length=length), start=1):
        own = {
            "序号": number,
            "成果名称": f"{text[:20]}{number}",
            "关键词": "；".join(text[at : at + 4].replace("，", "") for at in (30, 60, 90)),
            "成果简介": text,
            "联系电话": f"0411-{number:08}",
        }
        sheet.append(list((ROW | own).values()))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def measured(content: bytes) -> dict:
    from accounts.models import Organisation, Role, User
    from accounts.services.members import add_member
    from accounts.services.source_files import store_source_file
    from achievements.imports import check_achievements
    from achievements.models import Achievement
    from achievements.services.importing import import_achievements

    Organisation.objects.bulk_create([Organisation(kind="institution", name=name) for name in units(content)])
    city = Organisation.objects.create(kind="city", name="市科技局")
    user = User.objects.create_user(username="city", name="示例", password="Demo-pass-2026")
    add_member(user, city, Role.CITY, by=None)

    def write():
        source = store_source_file("achievements", content=content, name="sheet.xlsx", by=user)
        return import_achievements(source, by=user)

    check_seconds, report = timed(lambda: check_achievements(content, "sheet.xlsx", by=user))
    if not report.ok:
        raise SystemExit("\n".join(map(str, report.errors[:10])))
    write_seconds, first = timed(write)
    again_seconds, second = timed(write)
    return {
        "benchmark": "import_workbook",
        "rows": report.counts["rows"],
        "kilobytes": len(content) // 1024,
        "seconds": round(check_seconds + write_seconds, 2),
        "seconds_check": round(check_seconds, 2),
        "seconds_write": round(write_seconds, 2),
        "seconds_same_file_again": round(again_seconds, 2),
        "created": first.created,
        "created_again": second.created,
        "in_registry": Achievement.objects.count(),
    }


def invented_of(kind: str, rows: int, *, wrong: bool) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["征集汇总表"])
    sheet.append(list(SHEETS[kind]))
    for number, text in enumerate(texts(rows, length=120), start=1):
        filled = {
            name: pattern.format(text=text, n=number, firm=number % 5000) for name, pattern in SHEETS[kind].items()
        }
        if wrong and number % 10 == 0:
            filled[WRONG[kind]] = "不认得的词"
        sheet.append(list(filled.values()))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def measured_as_pages_do(kind: str, rows: int) -> dict:
    from django.db import connections
    from django.test import Client
    from django.urls import reverse

    from accounts.models import Organisation, Role, User
    from accounts.services.members import add_member
    from accounts.services.source_files import store_source_file
    from portal import sheet_checks
    from portal.models import SheetCheck

    city = Organisation.objects.create(kind="city", name="市科技局")
    user = User.objects.create_user(username="city", name="示例", password="Demo-pass-2026")
    add_member(user, city, Role.CITY, by=None)
    client = Client()
    client.force_login(user)
    connections.close_all()  # a connection is of one process
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as maker:  # its memory is not that of an import
        sheets = {wrong: maker.submit(invented_of, kind, rows, wrong=wrong).result() for wrong in (True, False)}
    result = {"benchmark": "import_workbook", "kind": kind, "rows": rows}
    for step, wrong in (("check_with_faults", True), ("check", False), ("write", False)):
        if step != "write":
            source = store_source_file(kind, content=sheets.pop(wrong), name="sheet.xlsx", by=user)
            status = SheetCheck.Status.CHECKING
            check = SheetCheck.objects.create(source_file=source, asked_by=user, status=status)
        else:
            SheetCheck.objects.filter(pk=check.pk).update(status="writing")
        check = SheetCheck.objects.select_related("source_file", "asked_by").get(pk=check.pk)
        start, began = time.process_time(), time.perf_counter()
        (sheet_checks.run_write if step == "write" else sheet_checks.run_check)(check)
        result[f"cpu_seconds_{step}"] = round(time.process_time() - start, 1)
        result[f"seconds_{step}"] = round(time.perf_counter() - began, 1)
        result[f"peak_mb_{step}"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        page = reverse("import_report", args=[source.public_id])
        client.get(page)
        start, began = time.process_time(), time.perf_counter()
        assert client.get(page).status_code == 200
        took = (time.process_time() - start, time.perf_counter() - began)
        result[f"page_ms_{step}"] = [round(1000 * seconds) for seconds in took]
        result[f"rows_{step}"] = [check.status, check.row_count, check.error_count, check.written_counts]
    return result


def units(content: bytes) -> set[str]:
    """The names in the column of first units, wherever its header stands."""
    from openpyxl import load_workbook

    rows = list(load_workbook(io.BytesIO(content), read_only=True).active.values)
    header = next(n for n, row in enumerate(rows) if UNIT in row)
    column = rows[header].index(UNIT)
    return {str(row[column]).strip() for row in rows[header + 1 :] if row[column]}


def timed(work) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    main()
