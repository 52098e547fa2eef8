"""The technical thesaurus: which terms belong to the same thing of trade. The format: README.md beside this file."""

import logging
import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from matching.engine.errors import EngineError
from matching.engine.text import HAN, normalise

RELATIONS = {"同": 1.0, "近": 1.0, "种": 0.6, "含": 0.5, "法": 0.5, "用": 0.4, "测": 0.4}
# A field and an industry hold far more terms than a group, so that sharing one says less.
FIELD, INDUSTRY = 0.5, 0.3
# What a term counts that stands inside a longer one: the 电池 of 锂离子电池.
NESTED = 0.3

_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])[ \u3000]+(?=[{HAN}])")


class ThesaurusProblem(EngineError):
    def __init__(self, place: str, problem: str):
        super().__init__(f"术语表 {place}：{problem}")


class Thesaurus:
    """Terms and the concepts they belong to.

    `terms`: each once, normalised; `spelled`: as written. `concepts[row]`: {concept: weight} of a term; a concept is a
    group (its number), a field or an industry (its name). `heads[group]`: what the group is called. `problem`: why
    it is empty.
    """

    def __init__(self, texts: Iterable[tuple[str, str]]):
        """From (name, content) of files. Raises ThesaurusProblem, which names file and line."""
        self.problem = ""
        self.terms: list[str] = []
        self.spelled: list[str] = []
        self.concepts: list[dict[int | str, float]] = []
        self.heads: list[str] = []
        self._relations: list[dict[int, str]] = []
        self._rows: dict[str, int] = {}
        for name, content in texts:
            self._read(name, content)
        self.concepts = [_balanced(concepts) for concepts in self.concepts]
        self._lengths: dict[str, list[int]] = {}
        for term in sorted(self.terms, key=len, reverse=True):
            lengths = self._lengths.setdefault(term[:2], [])
            if len(term) not in lengths:
                lengths.append(len(term))

    def __contains__(self, word: str) -> bool:
        """Whether a word, normalised, is one of the terms."""
        return word in self._rows

    def find(self, text: str) -> Counter[int]:
        """How often each term (its row) stands in a text; a term inside a longer one counts NESTED.

        Single spaces between Chinese characters do not separate: 锂离子 电池 is 锂离子电池.
        """
        text = _BETWEEN_HAN.sub("", normalise(text))
        found: Counter[int] = Counter()
        reached = 0
        for start, pair in enumerate(map("".join, pairwise(text))):
            for length in self._lengths.get(pair, ()):
                end = start + length
                row = self._rows.get(text[start:end])
                if row is not None and _whole(text, start, end):
                    found[row] += 1 if end > reached else NESTED
                    reached = max(reached, end)
        return found

    def kin(self, one: int, other: int) -> tuple[str, int, int] | None:
        """How two terms (rows) belong together: (relation, head, member) where one stands under the other, or
        ("同", one, other) where both mean the same, ("近", …) where they are close. None: not at all, or only as two
        members of a third."""
        ours, theirs = self._relations[one], self._relations[other]
        for group in ours.keys() & theirs.keys():
            if (pair := {ours[group], theirs[group]}) <= {"首", "同", "近"}:
                return "近" if "近" in pair else "同", one, other
            if ours[group] == "首":
                return theirs[group], one, other
            if theirs[group] == "首":
                return ours[group], other, one
        return None

    def _read(self, name: str, content: str) -> None:
        industry = field = None
        for number, line in enumerate(content.splitlines(), start=1):
            place = f"{name} 第 {number} 行"
            words = line.split()
            if not words:
                continue
            if words[0] in ("#", "##"):
                if len(words) != 2:
                    raise ThesaurusProblem(place, "“#”后应有一个空格和一个名称")
                industry, field = (words[1], None) if words[0] == "#" else (industry, words[1])
            elif field is None or industry is None:
                raise ThesaurusProblem(place, "术语组之前应先有“# 产业”和“## 领域”两行")
            else:
                self._add(words, (f"## {field}", f"# {industry}"), place)

    def _add(self, words: list[str], around: tuple[str, str], place: str) -> None:
        group, relation = len(self.heads), "首"
        self.heads.append(words[0])
        for word in words:
            if word.endswith(":"):
                relation = word[:-1]
                if relation not in RELATIONS:
                    raise ThesaurusProblem(place, f"没有“{word}”这种关系，可用：{' '.join(f'{r}:' for r in RELATIONS)}")
                continue
            self._belongs(word, group, relation, around)
            relation = "同" if relation == "首" else relation

    def _belongs(self, word: str, group: int, relation: str, around: tuple[str, str]) -> None:
        term = normalise(word)
        if len(term) < 2:
            return
        row = self._rows.setdefault(term, len(self.terms))
        if row == len(self.terms):
            self.terms.append(term)
            self.spelled.append(word)
            self.concepts.append({})
            self._relations.append({})
        weight = RELATIONS.get(relation, 1.0)
        for concept in (group, *around):
            self.concepts[row][concept] = self.concepts[row].get(concept, 0.0) + weight
        self._relations[row].setdefault(group, relation)


FOLDER = Path(__file__).parent


def read() -> Thesaurus:
    """All `.txt` files of the folder, in order of name. Raises ThesaurusProblem, also when there is none."""
    files = sorted(FOLDER.glob("*.txt"))
    if not files:
        raise ThesaurusProblem(str(FOLDER), "没有 .txt 文件")
    return Thesaurus((file.name, _text(file)) for file in files)


@cache
def standard() -> Thesaurus:
    """The thesaurus of the product, read once per process. One that cannot be read is empty and says so in the log and
    in `problem`: pairs are then ranked by their words alone."""
    try:
        return read()
    except ThesaurusProblem as problem:
        logging.getLogger(__name__).error("%s 本次只按文字匹配。", problem)
        empty = Thesaurus([])
        empty.problem = str(problem)
        return empty


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise ThesaurusProblem(file.name, "无法读取，请另存为 UTF-8") from problem


def _balanced(concepts: dict[int | str, float]) -> dict[int | str, float]:
    """The weights of a term, scaled: its groups together have length 1, its fields FIELD, its industries INDUSTRY."""
    lengths = {
        kind: math.hypot(*(w for c, w in concepts.items() if _kind(c) == kind)) for kind in (1.0, FIELD, INDUSTRY)
    }
    return {concept: weight * _kind(concept) / lengths[_kind(concept)] for concept, weight in concepts.items()}


def _kind(concept: int | str) -> float:
    if isinstance(concept, int):
        return 1.0
    return FIELD if concept.startswith("##") else INDUSTRY


def _whole(text: str, start: int, end: int) -> bool:
    """Whether the piece does not begin or end inside a Latin word or a number: the mes of games is none."""
    return not (_latin(text, start - 1) and _latin(text, start)) and not (_latin(text, end - 1) and _latin(text, end))


def _latin(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isascii() and text[at].isalnum()
