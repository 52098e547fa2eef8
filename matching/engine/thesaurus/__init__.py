"""The technical thesaurus: terms and the concepts they belong to. The file format: README.md beside this file."""

import logging
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from matching.engine.errors import EngineError
from matching.engine.tokeniser import HAN, normalise

if TYPE_CHECKING:
    from matching.engine.thesaurus.term_places import Prefixes

RELATION_WEIGHTS = {"同": 1.0, "近": 1.0, "种": 0.6, "含": 0.5, "法": 0.5, "用": 0.4, "测": 0.4}
# A field and an industry have far more terms than a group, so sharing one says less.
FIELD_WEIGHT, INDUSTRY_WEIGHT = 0.5, 0.3
NESTED_COUNT = 0.3
"""The count of a term that occurs inside a longer term (电池 in 锂离子电池)."""
_HEAD = "首"  # the relation of the first term of a group to the group

_SPACE_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])[ \u3000]+(?=[{HAN}])")


class ThesaurusError(EngineError):
    """A file of the thesaurus cannot be read."""

    def __init__(self, place: str, problem: str):
        super().__init__(f"术语表 {place}：{problem}")


class Thesaurus:
    """Terms and their concepts. A concept is a group (a number), a field or an industry (a name).

    `terms`: the normalised terms; `spellings`: the same terms as written. `concepts[term]`: weight of each concept of a
    term. `heads[group]`: first term of a group. `problem`: why the thesaurus is empty, otherwise "".
    """

    def __init__(self, files: Iterable[tuple[str, str]]):
        """Parse (name, content) of each file. Raises ThesaurusError, which names the file and the line."""
        self.problem = ""
        self.terms: list[str] = []
        self.spellings: list[str] = []
        self.concepts: list[dict[int | str, float]] = []
        self.heads: list[str] = []
        self._relations: list[dict[int, str]] = []  # for each term its relation to each of its groups
        self._rows: dict[str, int] = {}
        for name, content in files:
            self._parse_file(name, content)
        self.concepts = [_scaled(concepts) for concepts in self.concepts]
        self._lengths: dict[str, list[int]] = {}
        for term in sorted(self.terms, key=len, reverse=True):
            lengths = self._lengths.setdefault(term[:2], [])
            if len(term) not in lengths:
                lengths.append(len(term))

    def __contains__(self, word: str) -> bool:
        """Return whether a normalised word is a term."""
        return word in self._rows

    def count_terms(self, text: str) -> Counter[int]:
        """Count the terms (by row) of a text. A term inside a longer term counts NESTED_COUNT.

        Spaces between Han characters are ignored: 锂离子 电池 is 锂离子电池.
        """
        text = _SPACE_BETWEEN_HAN.sub("", normalise(text))
        return self._count(text, range(len(text) - 1))

    def count_terms_of_texts(self, texts: Sequence[str]) -> list[Counter[int]]:
        """Return what `count_terms` returns for each text, in a fraction of its time: most places of a text begin no
        term."""
        from matching.engine.thesaurus.term_places import term_places  # imports NumPy

        normalised, places = term_places(texts, self._prefixes, _SPACE_BETWEEN_HAN)
        return [self._count(text, at) for text, at in zip(normalised, places, strict=True)]

    @cached_property
    def _prefixes(self) -> "Prefixes":
        from matching.engine.thesaurus.term_places import Prefixes  # imports NumPy

        return Prefixes(self._lengths)

    def _count(self, text: str, places: Iterable[int]) -> Counter[int]:
        """Count the terms that begin at these places of a normalised text."""
        counts: Counter[int] = Counter()
        covered_to = 0
        for start in places:
            for length in self._lengths.get(text[start : start + 2], ()):
                end = start + length
                row = self._rows.get(text[start:end])
                # A slice beyond the end is a shorter piece, which is counted at its own length.
                if row is not None and end <= len(text) and _is_whole_word(text, start, end):
                    counts[row] += 1 if end > covered_to else NESTED_COUNT  # type: ignore[assignment]
                    covered_to = max(covered_to, end)
        return counts

    def relation_between(self, row: int, other: int) -> tuple[str, int, int] | None:
        """Return the relation of two terms (rows), or None.

        (relation, head, member) if one is the head of a group of the other; ("同", row, other) for synonyms and
        ("近", row, other) for close terms. Two members with the same head are not related.
        """
        relations, other_relations = self._relations[row], self._relations[other]
        for group in relations.keys() & other_relations.keys():
            if (both := {relations[group], other_relations[group]}) <= {_HEAD, "同", "近"}:
                return "近" if "近" in both else "同", row, other
            if relations[group] == _HEAD:
                return other_relations[group], row, other
            if other_relations[group] == _HEAD:
                return relations[group], other, row
        return None

    def _parse_file(self, name: str, content: str) -> None:
        industry: str | None = None
        field: str | None = None
        for number, line in enumerate(content.splitlines(), start=1):
            place = f"{name} 第 {number} 行"
            words = line.split()
            if not words:
                continue
            if words[0] in ("#", "##"):
                if len(words) != 2:
                    raise ThesaurusError(place, "“#”后应有一个空格和一个名称")
                industry, field = (words[1], None) if words[0] == "#" else (industry, words[1])
            elif field is None or industry is None:
                raise ThesaurusError(place, "术语组之前应先有“# 产业”和“## 领域”两行")
            else:
                self._add_group(words, (f"## {field}", f"# {industry}"), place)

    def _add_group(self, words: list[str], field_and_industry: tuple[str, str], place: str) -> None:
        group, relation = len(self.heads), _HEAD
        self.heads.append(words[0])
        for word in words:
            if word.endswith(":"):
                relation = word[:-1]
                if relation not in RELATION_WEIGHTS:
                    known = " ".join(f"{name}:" for name in RELATION_WEIGHTS)
                    raise ThesaurusError(place, f"没有“{word}”这种关系，可用：{known}")
                continue
            self._add_term(word, group, relation, field_and_industry)
            relation = "同" if relation == _HEAD else relation

    def _add_term(self, word: str, group: int, relation: str, field_and_industry: tuple[str, str]) -> None:
        term = normalise(word)
        if len(term) < 2:
            return
        row = self._rows.setdefault(term, len(self.terms))
        if row == len(self.terms):
            self.terms.append(term)
            self.spellings.append(word)
            self.concepts.append({})
            self._relations.append({})
        weight = RELATION_WEIGHTS.get(relation, 1.0)
        for concept in (group, *field_and_industry):
            self.concepts[row][concept] = self.concepts[row].get(concept, 0.0) + weight
        self._relations[row].setdefault(group, relation)


