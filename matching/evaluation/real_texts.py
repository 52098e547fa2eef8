"""Needs and achievements with real texts, and the grades that readers gave to their pairs.

A folder holds real_registry.jsonl and real_needs.jsonl (id, title, text) and real_judgements.jsonl (need, item, grade
0–3). A pair of grade ≥ 2 is worth sending. Pairs that were not graded count as not worth sending: the readers of the
file also searched the registry by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matching.engine import EngineError, Item
from matching.engine.jsonl_files import InvalidLine, read_items, read_lines
from matching.reader.answers import GRADES, WORTH_SENDING

type ItemId = str | int


@dataclass(frozen=True)
class RealTexts:
    """Both sides by id. `grades`: for each judged need the grades of its judged achievements."""

    achievements: Mapping[ItemId, Item]
    needs: Mapping[ItemId, Item]
    grades: Mapping[ItemId, Mapping[ItemId, int]]

    @property
    def good(self) -> dict[ItemId, set[ItemId]]:
        """For each need with something worth sending, the ids of these achievements."""
        good = {
            need: {item for item, grade in of.items() if grade >= WORTH_SENDING} for need, of in self.grades.items()
        }
        return {need: items for need, items in good.items() if items}


def read_real_texts(folder: Path) -> RealTexts:
    """Read the three files of a folder. Raises EngineError for an invalid line or an unknown id, and OSError."""
    achievements = {item.id: item for item in read_items(str(folder / "real_registry.jsonl"))}
    needs = {item.id: item for item in read_items(str(folder / "real_needs.jsonl"))}
    path = str(folder / "real_judgements.jsonl")
    grades: dict[ItemId, dict[ItemId, int]] = {}
    for number, row in read_lines(path, {"need": "文字或整数", "item": "文字或整数", "grade": "整数"}):
        if row["need"] not in needs or row["item"] not in achievements or row["grade"] not in GRADES:
            raise InvalidLine(path, number, "need 或 item 不在另外两个文件里，或 grade 不是 0 到 3")
        grades.setdefault(row["need"], {})[row["item"]] = row["grade"]
    if not grades:
        raise EngineError(f"{path} 里没有判断")
    return RealTexts(achievements, needs, grades)
