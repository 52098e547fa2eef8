"""JSON Lines files of pairs and items, read by the command line and the evaluation."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matching.engine.corpus import Corpus, Item
from matching.engine.errors import EngineError

if TYPE_CHECKING:
    from matching.engine.arrays import PairRows
    from matching.engine.ranking import Index

_TYPES: dict[str, type | tuple[type, ...]] = {"文字": str, "整数": int, "文字或整数": (str, int)}
PAIR_FIELDS = {"achievement_terms": "文字", "demand_title": "文字", "demand_text": "文字"}
GRADE_FIELDS = {"level": "整数", "demand_id": "文字或整数"}
ITEM_FIELDS = {"id": "文字或整数", "title": "文字", "text": "文字"}
"""Required fields and their types."""


class InvalidField(EngineError):
    """A field of a line is missing or has a wrong value."""


class InvalidLine(EngineError):
    """A line cannot be read. The message names the file and the line."""

    def __init__(self, path: str, number: int, problem: str):
        super().__init__(f"{path} 第 {number} 行：{problem}")


def read_lines(path: str, required: Mapping[str, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, fields) of each line that is not blank. Raises InvalidLine and OSError."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield number, _validated(json.loads(line.decode("utf-8-sig")), required)
                except UnicodeDecodeError:
                    raise InvalidLine(path, number, "不是 UTF-8 编码，请另存为 UTF-8") from None
                except (json.JSONDecodeError, RecursionError):
                    raise InvalidLine(path, number, "不是完整的 JSON，每行应是一个 {…} 对象") from None
                except InvalidField as problem:
                    raise InvalidLine(path, number, str(problem)) from None


def read_items(path: str) -> list[Item]:
    """Read a file of items. Raises InvalidLine, also for a repeated id, and OSError."""
    items: dict[str | int, Item] = {}
    for number, fields in read_lines(path, ITEM_FIELDS):
        if fields["id"] in items:
            raise InvalidLine(path, number, f"编号“{fields['id']}”在前面已经出现，请保留一条")
        items[fields["id"]] = Item(fields["id"], fields["title"], fields["text"])
    return list(items.values())


def index_pairs(rows: Sequence[Mapping[str, Any]], engine: str) -> "tuple[Index, PairRows]":
    """Return an index over the distinct texts of a file of pairs, and the rows of the pairs in its corpus.

    Scales are measured over the pairs of the file.
    """
    import numpy as np

    from matching.engine.ranking import Index

    achievements: dict[tuple[str, str], int] = {}
    demands: dict[tuple[str, str], int] = {}
    pairs = [
        (
            achievements.setdefault((row["achievement_terms"], ""), len(achievements)),
            demands.setdefault((row["demand_title"], row["demand_text"]), len(demands)),
        )
        for row in rows
    ]
    corpus = Corpus.of(*([Item(n, *texts) for n, texts in enumerate(side)] for side in (achievements, demands)))
    columns = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    pair_rows = columns[:, 0], columns[:, 1]
    return Index(corpus, engine=engine, pairs=pair_rows), pair_rows


def group_of(row: Mapping[str, Any]) -> str:
    """Return the group of near-duplicates of a line's demand; without one the demand is its own group."""
    group: str | None = row.get("group")
    return group if group is not None else f"need {row['demand_id']}"


def _validated(fields: object, required: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(fields, dict):
        raise InvalidField("应是一个 JSON 对象 {…}")
    for name, kind in required.items():
        if name not in fields:
            raise InvalidField(f"缺少字段 {name}")
        if not isinstance(fields[name], _TYPES[kind]) or isinstance(fields[name], bool):
            raise InvalidField(f"字段 {name} 应是{kind}")
    if "level" in required and not 1 <= fields["level"] <= 4:
        raise InvalidField(f"字段 level 应在 1 到 4 之间，现为 {fields['level']}")
    return fields
