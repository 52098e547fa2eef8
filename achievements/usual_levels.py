"""行业常见水平 of an indicator: written in brackets behind it in a sheet, or proposed from what a text tells.

Sheet: 循环寿命≥2000 次（行业常见 1200 次）. Text: 保压时间由九秒缩到五秒半 says what was usual for 保压时间 ≤ 5.5 s.
A proposal is one only if the text names both values of the same quantity in the same unit and the new one is about
the indicator's own. 不到七成 and 六成多 are no values. A person confirms it.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from sheets.numerals import NUMERAL_RUN, chinese_number

LONGEST = 60
_CHANGE = re.compile(
    r"(?:由|从)(?:(?:原来|原先|过去|以往|平均|约|的)+)?(?P<old>[^，。；、由从到至]{1,14}?)"
    r"(?:左右)?(?:下)?(?:降低|降|减少|减|缩短|缩|压|收|提高|提升|提|升|增加|增|拉长|延长|改)?(?:到|至|为)(?:了|约)*"
    r"(?P<new>[^，。；、]{1,12})"
)
_SENTENCE = re.compile(r"[^。；！？\n]+")
_UNITS = {
    "s": ("秒", "s"),
    "min": ("分钟", "分", "min"),
    "h": ("个小时", "小时", "h"),
    "d": ("天", "d"),
    "天": ("天", "d"),
    "月": ("个月", "月"),
    "mm": ("毫米", "mm"),
    "μm": ("微米", "μm", "µm"),
    "℃": ("摄氏度", "度", "℃"),
    "kg": ("公斤", "千克", "kg"),
    "t": ("吨", "t"),
    "mg/L": ("毫克", "mg/L"),
    "%": ("%",),
}
"""How texts write a unit; others are written as registered, or left out."""
_TENTHS = re.compile("([一二两三四五六七八九])成([一二三四五六七八九])?")
_PER_CENT = re.compile(f"百分之({NUMERAL_RUN.pattern})")
_HALF = re.compile(r"半$")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


GENERAL_WORDS = frozenset(
    (
        *("时间", "速度", "误差", "寿命", "次数", "比例", "周期", "温度"),
        *("深度", "厚度", "质量", "长度", "宽度", "单次", "单件", "平均"),
    )
)
"""Words that name a quantity and not of what."""


class UsualLevel(NamedTuple):
    """A proposed level, such as 9 s, and the sentence that says it."""

    text: str
    quotation: str


def propose_level(name: str, value: str, unit: str, texts: Iterable[str]) -> UsualLevel | None:
    """What the texts name as the former value of an indicator; None if they name none or two different ones."""
    own = _number(value, unit)
    if own is None:
        return None
    proposals: dict[Decimal, str] = {}
    for text in texts:
        for sentence in _SENTENCE.findall(text):
            for match in _CHANGE.finditer(sentence):
                old, new = _number(match["old"], unit), _number(match["new"], unit)
                if (
                    old is None
                    or new is None
                    or old == own
                    or not _is_near(new, own)
                    or not _names(name, sentence[: match.end()])
                ):
                    continue
                proposals[old] = sentence.strip()
    if len(proposals) != 1:
        return None
    [(old, quotation)] = proposals.items()
    space = "" if unit in {"%", "℃", "‰"} else " "
    return UsualLevel(f"{old.normalize():f}{space}{unit}".strip(), quotation)


def _is_near(stated: Decimal, own: Decimal) -> bool:
    """Whether a text and a limit mean the same result: 降到 1.8 ℃ and ≤ 2 ℃."""
    return abs(stated - own) <= own / 4


def _names(name: str, text: str) -> bool:
    """Whether two neighbouring characters of the name, other than 时间 and the like, stand before the change."""
    pairs = {name[at : at + 2] for at in range(len(name) - 1)} - GENERAL_WORDS
    return any(pair in text for pair in pairs)


def _number(text: str, unit: str) -> Decimal | None:
    """The number of a short text whose unit is `unit` or not written: 五秒半, 六成, 百分之七, 一点九, 2.8%."""
    written = _in_digits(text.strip(), unit)
    for spelling in sorted(_UNITS.get(unit.replace("µ", "μ"), (unit,)), key=len, reverse=True):
        if spelling and written.endswith(f"{spelling}半"):
            written = f"{written[: -len(spelling) - 1]}.5"
            break
        if spelling and written.endswith(spelling):
            written = written[: -len(spelling)]
            break
    written = written.strip()
    return Decimal(written) if _PLAIN.fullmatch(written) else None


def _in_digits(text: str, unit: str) -> str:
    if unit == "%":
        text = _PER_CENT.sub(lambda match: f"{chinese_number(match[1])}%", text)
        text = _TENTHS.sub(lambda match: f"{chinese_number(match[1])}{chinese_number(match[2] or '零')}%", text)
    return NUMERAL_RUN.sub(lambda match: _digits(match.group()), text)


def _digits(numeral: str) -> str:
    number = chinese_number(numeral)
    return numeral if number is None else f"{number.normalize():f}"


def rows_with_proposals(rows: Iterable[Mapping[str, str]], texts: Iterable[str]) -> list[tuple[int, UsualLevel]]:
    """(place of the row, proposed level) for the rows that state none."""
    known = list(texts)
    levels = []
    for place, row in enumerate(rows):
        if row.get("today") or row.get("value_to"):
            continue
        if level := propose_level(row["name"], row["value"], row["unit"], known):
            levels.append((place, level))
    return levels
