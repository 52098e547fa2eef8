"""Values that stand only in the running text of an achievement."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from matching.engine.indicators.indicator import Indicator
from matching.engine.indicators.parsing import parse_indicators
from matching.engine.indicators.quantity_names import (
    is_bare_quantity,
    is_generic_quantity,
    name_similarity,
    quantity_synonyms,
)
from matching.engine.indicators.written_numerals import with_digits
from matching.engine.tokeniser import HAN, normalise, simplified

READ_CHARS = 8000
"""Only this many characters of a text are read, which bounds the time."""
MAX_VALUES = 120
QUOTE_CHARS = 80
MAX_NAME = 16
MAX_BARE_NAME = 2
CERTAIN_SIMILARITY = 0.9
"""A value with at least this similar a name in its own clause is that of the indicator."""
MIN_SHARED_CHARACTERS = 0.5
"""Below the certain names: this share of the characters of the indicator's name has to stand in the clause."""

# The value is not the achievement's own, or not reached yet.
_OF_OTHERS = re.compile(
    "传统|现有|以往|过去|从前|原来|原先|原有|常规|普通|一般|国外|进口|同类|同行|别人|市面|市售|对照|未经|未加|改造前|之前|此前|"
    "标准要求|标准规定|国标|规范|规定|目标|计划|拟|预计|有望|力争|下一步|争取|希望|要求|期望|理论|不足|还没|尚未|未达|没有达到|失败|"
    "比.{1,12}[高低多少快慢长短]|相比|报价|客户|用户|多年来|只好|往往|常年|老办法|人工|同样|就会|就压|就坏|就断|炸|失效|只能"
)
_IS_OWN = re.compile("要求.{0,6}(?:满足|达到)|满足.{0,12}要求|优于|高于.{0,8}(?:标准|要求)")
SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_HAS_NUMBER = re.compile("[0-9０-９零〇一二三四五六七八九两十百千]")
# Characters that stand in nearly any name.
_COMMON_CHARACTERS = frozenset("的率量度值可性数单平均最大小高低总综合时间不得应")


class TextValue(NamedTuple):
    """A value in running text: its indicator with `place` and `quote`, and the normalised clause around it.

    `is_own`: the value is not one of others, of a standard or of a plan.
    """

    indicator: Indicator
    context: str
    is_own: bool
    dimension: str


class TextHit(NamedTuple):
    """The value found for an indicator. `is_certain`: the name stands beside it, and it is the achievement's own."""

    indicator: Indicator
    is_certain: bool


@lru_cache(maxsize=4096)  # an achievement is compared with many demands
def values_in_text(text: str, place: str) -> tuple[TextValue, ...]:
    """Return the values of a text in order. `place`: the name of the text field, for the reader."""
    values: list[TextValue] = []
    for sentence in SENTENCE.findall(text[:READ_CHARS]):
        if not _HAS_NUMBER.search(sentence):
            continue
        written = sentence.strip()
        plain = simplified(written)
        converted = with_digits(plain)
        for indicator in (*parse_indicators(converted), *durations_of_use(converted)):
            clauses = _clauses_around(plain, indicator.original)
            is_own = not _OF_OTHERS.search(clauses[-1]) or bool(_IS_OWN.search(clauses[-1]))
            # 一公里隧道走出来，误差不到1.2 m: a bare name needs the clause before.
            context = "".join(clauses) if len(indicator.name) <= MAX_BARE_NAME else clauses[-1]
            quoted = replace(indicator, place=place, quote=_quote(written, plain, clauses))
            values.append(TextValue(quoted, normalise(context), is_own, quoted.measure.dimension))
            if len(values) == MAX_VALUES:
                return tuple(values)
    return tuple(values)


def durations_of_use(text: str) -> list[Indicator]:
    """Return the times for which a thing has been used or tested: 三年前涂的桩, 三年后附着力, 用了14个月."""
    durations = []
    for match in _USE.finditer(text):
        value, unit = match["value"] or match["other"], match["unit"] or match["second"]
        durations.append(Indicator(USE, match.group(), "eq", (float(value),), unit))
    return durations


