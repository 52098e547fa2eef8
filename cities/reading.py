"""Read the files of a city package. Every problem names file, row, field and value, and how to correct it."""

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any


class Problems(list[str]):
    """The problems of a package, in the order in which they are met."""


def read_text(file: Path, problems: Problems) -> str:
    """The content of a UTF-8 file; "" if there is none."""
    if not file.is_file():
        return ""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problems.append(f"{file.name} 不是 UTF-8 编码。用 Excel 修改的请另存为“CSV UTF-8（逗号分隔）”。")
    except OSError as error:
        problems.append(f"{file.name} 读不出来：{error.strerror}。")
    return ""


@dataclass
class Table:
    """A TOML file, or one table of it. `path` is how messages call it."""

    path: str
    values: Mapping[str, Any]
    problems: Problems
    known: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, file: Path, problems: Problems) -> "Table":
        text = read_text(file, problems)
        try:
            return cls(file.name, tomllib.loads(text), problems)
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{file.name} 的写法不对：{error}。值要放在英文引号里，一行一项。")
            return cls(file.name, {}, problems)

    def table(self, name: str) -> "Table":
        self.known.add(name)
        value = self.values.get(name, {})
        if not isinstance(value, dict):
            self.problems.append(f"{self.path} 的“{name}”应是一节，写成 [{name}]。")
            value = {}
        return Table(f"{self.path} [{name}]", value, self.problems)

    def text(self, name: str, *, pattern: str = "", hint: str = "", required: bool = True, longest: int = 60) -> str:
        """A text; "" after a problem, or if it is missing and not `required`."""
        self.known.add(name)
        value = self.values.get(name, "")
        value = value.strip() if isinstance(value, str) else str(value)
        if not value:
            if required:
                self.problems.append(f"{self.path} 缺“{name}”。{hint}")
        elif len(value) > longest:
            self.problems.append(f"{self.path} 的“{name}”有 {len(value)} 个字，最多 {longest} 个。")
        elif pattern and not re.fullmatch(pattern, value):
            self.problems.append(f"{self.path} 的“{name}”写成了“{value}”。{hint}")
        else:
            return value
        return ""

    def words(self, name: str) -> tuple[str, ...]:
        """A list of words without blanks, each once; empty if it is missing."""
        self.known.add(name)
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
            self.problems.append(f'{self.path} 的“{name}”应是一列词，例如 {name} = ["海滨", "海湾"]。')
            return ()
        return tuple(dict.fromkeys(word.strip() for word in value))

    def texts(self) -> dict[str, str]:
        """All entries that are texts."""
        wrong = [name for name, value in self.values.items() if not isinstance(value, str)]
        self.problems += [f"{self.path} 的“{name}”应是引号里的文字。" for name in wrong]
        return {name: value.strip() for name, value in self.values.items() if isinstance(value, str) and value.strip()}

    def refuse_unknown(self) -> None:
        """A name written wrongly must not be without effect."""
        known = "、".join(sorted(self.known))
        for name in sorted(set(self.values) - self.known):
            self.problems.append(f"{self.path} 里的“{name}”不认得，请核对拼写；认得的有：{known}。")


@dataclass
class Row:
    """A row of a CSV file, with its number as Excel counts it."""

    place: str
    values: Mapping[str, str]
    problems: Problems

    def problem(self, column: str, advice: str) -> None:
        self.problems.append(f"{self.place}“{column}”写成了“{self.values.get(column, '')}”。{advice}")

    def text(self, column: str, *, longest: int, pattern: str = "", advice: str = "", required: bool = True) -> str:
        value = self.values.get(column, "").strip()
        if not value and not required:
            return ""
        if not value:
            self.problem(column, "不能为空。")
        elif len(value) > longest:
            self.problem(column, f"最多 {longest} 个字。")
        elif pattern and not re.fullmatch(pattern, value):
            self.problem(column, advice)
        return value

    def flag(self, column: str) -> bool:
        value = self.values.get(column, "").strip()
        if value not in ("是", "否", ""):
            self.problem(column, "请写“是”或“否”。")
        return value == "是"

    def number(self, column: str, *, smallest: int = 1, largest: int = 9999, required: bool = True) -> int:
        """0 if it is empty and not required."""
        value = self.values.get(column, "").strip()
        if not value and not required:
            return 0
        if re.fullmatch(r"[0-9]{1,6}", value) and smallest <= int(value) <= largest:
            return int(value)
        self.problem(column, f"请写 {smallest} 至 {largest} 的整数。")
        return smallest

    def decimal(self, column: str) -> Decimal:
        try:
            value = Decimal(self.values.get(column, "").strip())
        except InvalidOperation:
            value = Decimal(0)
        if value.is_finite() and 0 < value < 10**10 and value == round(value, 2):
            return value
        self.problem(column, "请写大于 0 的数，最多两位小数，不要带单位和千分号。")
        return Decimal(1)

    def day(self, column: str, *, required: bool = True) -> date | None:
        value = self.values.get(column, "").strip()
        if not value and not required:
            return None
        for separator in "/.":
            value = value.replace(separator, "-")
        try:
            year, month, day = map(int, value.split("-"))
            return date(year, month, day)
        except ValueError:
            self.problem(column, "请写成 2026-01-01 的样子。")
            return None if not required else date(2000, 1, 1)


def read_rows(file: Path, columns: tuple[str, ...], problems: Problems) -> list[Row]:
    """The rows of a CSV file with these columns, without empty rows; none if there is no file."""
    text = read_text(file, problems)
    if not text:
        return []
    reader = csv.DictReader(io.StringIO(text), restkey="")
    header = [name.strip() for name in reader.fieldnames or ()]
    if missing := [column for column in columns if column not in header]:
        problems.append(f"{file.name} 第 1 行缺列“{'”“'.join(missing)}”。应有的列：{'、'.join(columns)}。")
        return []
    rows = []
    for values in reader:
        if "" in values:
            problems.append(f"{file.name} 第 {reader.line_num} 行的格数比表头多。值里有逗号的请放在英文引号里。")
        cells = {str(name).strip(): str(value or "") for name, value in values.items() if name}
        if any(cell.strip() for cell in cells.values()):
            rows.append(Row(f"{file.name} 第 {reader.line_num} 行的", cells, problems))
    return rows


def refuse_doubles(rows: list[Row], column: str) -> None:
    """A value stands once in its column."""
    seen: set[str] = set()
    for row in rows:
        value = row.values.get(column, "").strip()
        if value and value in seen:
            row.problem(column, "上面已有同样的一行，请删去一行。")
        seen.add(value)