FOLDER = Path(__file__).parent


def read_thesaurus() -> Thesaurus:
    """Read all `.txt` files of FOLDER, sorted by name. Raises ThesaurusError, also if there is no file."""
    files = sorted(FOLDER.glob("*.txt"))
    if not files:
        raise ThesaurusError(str(FOLDER), "没有 .txt 文件")
    return Thesaurus((file.name, _content(file)) for file in files)


@cache
def default_thesaurus() -> Thesaurus:
    """Return the product's thesaurus, read once per process.

    If it cannot be read, it is empty, the log and `problem` say why, and pairs are ranked by their words alone.
    """
    try:
        return read_thesaurus()
    except ThesaurusError as problem:
        logging.getLogger(__name__).error("%s 本次只按文字匹配。", problem)
        empty = Thesaurus([])
        empty.problem = str(problem)
        return empty


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise ThesaurusError(file.name, "无法读取，请另存为 UTF-8") from problem


def _scaled(concepts: dict[int | str, float]) -> dict[int | str, float]:
    """Scale the weights of a term: its groups to length 1, its fields to FIELD_WEIGHT, its industries to
    INDUSTRY_WEIGHT."""
    lengths = {
        total: math.hypot(*(weight for concept, weight in concepts.items() if _total_weight(concept) == total))
        for total in (1.0, FIELD_WEIGHT, INDUSTRY_WEIGHT)
    }
    return {
        concept: weight * _total_weight(concept) / lengths[_total_weight(concept)]
        for concept, weight in concepts.items()
    }


def _total_weight(concept: int | str) -> float:
    if isinstance(concept, int):
        return 1.0
    return FIELD_WEIGHT if concept.startswith("##") else INDUSTRY_WEIGHT


def _is_whole_word(text: str, start: int, end: int) -> bool:
    """Return False if the piece begins or ends inside a Latin word or a number (mes in games)."""
    return not (_is_latin(text, start - 1) and _is_latin(text, start)) and not (
        _is_latin(text, end - 1) and _is_latin(text, end)
    )


def _is_latin(text: str, position: int) -> bool:
    return 0 <= position < len(text) and text[position].isascii() and text[position].isalnum()