USE = "使用时间"
_USE = re.compile(
    r"(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>年|个月|月)(?:后|前(?:涂|装|用|做|建|投))|"
    r"(?:用了|用过|跑了|跑过|挂了|运行了?|服役|连用|使用了?|连过)\s*(?P<other>\d+(?:\.\d+)?)\s*(?P<second>年|个月|月|个冬天)"
)


def search_text_values(requirement: Indicator, values: Sequence[TextValue]) -> TextHit | None:
    """Return the value that states an indicator of the demand, or that a reader should compare with it, or None."""
    if not requirement.values or not requirement.name:
        return None
    best: tuple[float, TextValue] | None = None
    dimension = requirement.measure.dimension
    for value in values:
        if value.dimension != dimension:
            continue
        closeness = _closeness(requirement, value)
        if closeness and (best is None or closeness > best[0]):
            best = closeness, value
    if best is None:
        return None
    closeness, value = best
    return TextHit(value.indicator, closeness >= 1 and value.is_own)


def _closeness(requirement: Indicator, value: TextValue) -> float:
    """Return 1–2 if the value has the indicator's name, 0–1 if only its clause concerns it, 0 if it does not."""
    offer = value.indicator
    if not offer.values:
        return 0.0
    if requirement.unit and not offer.unit:
        return 0.0
    if requirement.change != offer.change or (offer.unit == "倍") != (requirement.unit == "倍"):
        return 0.0
    if offer.name == USE:
        is_life = requirement.measure.dimension == "[time]" and "寿命" in quantity_synonyms(requirement.name)
        return 0.5 * (is_life and is_bare_quantity(requirement.name))
    similarity = name_similarity(offer.name, requirement.name) if len(offer.name) <= MAX_NAME else 0.0
    if similarity >= CERTAIN_SIMILARITY:
        return 1.0 + similarity
    if not value.is_own or not _shares_words(requirement.name, value.context):
        return 0.0
    shared = _shared_characters(requirement.name, value.context)
    return 0.9 * shared if shared >= MIN_SHARED_CHARACTERS or _names_specific(requirement.name, value.context) else 0.0


def _names_specific(name: str, context: str) -> bool:
    """Return whether the clause names the quantity, and the quantity is not one of nearly any object."""
    return not is_generic_quantity(name) and any(
        len(synonym) > 1 and normalise(synonym) in context for synonym in quantity_synonyms(name)
    )


def _shares_words(name: str, context: str) -> bool:
    """Return whether a specific quantity or two characters of the name in a row stand in the clause."""
    if _names_specific(name, context):
        return True
    written = normalise(name)
    pairs = [first + second for first, second in pairwise(written) if not {first, second} & _COMMON_CHARACTERS]
    return any(pair in context and not is_generic_quantity(pair) for pair in pairs)


def _shared_characters(name: str, sentence: str) -> float:
    characters = set(re.findall(f"[{HAN}]", normalise(name))) - _COMMON_CHARACTERS
    return sum(character in sentence for character in characters) / len(characters) if characters else 0.0


def _clauses_around(sentence: str, clause: str) -> list[str]:
    """Return the clause of the sentence as written, and the one before. Numerals may have become digits in `clause`, so
    its longest word is looked for."""
    words = max(re.findall(f"[{HAN}]{{2,}}", clause), key=len, default="")
    pieces = re.split("(?<=[，,])", sentence)
    for number, piece in enumerate(pieces):
        if words and words in piece:
            return pieces[max(0, number - 1) : number + 1]
    return [sentence]


def _quote(written: str, plain: str, clauses: list[str]) -> str:
    """Return the sentence as written, or if it is long the clauses of `plain`, its simplified form."""
    text = "".join(clauses)
    start = plain.find(text)
    quote = written if len(written) <= QUOTE_CHARS or start < 0 else written[start : start + len(text)]
    return quote.strip("，,；; ")[:QUOTE_CHARS]
