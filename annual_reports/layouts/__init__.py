"""Forms of the annual report as data: `national.toml` here, the provincial one in the package of the city."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from mechanism.kpi.institution_report import REPORT_FIGURES

NATIONAL, PROVINCIAL = "national", "provincial"
NATIONAL_FILE = Path(__file__).with_name("national.toml")
CITY_FILE = "annual_report.toml"
KINDS = ("count", "money", "text")


class LayoutError(Exception):
    """The file cannot be used; the text says where and why, in words for its editor."""


@dataclass(frozen=True)
class ReportQuestion:
    """What the platform does not know. kind: count, money (万元) or text. at_most: key of a question not smaller."""

    key: str
    label: str
    kind: str
    is_required: bool
    hint: str
    at_most: str


@dataclass(frozen=True)
class LayoutRow:
    """cells: keys of figures and of questions, a question with "?" before it. is_sum: the other rows add up to it."""

    label: str
    cells: tuple[str, ...]
    is_sum: bool


@dataclass(frozen=True)
class LayoutTable:
    title: str
    columns: tuple[str, ...]
    rows: tuple[LayoutRow, ...]


@dataclass(frozen=True)
class Layout:
    key: str
    name: str
    title: str
    tables: tuple[LayoutTable, ...]


def layouts() -> list[Layout]:
    """The national form, then the provincial one if the city has one. Raises LayoutError."""
    return list(_load(settings.CITY.folder / CITY_FILE)[0])


def report_questions() -> dict[str, ReportQuestion]:
    """{key: question} of all forms. Raises LayoutError."""
    return _load(settings.CITY.folder / CITY_FILE)[1]


@lru_cache(maxsize=4)
def _load(city_file: Path) -> tuple[tuple[Layout, ...], dict[str, ReportQuestion]]:
    files = {NATIONAL: NATIONAL_FILE} | ({PROVINCIAL: city_file} if city_file.is_file() else {})
    contents = {key: _read(path) for key, path in files.items()}
    questions: dict[str, ReportQuestion] = {}
    for key, content in contents.items():
        for name, row in content.get("questions", {}).items():
            if name in questions:
                raise LayoutError(f"{files[key].name} 的问题“{name}”已经在国家表式里，请直接用 ?{name}。")
            questions[name] = _question(name, row, files[key])
    for question in questions.values():
        if question.at_most and question.at_most not in questions:
            raise LayoutError(f"问题“{question.key}”的 at_most 写了“{question.at_most}”，没有这个问题。")
    return tuple(_layout(key, content, questions, files[key]) for key, content in contents.items()), questions


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
        raise LayoutError(f"{path.name} 读不出来：{problem}") from problem


def _question(key: str, row: Any, path: Path) -> ReportQuestion:
    if not isinstance(row, dict) or not row.get("label") or row.get("kind") not in KINDS:
        raise LayoutError(f"{path.name} 的问题“{key}”要写 label，kind 写 {'、'.join(KINDS)} 之一。")
    required = bool(row.get("required", True))
    return ReportQuestion(key, row["label"], row["kind"], required, row.get("hint", ""), row.get("at_most", ""))


def _layout(key: str, content: dict[str, Any], questions: dict[str, ReportQuestion], path: Path) -> Layout:
    try:
        tables = tuple(_table(table, questions, path) for table in content["tables"])
        return Layout(key, content["name"], content["title"], tables)
    except KeyError as problem:
        raise LayoutError(f"{path.name} 缺少 {problem.args[0]}。") from problem


def _table(table: dict[str, Any], questions: dict[str, ReportQuestion], path: Path) -> LayoutTable:
    columns = tuple(table["columns"])
    rows = []
    for row in table["rows"]:
        where = f"{path.name} 的“{table['title']}”第“{row['label']}”行"
        if len(row["cells"]) != len(columns):
            raise LayoutError(f"{where}有 {len(row['cells'])} 格，表头有 {len(columns)} 栏。")
        for cell in row["cells"]:
            if cell.removeprefix("?") not in (questions if cell.startswith("?") else REPORT_FIGURES):
                raise LayoutError(f"{where}的“{cell}”不认得：平台数得出的见 REPORT_FIGURES，问题写在 [questions]。")
        rows.append(LayoutRow(row["label"], tuple(row["cells"]), bool(row.get("sums", False))))
    return LayoutTable(table["title"], columns, tuple(rows))
