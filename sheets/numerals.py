"""Chinese numerals: 二百万, 贰佰万元整, 一点五亿, 三百五十, 两千三, 二〇二三."""

import re
from decimal import Decimal

_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {
    **{character: number for number, character in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    **{"两": 2, "貳": 2, "參": 3, "陸": 6, "俩": 2, "○": 0},
}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_CHARACTERS = "".join([*_DIGITS, *_TENS, *_MYRIADS])
NUMERAL_RUN = re.compile(rf"[{_CHARACTERS}]+(?:点[{_CHARACTERS}]+)?")
"""A run of characters that `chinese_number` may read."""


def chinese_number(text: str) -> Decimal | None:
    """The number that Chinese numerals say, or None. "一百二" is 120; "二〇二三" is 2023; units alone are no number."""
    whole, point, fraction = text.partition("点")
    if point:
        return _with_fraction(whole, fraction)
    if not whole or not any(character in _DIGITS or character in "十拾" for character in whole):
        return None
    if len(whole) > 1 and all(character in _DIGITS for character in whole):
        return Decimal("".join(str(_DIGITS[character]) for character in whole))
    return _sum(whole)


def _with_fraction(whole: str, fraction: str) -> Decimal | None:
    """一点五亿: the unit after the fraction counts for the whole number."""
    digits = fraction.rstrip("".join([*_TENS, *_MYRIADS]))
    head = chinese_number(whole)
    if head is None or not digits or not all(character in _DIGITS for character in digits):
        return None
    number = head + Decimal("0." + "".join(str(_DIGITS[character]) for character in digits))
    for unit in fraction[len(digits) :]:
        number *= _TENS.get(unit) or _MYRIADS[unit]
    return number


def _sum(text: str) -> Decimal | None:
    total, section, digit, last_unit = 0, 0, None, 0
    for character in text:
        if character in _DIGITS:
            if digit and _DIGITS[character]:
                return None
            digit = _DIGITS[character]
            last_unit = 0 if digit == 0 else last_unit
        elif character in _TENS:
            section += (1 if digit is None else digit) * _TENS[character]
            digit, last_unit = None, _TENS[character]
        elif character in _MYRIADS:
            unit = _MYRIADS[character]
            total = (
                (total + section + (digit or 0)) * unit if unit > 10_000 else total + (section + (digit or 0)) * unit
            )
            section, digit, last_unit = 0, None, unit
        else:
            return None
    if digit and last_unit >= 100:  # 一百二 is 120, 三万五 is 35,000; 一百零二 is 102
        digit *= last_unit // 10
    return Decimal(total + section + (digit or 0))
