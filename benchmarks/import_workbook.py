"""How long a university's sheet takes: `python -m benchmarks.import_workbook [--rows N | --file F.xlsx]`.

One JSON line: seconds of the check, of the write (which checks again) and of the same file once more, which must change
nothing. By default 524 invented achievements of one institution; with --file a workbook of real ones, by city staff,
whose institutions are made first from its own column of first units.
"""

import argparse
import io
import json
import time
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=524)
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
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
