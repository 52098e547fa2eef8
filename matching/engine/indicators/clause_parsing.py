"""Parser of one clause that states at most one indicator."""

import re
from typing import NamedTuple

from matching.engine.indicators import quantity_names
from matching.engine.indicators.indicator import Indicator
from matching.engine.indicators.numerals import CHINESE_NUMERAL, NUMBER, parse_number
from matching.engine.indicators.units import parse_unit, unit_at
from matching.engine.indicators.vocabulary import (
    AFTER,
    BEFORE,
    DIRECTION,
    ENDING,
    NAMED_BY_LETTERS,
    NOISE,
    NOT_MEASURED,
    SHORT_DIRECTION,
    SIGN,
    THAN,
    TO,
    UNIT_FIRST,
    VERB,
)

MAX_CLAUSE_CHARS = 300
MAX_NUMBERS = 60
_MASK = "\x02"  # replaces numbers that measure nothing, so that positions stay the same

# How sure it is that a number is the value of the indicator.
_WITH_SIGN, _WITH_UNIT, _BARE = 3, 2, 1
_IN_BRACKETS_PENALTY = 1.5


class _Candidate(NamedTuple):
    """The indicator whose value is a certain number (None if it is not a value), its rank and its end in the text."""

    indicator: Indicator | None
    rank: float
    end: int


def parse_clause(clause: str) -> Indicator | None:
    """Return the indicator of a clause with normalised symbols, or None."""
    if not clause or len(clause) > MAX_CLAUSE_CHARS:
        return None
    text = NOT_MEASURED.sub(lambda match: _MASK * len(match.group()), clause)
    return _parse_from_to(text, clause) or _parse_value(text, clause)


_FROM_TO = re.compile(
    rf"(?P<name>[^，]*?)(?:由|从)\D{{0,6}}?(?P<a>[-+]?(?:{NUMBER}))(?P<ua>[^\d，至到为降升减增提缩延下上压]*)(?:左右|以上)?"
    rf"(?P<verb>{VERB}|升|增|降|减|缩|提|变|改)?(?:到|至|为)(?P<rest>.*)"
)


_ARROW = re.compile(rf"(?P<name>.*?)(?P<a>[-+]?(?:{NUMBER}))(?P<ua>[^\d→]*)→(?P<rest>.*)")


def _parse_from_to(text: str, clause: str) -> Indicator | None:
    """漏检率由3%降至1%以下: the aim is ≤ 1%, the present value 3% becomes `before`."""
    match = _FROM_TO.fullmatch(text) or _ARROW.fullmatch(text)
    if not match or (before := parse_number(match["a"])) is None:
        return None
    verb = match["verb"] if "verb" in match.groupdict() else "→"
    aim = _parse_value(match["rest"], match["rest"], only_certain=True)
    if aim is None or len(aim.values) != 1:
        return None
    falls = aim.values[0] < before
    if not verb and parse_unit(match["ua"] or aim.unit).dimension == "[temperature]":
        return None  # 从-40℃到85℃ is a range
    unit = aim.unit or match["ua"].strip()
    comparison = aim.comparison if aim.comparison != "eq" else ("le" if falls else "ge")
    name, condition = _split_condition(match["name"])
    return Indicator(name, clause, comparison, aim.values, unit, condition or aim.condition, before=before)


def _parse_value(text: str, clause: str, *, only_certain: bool = False) -> Indicator | None:
    """Choose the value of a clause: a number with a sign, else the last one with a unit, else one at the end."""
    best: Indicator | None = None
    best_rank, covered_to = 0.0, 0
    for start, end in _number_spans(text):
        if start < covered_to:
            continue  # the second number of a range
        indicator, rank, covered_to = _candidate_at(text, clause, start, end)
        # A number inside brackets is usually a condition.
        rank -= _IN_BRACKETS_PENALTY * (text.count("(", 0, start) > text.count(")", 0, start))
        if indicator is not None and (rank > best_rank or (rank == best_rank == _WITH_UNIT and not only_certain)):
            best, best_rank = indicator, rank
    return best


