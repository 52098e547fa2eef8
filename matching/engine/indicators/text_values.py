"""Values that stand only in the running text of an achievement, and requirements in the running text of a demand."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from matching.engine.indicators.indicator import Indicator
from matching.engine.indicators.numerals import parse_chinese_numeral
from matching.engine.indicators.parsing import parse_indicators
from matching.engine.indicators.quantity_names import is_bare_quantity, is_generic_quantity, name_similarity, quantity_synonyms
from matching.engine.indicators.units import COUNTED, unit_at
from matching.engine.tokeniser import HAN, normalise

READ_CHARS = 8000
"""Only this many characters of a text are read, which bounds the time."""
MAX_VALUES = 120
QUOTE_CHARS = 80
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
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
# 四度, 七百五十度, 三点二兆帕: numerals before a unit become digits, so that the parser of sheets reads them.
_NUMERAL = re.compile("(?<![第几数十百千万点零一二三四五六七八九两])([零〇一二两三四五六七八九十百千万]+)(?:点([零〇一二三四五六七八九]+))?(?=(.{1,6}))")
_DEGREES = re.compile(r"([^，。；、]{0,12}\d\s*度)(?![电/每角的数量])")
_NOT_TEMPERATURE = re.compile("电|角|倾|转|浊|耗|经|纬|坡|弯")
_DIGITS = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_HAS_NUMBER = re.compile("[0-9０-９零〇一二三四五六七八九两十百千]")
_SHORT_FORM = re.compile("^(.*[百千万])([一二三四五六七八九])$")
# Characters that stand in nearly any name.
_COMMON_CHARACTERS = frozenset("的率量度值可性数单平均最大小高低总综合时间不得应")


class TextValue(NamedTuple):
    """A value in running text: its indicator with `place` and `quote`, and the normalised clause around it.

    `is_own`: the value is not one of others, of a standard or of a plan.
    """

    indicator: Indicator
    context: str
    is_own: bool


class TextHit(NamedTuple):
    """The value found for an indicator. `is_certain`: the name stands beside it, and it is the achievement's own."""

    indicator: Indicator
    is_certain: bool


@lru_cache(maxsize=4096)  # an achievement is compared with many demands
def values_in_text(text: str, place: str) -> tuple[TextValue, ...]:
    """Return the values of a text in order. `place`: the name of the text field, for the reader."""
    values: list[TextValue] = []
    for sentence in _SENTENCE.findall(text[:READ_CHARS]):
        if not _HAS_NUMBER.search(sentence):
            continue
        written = sentence.strip()
        converted = with_digits(written)
        for indicator in (*parse_indicators(converted), *durations_of_use(converted)):
            clauses = _clauses_around(written, indicator.original)
            is_own = not _OF_OTHERS.search(clauses[-1]) or bool(_IS_OWN.search(clauses[-1]))
            # 一公里隧道走出来，误差不到1.2 m: a bare name needs the clause before.
            context = "".join(clauses) if len(indicator.name) <= MAX_BARE_NAME else clauses[-1]
            found = replace(indicator, place=place, quote=_quote(written, clauses))
            values.append(TextValue(found, normalise(context), is_own))
            if len(values) == MAX_VALUES:
                return tuple(values)
    return tuple(values)


def durations_of_use(text: str) -> list[Indicator]:
    """Return the times for which a thing has been used or tested: 三年前涂的桩, 三年后附着力, 用了14个月."""
    return [
        Indicator(USE, match.group(), "eq", (float(match["value"] or match["other"]),), match["unit"] or match["second"])
        for match in _USE.finditer(text)
    ]


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
    for value in values:
        closeness = _closeness(requirement, value)
        if closeness and (best is None or closeness > best[0]):
            best = closeness, value
    if best is None:
        return None
    closeness, value = best
    return TextHit(value.indicator, closeness >= 1 and value.is_own)


