"""Files of pairs and items, one JSON object a line, as the command line and the evaluation read them."""

import json
from collections.abc import Iterator, Sequence

from matching.engine.corpus import Corpus, Item
from matching.engine.errors import EngineError

KINDS = {"文字": str, "整数": int, "文字或整数": (str, int)}
PAIR = {"achievement_terms": "文字", "demand_title": "文字", "demand_text": "文字"}
GRADE = {"level": "整数", "demand_id": "文字或整数"}
ITEM = {"id": "文字或整数", "title": "文字", "text": "文字"}


class FieldProblem(EngineError):
    """A field of one line that cannot be used."""


class BadLine(EngineError):
    def __init__(self, path: str, number: int, problem: str):
        super().__init__(f"{path} 第 {number} 行：{problem}")


def read_lines(path: str, wanted: dict[str, str]) -> Iterator[tuple[int, dict]]:
    """(line number, fields) of each line that is not blank. Raises BadLine."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield number, _checked(json.loads(line.decode("utf-8-sig")), wanted)
                except UnicodeDecodeError:
                    raise BadLine(path, number, "不是 UTF-8 编码，请另存为 UTF-8") from None
                except (json.JSONDecodeError, RecursionError):
                    raise BadLine(path, number, "不是完整的 JSON，每行应是一个 {…} 对象") from None
                except FieldProblem as problem:
                    raise BadLine(path, number, str(problem)) from None


def read_items(path: str) -> list[Item]:
    """Raises BadLine."""
    items: dict[str | int, Item] = {}
    for number, fields in read_lines(path, ITEM):
        if fields["id"] in items:
            raise BadLine(path, number, f"编号“{fields['id']}”在前面已经出现，请保留一条")
        items[fields["id"]] = Item(fields["id"], fields["title"], fields["text"])
    return list(items.values())


def index_pairs(rows: Sequence[dict], engine: str):
    """(Index, rows): the snapshot is the file itself, each different text once, spreads over the file's own pairs.

    `rows`: for each pair its row of the corpus's achievements and of its needs, two of (pairs,).
    """
    import numpy as np

    from matching.engine.ranking import Index

    offered: dict[tuple[str, str], int] = {}
    needed: dict[tuple[str, str], int] = {}
    pairs = [
        (
            offered.setdefault((row["achievement_terms"], ""), len(offered)),
            needed.setdefault((row["demand_title"], row["demand_text"]), len(needed)),
        )
        for row in rows
    ]
    corpus = Corpus.of(*([Item(n, *texts) for n, texts in enumerate(side)] for side in (offered, needed)))
    places = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    columns = places[:, 0], places[:, 1]
    return Index(corpus, engine=engine, pairs=columns), columns


def group_of(row: dict) -> str:
    """The group of near-copies a line's need belongs to; a group of its own where the file names none."""
    return row["group"] if row.get("group") is not None else f"need {row['demand_id']}"


def _checked(fields: object, wanted: dict[str, str]) -> dict:
    if not isinstance(fields, dict):
        raise FieldProblem("应是一个 JSON 对象 {…}")
    for name, kind in wanted.items():
        if name not in fields:
            raise FieldProblem(f"缺少字段 {name}")
        if not isinstance(fields[name], KINDS[kind]) or isinstance(fields[name], bool):
            raise FieldProblem(f"字段 {name} 应是{kind}")
    if "level" in wanted and not 1 <= fields["level"] <= 4:
        raise FieldProblem(f"字段 level 应在 1 到 4 之间，现为 {fields['level']}")
    return fields
