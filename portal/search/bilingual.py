"""The lists of terms: Chinese and English names of the same thing, everyday words for faults, names of institutions.

`terms/*.txt`: one concept a line, `中文, 中文 = English, ABBR`; in `colloquial.txt` `口语, 口语 > 资料里的说法 …`.
Lines that begin with # are comments. The names of institutions are in the package of the city.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.conf import settings

from portal.search.folding import fold

FOLDER = Path(__file__).with_name("terms")
LONGEST_PHRASE = 6
"""Latin words of a phrase that are looked up together."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One line of a list: `chinese` and `latin` names as written. The first Chinese name is the usual one."""

    chinese: tuple[str, ...]
    latin: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.chinese, *self.latin)


@dataclass
class Terms:
    """All lists. `by_name`: folded name → concepts; `colloquial`: folded everyday word → technical words."""

    by_name: dict[str, list[Concept]] = field(default_factory=dict)
    colloquial: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def concepts(self, word: str) -> list[Concept]:
        """The concepts with a name. Also a plural in English: `membranes` → `membrane`. `word` is folded."""
        return next((self.by_name[form] for form in singular_forms(word) if form in self.by_name), [])

    def equivalents(self, word: str) -> list[str]:
        """The other names of the concepts with this name, folded, without repetitions."""
        names = [fold(name) for concept in self.concepts(word) for name in concept.names]
        return [name for name in dict.fromkeys(names) if name != word]


def singular_forms(word: str) -> list[str]:
    """`word` as written, and without the ending of an English plural."""
    forms = [word]
    if word.isascii() and word.endswith("s") and len(word) > 3:
        forms.append(word[:-1])
        if word.endswith("ies"):
            forms.append(f"{word[:-3]}y")
        if word.endswith("es"):
            forms.append(word[:-2])
    elif word.isascii():
        forms.append(f"{word}s")
    return forms


@cache
def default_terms() -> Terms:
    """The lists of the product, read once per process. Raises ValueError for a line without = or >."""
    terms = Terms()
    for path in sorted(FOLDER.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip() and not line.startswith("#"):
                _read_line(terms, line, f"{path.name} 第 {number} 行")
    return terms


def institution_short_names() -> Mapping[str, tuple[str, ...]]:
    """Part of a full name → short names, as written."""
    names: Mapping[str, tuple[str, ...]] = settings.CITY.institution_names
    return names


def _read_line(terms: Terms, line: str, place: str) -> None:
    if " > " in line:
        left, right = line.split(" > ")
        for word in left.split(","):
            terms.colloquial[fold(word)] = tuple(right.split())
        return
    left, separator, right = line.partition(" = ")
    if not separator:
        raise ValueError(f"{place}：应有“ = ”或“ > ”")
    concept = Concept(tuple(_split(left)), tuple(_split(right)))
    for name in concept.names:
        terms.by_name.setdefault(fold(name), []).append(concept)


def _split(side: str) -> list[str]:
    return [name.strip() for name in side.split(",") if name.strip()]
