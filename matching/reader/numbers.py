"""Numbers of a text, so that a number that a model states can be looked for in its quotation."""

import re

from matching.engine.indicators.numerals import CHINESE_NUMERAL, NUMBER, normalise_symbols, parse_number
from matching.engine.indicators.written_numerals import with_digits

_PERCENT = re.compile(f"百分之({CHINESE_NUMERAL})(?:点([零〇一二三四五六七八九]+))?")
_PERCENT_BEFORE = re.compile(rf"百分之\s*({NUMBER})")
_DIGIT = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_SPACED_DASH = re.compile(r"(?<=[0-9A-Za-z%℃µ)])\s+-\s*(?=\d)")
_SIGNED = re.compile(rf"(零下|负|(?<![0-9A-Za-z%℃µ)])-)?\s*({NUMBER})")


def digits_written_out(text: str) -> str:
    """The text with normalised symbols and Chinese numerals before units as digits: 百分之九十五 → 95%."""
    text = normalise_symbols(_PERCENT.sub(_percent, text))
    return with_digits(_PERCENT_BEFORE.sub(r"\1%", text))


def numbers_in(text: str) -> set[float]:
    """All numbers of a text with their sign. 零下 and 负 make a number negative; the dash of 10-20 does not."""
    written = _SPACED_DASH.sub("-", digits_written_out(text))
    numbers = set()
    for sign, digits in _SIGNED.findall(written):
        value = parse_number(digits)
        if value is not None:
            numbers.add(-value if sign else value)
    return numbers


def _percent(match: re.Match[str]) -> str:
    value = parse_number(match[1])
    if value is None:
        return match[0]
    decimals = "".join(_DIGIT[digit] for digit in match[2] or "")
    return f"{value:.10g}{f'.{decimals}' if decimals else ''}%"
