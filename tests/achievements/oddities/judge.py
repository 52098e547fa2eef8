"""Reads the lists of odd cells, builds a sheet of them and judges what was understood."""

import io
import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook

from achievements.sheet_json import json_lines

FOLDER = Path(__file__).parent
BASE = {
    "成果名称": "",
    "第一完成单位": "大连理工大学",
    "负责人": "示例人",
    "成果类别": "应用技术成果",
    "成果体现形式": "新材料",
    "所处阶段": "中期阶段",
    "产业链": "新材料",
    "成果简介": "",
    "拟转化方式": "技术许可",
    "转化意愿": "愿意转化",
    "联系人": "示例人",
    "联系电话": "0411-00000000",
    "非涉密确认": "是",
}
INSTITUTIONS = {
    "大连理工大学": "大工",
    "大连海事大学": "海大",
    "大连海洋大学": "",
    "大连交通大学": "",
    "大连工业大学": "",
    "大连大学": "",
    "中国科学院大连化学物理研究所": "大化所",
}


def oddities(name: str) -> list[tuple[str, object, str]]:
    """[(header, raw cell, expectation)] of a list."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    parts = [line.split(" ¦ ") for line in lines if line and not line.startswith("#")]
    return [(header, _raw(cell), expected) for header, cell, expected in parts]


def _raw(cell: str) -> object:
    if cell.startswith("=") and not cell.startswith("=="):
        return eval(cell[1:], {"datetime": datetime})
    return cell.replace("\\n", "\n")


def workbook(header: str, cells: list[object]) -> bytes:
    """A sheet with one row for each of `cells` in the column `header`; other columns are in order."""
    names = dict.fromkeys([*BASE, header])
    if header in {"是否涉密", "是否通过保密审查"}:
        del names["非涉密确认"]
    book = Workbook()
    sheet = book.active
    sheet.append(list(names))
    for number, cell in enumerate(cells, 1):
        row = BASE | {
            "成果名称": f"示例成果第{number}号装置",
            "成果简介": f"第{number}种：解决薄板回弹，采用两步成形与在线补偿，精度提高。",
            header: cell[1:] if isinstance(cell, str) and cell.startswith("==") else cell,
        }
        sheet.append([row[name] for name in names])
    stream = io.BytesIO()
    book.save(stream)
    return with_cached_results(stream.getvalue(), cells)


def with_cached_results(content: bytes, cells: list[object]) -> bytes:
    """ "==A1+150|150" is a formula with a saved result, which openpyxl cannot write."""
    import zipfile

    formulas = [cell for cell in cells if isinstance(cell, str) and cell.startswith("==")]
    if not formulas:
        return content
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name).decode("utf-8")
            for cell in formulas:
                formula, _bar, result = cell[1:].partition("|")
                data = data.replace(f"<f>{formula[1:]}|{result}</f><v></v>", f"<f>{formula[1:]}</f><v>{result}</v>")
                data = data.replace(f"<f>{formula[1:]}|{result}</f><v />", f"<f>{formula[1:]}</f><v>{result}</v>")
            copy.writestr(name, data)
    return target.getvalue()


def judged(names: Iterable[str], understand) -> list[tuple[str, object, str, dict, str]]:
    """[(header, cell, expectation, line, verdict)] of these lists; the verdict is right, wrong, silent (wrong without a
    word)."""
    by_header: dict[str, list[tuple[object, str]]] = {}
    for name in names:
        for header, cell, expected in oddities(name):
            by_header.setdefault(header, []).append((cell, expected))
    results = []
    for header, pairs in by_header.items():
        intake = understand(workbook(header, [cell for cell, _expected in pairs]))
        lines = {line["row"]: line for line in json_lines(intake) if line.get("column") == header}
        for number, (cell, expected) in enumerate(pairs, 2):
            line = lines.get(number, {"status": "absent", "value": None, "message": ""})
            results.append((header, cell, expected, line, verdict(line, expected)))
    return results


def verdict(line: dict, expected: str) -> str:
    """ "50 || ask" allows both."""
    verdicts = [_verdict(line, answer) for answer in expected.split(" || ")]
    return "right" if "right" in verdicts else verdicts[0]


def _verdict(line: dict, expected: str) -> str:
    status = line["status"]
    if expected == "refuse":
        return "right" if status in {"refused", "asked"} else "silent" if status == "read" else "wrong"
    if expected == "ask":
        return "right" if status in {"asked", "refused"} else "silent" if status == "read" else "wrong"
    if status in {"read", "proposed"} and line["value"] == json.loads(expected):
        return "right"
    return "silent" if status == "read" else "wrong"


def summary(results) -> Counter:
    return Counter(verdict for *_rest, verdict in results)