def _number_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of the numbers. Chinese numerals need a unit with an ending or a sign (三个月内, 不足两年)."""
    spans = [match.span() for match in re.finditer(rf"(?<![\d.A-WYZa-zµ])(?:{NUMBER})|(?<=Ra|Rz|DN|IP)\d[\d.]*", text)]
    for match in re.finditer(
        rf"百分之(?:{CHINESE_NUMERAL}|\d[\d.]*)|千分之(?:{CHINESE_NUMERAL})|{CHINESE_NUMERAL}", text
    ):
        unit, end = unit_at(text, match.end())
        has_sign = re.search(rf"(?:{SIGN}|{VERB})\s*$", text[: match.start()])
        is_whole_text = not text[end:].strip() and match.start() == 0
        if (match.group()[0] in "百千" and "分之" in match.group()) or (
            unit == "倍" or (unit and (re.match(ENDING, text[end:]) or has_sign or is_whole_text))
        ):
            spans.append(match.span())
    for match in re.finditer(r"一半|[一二三四五六七八九两]成|翻一番", text):
        spans.append(match.span())
    return sorted(set(spans))[:MAX_NUMBERS]


def _candidate_at(text: str, clause: str, start: int, end: int) -> _Candidate:
    """Parse the indicator whose value is the number at (start, end)."""
    head, value, unit, end = _first_value(text, start, end)
    if value is None:
        return _Candidate(None, 0, end)
    values, comparison, unit, end = _further_values(text, value, unit, end)
    ending = re.match(rf"\s*({ENDING})", text[end:])
    if ending:
        end += ending.end()
    head, sign = _split_sign(head)
    head, prefix = _split_unit_letters(head)
    if prefix and not unit:
        unit, usual = UNIT_FIRST[prefix]
        sign = sign or (usual if usual != "eq" else None)
    suffix = text[end:]
    after = AFTER[ending.group(1)] if ending else None
    head, change, aimed = _split_change(head)
    if comparison == "eq":
        comparison = _joined_comparison(sign, after) or ("le" if aimed == "down" else "ge" if aimed == "up" else "eq")
    condition = _trailing_condition(suffix)
    if condition is None or (not (sign or after or change or unit or comparison != "eq") and suffix):
        return _Candidate(None, 0, end)
    if change and unit == "倍" and re.search("原来的?|现有的?", head):
        values = tuple(value - 1 for value in values)
    name, own_condition = _split_condition(head)
    if prefix and name in {"", "规格", "型号", "尺寸"}:
        name = NAMED_BY_LETTERS[prefix]
    if comparison == "better":
        comparison = "le" if quantity_names.better_direction(name) == "-" else "ge"
    rank = _WITH_SIGN if sign or after or change or aimed else _WITH_UNIT if unit or comparison != "eq" else _BARE
    indicator = Indicator(name, clause, comparison, values, unit, own_condition or condition, change)
    return _Candidate(indicator, rank, end)


def _first_value(text: str, start: int, end: int) -> tuple[str, float | None, str, int]:
    """Return the text before the number, its value, its unit and the end of both."""
    written = text[start:end]
    if written == "翻一番":
        return text[:start] + "提高", 1.0, "倍", end
    if written == "一半":
        return text[:start], 50.0, "%", end
    if written.startswith(("百分之", "千分之")):
        return text[:start], parse_number(written[3:]), "%" if written[0] == "百" else "‰", end
    if re.fullmatch("[一二三四五六七八九两]成", written):
        half = text.startswith("半", end)
        return text[:start], (parse_number(written[0]) or 0) * 10 + 5 * half, "%", end + half
    value, head = parse_number(written), text[:start]
    if (
        value is not None
        and re.search(r"(?:^|[^\d)\w]|(?<=[一-鿿]))[-+]$", head)
        and not re.search(r"\d\s*[-+]$", head)
    ):
        value, head = (-value if head[-1] == "-" else value), head[:-1]
    unit, end = unit_at(text, end)
    return head, value, unit, end


def _further_values(text: str, value: float, unit: str, end: int) -> tuple[tuple[float, ...], str, str, int]:
    """Parse a tolerance (±), a range or a list after the first value: (values, comparison, unit, end)."""
    if match := re.match(rf"\s*±\s*({NUMBER})", text[end:]):
        tolerance = parse_number(match.group(1)) or 0.0
        own_unit, end = unit_at(text, end + match.end())
        return (value - tolerance, value + tolerance), "between", own_unit or unit, end
    if match := re.match(rf"\s*{TO}\s*(?:DN|φ)?([-+]?(?:{NUMBER}))", text[end:]):
        other = parse_number(match.group(1))
        own_unit, end = unit_at(text, end + match.end())
        if other is not None:
            low, high = sorted((value * _conversion_factor(unit, own_unit), other))
            return (low, high), "between", own_unit or unit, end
    values, last = [value], end
    separator = "、|和|或|及" if unit else "、|/|和|或|及"
    while match := re.match(rf"\s*(?:{separator})\s*(?:DN|φ)?([-+]?(?:{NUMBER}))", text[last:]):
        other = parse_number(match.group(1))
        own_unit, last = unit_at(text, last + match.end())
        if other is None or (own_unit and unit and own_unit != unit):
            break
        values.append(other)
        unit, end = own_unit or unit, last
    return tuple(values), "list" if len(values) > 1 else "eq", unit, end


def _conversion_factor(first: str, second: str) -> float:
    """Return the factor from the first unit to the second (500 g~1 kg); 1 if they are not comparable."""
    if not first or not second or first == second:
        return 1.0
    unit, other = parse_unit(first), parse_unit(second)
    return unit.factor / other.factor if unit.dimension == other.dimension and other.factor else 1.0


def _split_sign(head: str) -> tuple[str, str | None]:
    """Split the comparison (≥, 不低于) off the end of the text before a number."""
    head = head.rstrip()
    if match := re.search(r"[≥≤<>=]{2,}$", head):
        meanings = {BEFORE[sign] for sign in match.group()}
        return head[: match.start()], next(iter(meanings)) if len(meanings) == 1 else None
    sign = None
    if head.endswith("±"):
        head, sign = head[:-1].rstrip(), "le"
    if match := re.search(rf"^(.{{2,}}?)({SIGN})[^{{HAN}}]?\D{{2,12}}的$", head):  # 不得超过进口产品的70%
        return match.group(1), BEFORE[match.group(2)] if match.group(2) not in "为是在即:=" else None
    while match := re.search(rf"(?:{SIGN})$", head):
        word, before = match.group(), head[: match.start()]
        meaning = BEFORE[word]
        if meaning == "eq" and sign is None and word in "为是在即" and not before:
            break
        if sign in (None, "eq", "about"):
            sign = meaning if meaning != "eq" or sign is None else sign
        head = before.rstrip()
    return head, sign


def _joined_comparison(sign: str | None, after: str | None) -> str | None:
    """Combine the word before and the word after a number: 约…以上 is ≥, 控制在…以内 is ≤.

    If they contradict each other, the word before is used.
    """
    if sign in {"about", "eq", None}:
        return after or sign
    return sign


def _split_unit_letters(head: str) -> tuple[str, str]:
    """Split letters that imply a unit (DN50, Ra0.4) off the end of the text before a number."""
    match = re.search(r"(Ra|Rz|DN|IP|φ|Φ|Ø)\s*$", head)
    if not match:
        return head, ""
    head = head[: match.start()]
    return _split_sign(head)[0], {"Φ": "φ", "Ø": "φ"}.get(match.group(1), match.group(1))


def _split_change(head: str) -> tuple[str, str, str]:
    """Split the verb of change off the text before a number: (rest, change, direction of an aim).

    提高30% is a change ("up", ""). 提高到30% is an aim: a value, not a change ("", "up").
    """
    head = head.rstrip()
    aim = re.search(rf"({VERB}|升|增|降|减|缩)(?:到|至|为)$", head)
    if aim:
        verb = aim.group(1)
        return head[: aim.start()], "", DIRECTION.get(verb) or SHORT_DIRECTION[verb]
    if match := re.search(rf"({VERB})(?:了|幅度|率|比例)?\s*(?:{SIGN})?$", head):
        return head[: match.start()], DIRECTION[match.group(1)], ""
    if match := re.match(rf"(?:使|将|把|可|能|能够|预计|比\S{{1,10}}|较\S{{1,10}})?({VERB})(?P<what>.{{2,}})$", head):
        quantity = match["what"]
        direction = DIRECTION[match.group(1)]
        is_aim = re.search("(?:到|至)$", quantity)
        return (quantity[:-1], "", direction) if is_aim else (quantity, direction, "")
    return head, "", ""


def _split_condition(head: str) -> tuple[str, str]:
    """Split the text before a number into name and condition: 25℃下拉伸强度(干态) → 拉伸强度, 干态."""
    condition = ""
    head = head.replace(_MASK, "").strip()
    if match := re.search(r"\(([^()]*)\)\s*$", head):
        head, condition = head[: match.start()], match.group(1)
    match = re.match(r"(?:在)?(.{2,30}?(?:条件下|情况下|工况下|状态下|环境下|时|下))(?=[^限降]{2,})", head)
    if match and re.search(r"\d|条件|工况|情况|状态|环境", match.group(1)):
        head, condition = head[match.end() :], condition or match.group(1)
    name = THAN.sub("", head)
    while (shorter := NOISE.sub("", name.strip(" :=，、-~·的"))) != name:
        name = shorter
    return name, condition


def _trailing_condition(suffix: str) -> str | None:
    """Return the condition after a value, or None if the text after it shows that it is not the indicator's value."""
    suffix = suffix.replace(_MASK, " ").strip(" ，、,:")
    if not suffix:
        return ""
    if match := re.fullmatch(r"\((.*)\)?", suffix):
        return match.group(1).rstrip(")")
    if match := re.match(r"\(([^()]*)\)", suffix):
        return match.group(1)
    if re.match(
        r"(?:的|完成|交付|见效|达标|实现|可|能|水平|要求|标准|运行|等|/|时|下|@|for|每|且|并|未|不|无|后|前)", suffix
    ):
        return suffix if suffix.startswith("@") else ""
    return "" if len(suffix) <= 12 else None
