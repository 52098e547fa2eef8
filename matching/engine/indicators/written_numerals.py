"""Chinese numerals before a unit in running text, written with digits so that the parser of sheets reads them."""

import re

from matching.engine.indicators.numerals import parse_chinese_numeral
from matching.engine.indicators.units import unit_at

_BEFORE = "(?<![第几数十百千万点零一二三四五六七八九两0-9.])"  # 5万吨 is written with digits already
_WHOLE, _DECIMALS = "[零〇一二两三四五六七八九十百千万]+", "[零〇一二三四五六七八九]+"
_NUMERAL = re.compile(f"{_BEFORE}({_WHOLE})(?:点({_DECIMALS}))?(?=(.{{1,6}}))")
# 一个, 两家, 三种 count things and measure nothing.
_COUNTED = frozenset("个家种项类处名位人条批组点面道号成")
_DEGREES = re.compile(r"([^，。；、]{0,12}\d\s*度)(?![电/每角的数量])")
_NOT_TEMPERATURE = re.compile("电|角|倾|转|浊|耗|经|纬|坡|弯")
_DIGITS = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_DIGIT = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_TENTHS = re.compile("([一二两三四五六七八九])成([一二三四五六七八九])")
_SHORT_FORM = re.compile("^(.*[百千万])([一二三四五六七八九])$")


def with_digits(text: str) -> str:
    """Write Chinese numerals before a unit with digits: 七百五十度 → 750℃, 三点三度 → 3.3℃, 三年 → 3年."""

    def digits(match: re.Match[str]) -> str:
        unit, _ = unit_at(match[3], 0)
        if not unit or unit in _COUNTED:
            return match.group()
        whole = _whole_number(match[1])
        if whole is None:
            return match.group()
        decimals = "".join(_DIGITS[digit] for digit in match[2] or "")
        return f"{whole:.10g}{f'.{decimals}' if decimals else ''}"

    # 九成八 is 98%; the parser of sheets reads 九成.
    text = _TENTHS.sub(lambda match: f"{10 * _DIGIT[match[1]] + _DIGIT[match[2]]}%", text)
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