def requirements_in_text(text: str) -> tuple[Indicator, ...]:
    """Return the indicators that a demand's text requires: with the name of a quantity and a comparison.

    Values of the present state, of the firm or of the market are left out (年产 3 万吨, 目前漏检率 5%).
    """
    requirements: list[Indicator] = []
    for sentence in _SENTENCE.findall(text[:READ_CHARS]):
        is_background = bool(_BACKGROUND.search(sentence))
        for parsed in parse_indicators(sentence):
            indicator = replace(parsed, name=_LEAD.sub("", parsed.name))
            is_named = quantity_synonyms(indicator.name) or _QUANTITY_END.search(indicator.name)
            if not is_named or not 2 <= len(indicator.name) <= MAX_NAME or _NOT_REQUIRED.search(indicator.original):
                continue
            if indicator.comparison in _REQUIRING and not is_background:
                requirements.append(indicator)
    return tuple(requirements[:MAX_REQUIREMENTS])


MAX_NAME, MAX_REQUIREMENTS = 16, 30
_REQUIRING = frozenset(["ge", "le", "gt", "lt", "between"])
# The last characters of nearly all names of measured quantities.
_QUANTITY_END = re.compile("(?:[率度量力值数比温压差距长宽高径耗级限次龄期速能]|寿命|时间|成本|范围|面积|功率|周期|产能|轮次)$")
_LEAD = re.compile("^.*(?:目标|要求|指标|希望|需要)(?:为|是|:)?(?=..)")
_BACKGROUND = re.compile("我国|全国|全球|全市|全省|每年约|市场|行业|统计|据|由于|因为|背景")
_NOT_REQUIRED = re.compile(
    "目前|现有|现在|现状|已达|已经|已建|已投|年产|产值|销售|营业|收入|利润|税|员工|占地|总投资|投资|资金|经费|注册|成立|亩|"
    "专利|论文|市场|用户|客户|发生|最高的|有的|往往|经常|容易|只能|不到|一直|长期以来|传统|普通"
)


def with_digits(text: str) -> str:
    """Write Chinese numerals before a unit with digits: 七百五十度 → 750℃, 三点三度 → 3.3℃, 三年 → 3年."""

    def digits(match: re.Match[str]) -> str:
        unit, length = unit_at(match[3], 0)
        if not unit or unit in {"个", "家", "种", "项", "类", "处", "名", "位", "人", "条", "批", "组", "点", "面", "道", "号", "成"}:
            return match.group()
        whole = _whole_number(match[1])
        if whole is None:
            return match.group()
        decimals = "".join(_DIGITS[digit] for digit in match[2] or "")
        return f"{whole:.10g}{f'.{decimals}' if decimals else ''}"

    converted = _NUMERAL.sub(digits, text)
    return _DEGREES.sub(lambda match: match[1] if _NOT_TEMPERATURE.search(match[1]) else f"{match[1][:-1]}℃", converted)


def _whole_number(numeral: str) -> float | None:
    if len(numeral) > 1 and not set(numeral) & set("十百千万零〇"):
        return None  # 三五年 is not 35 years
    if match := _SHORT_FORM.match(numeral):  # 六百二 is 620, not 602
        before = parse_chinese_numeral(match[1])
        power = {"百": 10, "千": 100, "万": 1000}[match[1][-1]]
        return None if before is None else before + int(_DIGITS[match[2]]) * power
    return parse_chinese_numeral(numeral)


def _closeness(requirement: Indicator, value: TextValue) -> float:
    """Return 1–2 if the value has the indicator's name, 0–1 if only its clause concerns it, 0 if it does not."""
    offer = value.indicator
    if not offer.values or offer.measure.dimension != requirement.measure.dimension:
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


def _quote(sentence: str, clauses: list[str]) -> str:
    """Return the sentence as written, or if it is long the clauses."""
    quote = sentence if len(sentence) <= QUOTE_CHARS else "".join(clauses)
    return quote.strip("，,；; ")[:QUOTE_CHARS]
