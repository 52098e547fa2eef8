"""How a sheet writes an indicator, read into name, comparison, values, unit and condition.

Two sources: the columns of an indicator's row, and free text (≥95%、由3%降至1%以下、-40℃至85℃、三个月内). What
cannot be read stays words: the original is kept, nothing is guessed and nothing raises.
"""

import math
import re
from dataclasses import dataclass, replace

from matching.engine.indicators import naming, units
from matching.engine.indicators.figures import HAN_NUMBER, NUMBER, number, plain
from matching.engine.indicators.units import Unit
from matching.engine.indicators.vocabulary import (
    AFTER,
    BEFORE,
    CONDITION_END,
    DIRECTION,
    ENDING,
    NAMED_BY_LETTERS,
    NOISE,
    NOT_MEASURED,
    NUMBERING,
    SHORT_DIRECTION,
    SIGN,
    THAN,
    TO,
    UNIT_FIRST,
    VERB,
)

MOST_CHARS = 4000  # of a text; more is a document, not a list of indicators
MOST = 60


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. `comparison`: ge le gt lt eq about between list words; `values` in `unit` (1; 2 for between; more
    for a list; none for words). `change`: up or down when the figure says by how much something changes."""

    name: str
    original: str
    comparison: str = "words"
    values: tuple[float, ...] = ()
    unit: str = ""
    condition: str = ""
    change: str = ""
    before: float | None = None  # 由3%降至1%: what it is today

    @property
    def measure(self) -> Unit:
        """The unit made comparable. 度 is a temperature, energy or an angle: the name decides."""
        if self.unit == "度" and re.search("温|热", self.name):
            return units.unit("℃")
        if self.unit.startswith("度") and re.search("电|能耗", self.name + self.unit):
            return units.unit("kWh" + self.unit[1:])
        return units.unit(self.unit)

    @property
    def is_share(self) -> bool:
        """A change given as a share of what it was (提高30%), not in units of the thing itself (提高20 MPa)."""
        return bool(self.change) and self.measure.dimension == "" and "百分点" not in self.unit


def of_row(
    name: str, comparison: str, value: str, value_to: str = "", unit: str = "", condition: str = "", original: str = ""
) -> Indicator:
    """The indicator of a row with columns. `comparison` as in the registry: ge le gt lt eq about between words."""
    original = original or f"{name} {value}{f'–{value_to}' if value_to else ''} {unit}".strip()
    low, high = number(plain(value)), number(plain(value_to))
    if comparison == "between" and low is not None and high is not None:
        found = Indicator(name, original, "between", (min(low, high), max(low, high)), unit, condition)
    elif comparison not in {"between", "words"} and low is not None:
        found = Indicator(name, original, comparison, (low,), unit, condition)
    else:
        found = _of_cell(name, comparison, value, unit)
        found = replace(
            found, name=name, original=original, unit=found.unit or unit, condition=condition or found.condition
        )
    return _with_change_of_name(found)


def read(text: str) -> list[Indicator]:
    """All indicators of a free text, in order. Names may be empty (≥95%); text without a figure gives nothing."""
    found: list[Indicator] = []
    for sentence in re.split(r"[\n;；。！!？?]+", text[:MOST_CHARS]):
        condition = ""
        for clause in _clauses(plain(NUMBERING.sub("", sentence))):
            if (one := _read_clause(clause)) is not None:
                found.append(_with_change_of_name(replace(one, condition=one.condition or condition)))
                condition = ""
            elif found and not condition and re.match(r"\(", clause):
                found[-1] = replace(found[-1], condition=found[-1].condition or clause.strip("()"))
            elif CONDITION_END.search(clause):
                condition = clause
            if len(found) == MOST:
                return found
    return found


def read_one(text: str) -> Indicator:
    """The one indicator of a short text; words when there is no figure in it, the first when there are several."""
    found = read(text)
    return replace(found[0], original=text.strip()) if found else Indicator(text.strip(), text.strip())


def _of_cell(name: str, comparison: str, value: str, unit: str) -> Indicator:
    """A value's cell that holds more than a number: ≥95, 2~5, 0.5 mm, 由3%降至1%, 三."""
    found = _read_clause(plain(f"{value}{unit}")) or _read_clause(plain(value))
    if found is None or found.name not in {"", plain(name)}:
        return Indicator(name, value)
    given = found.comparison == "eq" and len(found.values) == 1 and comparison not in {"words", "between"}
    return replace(found, comparison=comparison) if given else found


def _clauses(sentence: str) -> list[str]:
    """Cut at commas and enumeration marks, but not within brackets nor between the figures of a list."""
    kept = r"\([^()]*\)|在[^，]{2,40}?(?:条件|情况|工况|状态|环境)下"
    hidden = re.sub(kept, lambda inside: inside.group().translate(_HIDE), sentence)
    pieces = re.split(r"，|、(?!\s*(?:DN|φ)?[-+]?\d+(?:\.\d+)?\s*[^\d\s]{0,4}(?:、|$|等))|,(?!\d{3})", hidden)
    return [clause for piece in pieces if (clause := piece.translate(_SHOW).strip())]


_HIDE, _SHOW = str.maketrans("，、,", "\x03\x04\x05"), str.maketrans("\x03\x04\x05", "，、,")


def _read_clause(clause: str) -> Indicator | None:
    if not clause or len(clause) > 300:
        return None
    text = NOT_MEASURED.sub(lambda found: "\x02" * len(found.group()), clause)
    return _from_to(text, clause) or _figure(text, clause)


_FROM_TO = re.compile(
    rf"(?P<name>[^，]*?)(?:由|从)\D{{0,6}}?(?P<a>[-+]?(?:{NUMBER}))(?P<ua>[^\d，至到为降升减增提缩延下上压]*)(?:左右|以上)?"
    rf"(?P<verb>{VERB}|升|增|降|减|缩|提|变|改)?(?:到|至|为)(?P<rest>.*)"
)


_ARROW = re.compile(rf"(?P<name>.*?)(?P<a>[-+]?(?:{NUMBER}))(?P<ua>[^\d→]*)→(?P<rest>.*)")


def _from_to(text: str, clause: str) -> Indicator | None:
    """漏检率由3%降至1%以下: the aim is ≤1%, today's 3% is kept beside it."""
    found = _FROM_TO.fullmatch(text) or _ARROW.fullmatch(text)
    if not found or (before := number(found["a"])) is None:
        return None
    verb = found["verb"] if "verb" in found.groupdict() else "→"
    rest = _figure(found["rest"], found["rest"], bare=True)
    if rest is None or len(rest.values) != 1:
        return None
    falls = rest.values[0] < before
    if not verb and units.unit(found["ua"] or rest.unit).dimension == "[temperature]":
        return None  # 从-40℃到85℃ is a range
    unit = rest.unit or found["ua"].strip()
    comparison = rest.comparison if rest.comparison != "eq" else ("le" if falls else "ge")
    name, condition = _name_of(found["name"])
    return Indicator(name, clause, comparison, rest.values, unit, condition or rest.condition, before=before)


def _figure(text: str, clause: str, *, bare: bool = False) -> Indicator | None:
    """The best figure of a clause: one beside a sign, else the last one with a unit, else a number at the end."""
    best, best_rank, taken = None, 0, 0
    for start, end in _numbers(text):
        if start < taken:
            continue  # the second figure of a range is no figure of its own
        one, rank, taken = _at(text, clause, start, end)
        rank -= 1.5 * (text.count("(", 0, start) > text.count(")", 0, start))  # within brackets it is a condition
        if one is not None and (rank > best_rank or (rank == best_rank == 2 and not bare)):
            best, best_rank = one, rank
    return best


def _numbers(text: str):
    """Where the figures begin; Chinese numerals only where a unit or an ending follows (三个月内, 不足两年)."""
    spans = [found.span() for found in re.finditer(rf"(?<![\d.A-WYZa-zµ])(?:{NUMBER})|(?<=Ra|Rz|DN|IP)\d[\d.]*", text)]
    for found in re.finditer(rf"百分之(?:{HAN_NUMBER}|\d[\d.]*)|千分之(?:{HAN_NUMBER})|{HAN_NUMBER}", text):
        unit, end = units.take(text, found.end())
        signed = re.search(rf"(?:{SIGN}|{VERB})\s*$", text[: found.start()])
        if (found.group()[0] in "百千" and "分之" in found.group()) or (
            unit == "倍"
            or (unit and (re.match(ENDING, text[end:]) or signed or (not text[end:].strip() and found.start() == 0)))
        ):
            spans.append(found.span())
    for found in re.finditer(r"一半|[一二三四五六七八九两]成|翻一番", text):
        spans.append(found.span())
    return sorted(set(spans))[:MOST]


def _at(text: str, clause: str, start: int, end: int) -> tuple[Indicator | None, int, int]:
    """The indicator whose figure begins at `start`, how sure it is (3 with a sign, 2 with a unit, 1 bare), its end."""
    head, value, unit, end = _value(text, start, end)
    if value is None:
        return None, 0, end
    values, comparison, unit, end = _span(text, value, unit, end)
    tail = re.match(rf"\s*({ENDING})", text[end:])
    if tail:
        end += tail.end()
    head, sign = _sign(head)
    head, prefix = _unit_first(head)
    if prefix and not unit:
        unit, usual = UNIT_FIRST[prefix]
        sign = sign or (usual if usual != "eq" else None)
    suffix = text[end:]
    after = AFTER[tail.group(1)] if tail else None
    head, change, aimed = _change(head)
    if comparison == "eq":
        comparison = _joined(sign, after) or ("le" if aimed == "down" else "ge" if aimed == "up" else "eq")
    condition = _condition(suffix)
    if condition is None or (not (sign or after or change or unit or comparison != "eq") and suffix):
        return None, 0, end
    if change and unit == "倍" and re.search("原来的?|现有的?", head):
        values = tuple(value - 1 for value in values)
    name, own = _name_of(head)
    if prefix and name in {"", "规格", "型号", "尺寸"}:
        name = NAMED_BY_LETTERS[prefix]
    if comparison == "better":
        comparison = "le" if naming.direction(name) == "-" else "ge"
    rank = 3 if sign or after or change or aimed else 2 if unit or comparison != "eq" else 1
    one = Indicator(name, clause, comparison, values, unit, own or condition, change)
    return one, rank, end


def _value(text: str, start: int, end: int) -> tuple[str, float | None, str, int]:
    """What stands before the figure, its value, its unit and where both end."""
    written = text[start:end]
    if written == "翻一番":
        return text[:start] + "提高", 1.0, "倍", end
    if written == "一半":
        return text[:start], 50.0, "%", end
    if written.startswith(("百分之", "千分之")):
        return text[:start], number(written[3:]), "%" if written[0] == "百" else "‰", end
    if re.fullmatch("[一二三四五六七八九两]成", written):
        half = text.startswith("半", end)
        return text[:start], (number(written[0]) or 0) * 10 + 5 * half, "%", end + half
    value, head = number(written), text[:start]
    if (
        value is not None
        and re.search(r"(?:^|[^\d)\w]|(?<=[一-鿿]))[-+]$", head)
        and not re.search(r"\d\s*[-+]$", head)
    ):
        value, head = (-value if head[-1] == "-" else value), head[:-1]
    unit, end = units.take(text, end)
    return head, value, unit, end


def _span(text: str, value: float, unit: str, end: int) -> tuple[tuple[float, ...], str, str, int]:
    """A second figure makes a range, ± a tolerance, 、 or / a list."""
    if found := re.match(rf"\s*±\s*({NUMBER})", text[end:]):
        spread = number(found.group(1)) or 0.0
        own, end = units.take(text, end + found.end())
        return (value - spread, value + spread), "between", own or unit, end
    if found := re.match(rf"\s*{TO}\s*(?:DN|φ)?([-+]?(?:{NUMBER}))", text[end:]):
        other = number(found.group(1))
        own, end = units.take(text, end + found.end())
        if other is not None:
            scale = _scale(unit, own)
            low, high = sorted((value * scale, other))
            return (low, high), "between", own or unit, end
    values, last = [value], end
    joint = "、|和|或|及" if unit else "、|/|和|或|及"
    while found := re.match(rf"\s*(?:{joint})\s*(?:DN|φ)?([-+]?(?:{NUMBER}))", text[last:]):
        other = number(found.group(1))
        own, last = units.take(text, last + found.end())
        if other is None or (own and unit and own != unit):
            break
        values.append(other)
        unit, end = own or unit, last
    return tuple(values), "list" if len(values) > 1 else "eq", unit, end


def _scale(first: str, second: str) -> float:
    """500 g~1 kg: what the first figure has to be multiplied by to be in the second one's unit."""
    if not first or not second or first == second:
        return 1.0
    ours, theirs = units.unit(first), units.unit(second)
    return ours.factor / theirs.factor if ours.dimension == theirs.dimension and theirs.factor else 1.0


def _sign(head: str) -> tuple[str, str | None]:
    """Cut the words of comparison off the end of what stands before a figure."""
    head = head.rstrip()
    if found := re.search(r"[≥≤<>=]{2,}$", head):
        kinds = {BEFORE[sign] for sign in found.group()}
        return head[: found.start()], next(iter(kinds)) if len(kinds) == 1 else None
    sign = None
    if head.endswith("±"):
        head, sign = head[:-1].rstrip(), "le"
    if found := re.search(rf"^(.{{2,}}?)({SIGN})[^{{HAN}}]?\D{{2,12}}的$", head):  # 不得超过进口产品的70%
        return found.group(1), BEFORE[found.group(2)] if found.group(2) not in "为是在即:=" else None
    while found := re.search(rf"(?:{SIGN})$", head):
        word, before = found.group(), head[: found.start()]
        meaning = BEFORE[word]
        if meaning == "eq" and sign is None and word in "为是在即" and not before:
            break
        if sign in (None, "eq", "about"):
            sign = meaning if meaning != "eq" or sign is None else sign
        head = before.rstrip()
    return head, sign


def _joined(sign: str | None, after: str | None) -> str | None:
    """A sign before and an ending after: 约…以上 is ≥, 控制在…以内 is ≤; where they quarrel the sign wins."""
    if sign in {"about", "eq", None}:
        return after or sign
    return sign


def _unit_first(head: str) -> tuple[str, str]:
    found = re.search(r"(Ra|Rz|DN|IP|φ|Φ|Ø)\s*$", head)
    if not found:
        return head, ""
    head = head[: found.start()]
    return _sign(head)[0], {"Φ": "φ", "Ø": "φ"}.get(found.group(1), found.group(1))


def _change(head: str) -> tuple[str, str, str]:
    """What stands before a figure without its verb of change; up or down for a change (提高30%), or for an aim
    (提高到30%), which is no change but a value."""
    head = head.rstrip()
    aim = re.search(rf"({VERB}|升|增|降|减|缩)(?:到|至|为)$", head)
    if aim:
        verb = aim.group(1)
        return head[: aim.start()], "", DIRECTION.get(verb) or SHORT_DIRECTION[verb]
    if found := re.search(rf"({VERB})(?:了|幅度|率|比例)?\s*(?:{SIGN})?$", head):
        return head[: found.start()], DIRECTION[found.group(1)], ""
    if found := re.match(rf"(?:使|将|把|可|能|能够|预计|比\S{{1,10}}|较\S{{1,10}})?({VERB})(?P<what>.{{2,}})$", head):
        what = found["what"]
        aimed = re.search("(?:到|至)$", what)
        direction = DIRECTION[found.group(1)]
        return (what[:-1], "", direction) if aimed else (what, direction, "")
    return head, "", ""


def _name_of(head: str) -> tuple[str, str]:
    """Name and condition: 25℃下拉伸强度(干态) → 拉伸强度, 干态."""
    condition = ""
    head = head.replace("\x02", "").strip()
    if found := re.search(r"\(([^()]*)\)\s*$", head):
        head, condition = head[: found.start()], found.group(1)
    found = re.match(r"(?:在)?(.{2,30}?(?:条件下|情况下|工况下|状态下|环境下|时|下))(?=[^限降]{2,})", head)
    if found and re.search(r"\d|条件|工况|情况|状态|环境", found.group(1)):
        head, condition = head[found.end() :], condition or found.group(1)
    name = THAN.sub("", head)
    while (shorter := NOISE.sub("", name.strip(" :=，、-~·的"))) != name:
        name = shorter
    return name, condition


def _condition(suffix: str) -> str | None:
    """The condition that follows a figure; None when what follows shows that the figure was not the indicator's."""
    suffix = suffix.replace("\x02", " ").strip(" ，、,:")
    if not suffix:
        return ""
    if found := re.fullmatch(r"\((.*)\)?", suffix):
        return found.group(1).rstrip(")")
    if found := re.match(r"\(([^()]*)\)", suffix):
        return found.group(1)
    if re.match(
        r"(?:的|完成|交付|见效|达标|实现|可|能|水平|要求|标准|运行|等|/|时|下|@|for|每|且|并|未|不|无|后|前)", suffix
    ):
        return suffix if suffix.startswith("@") else ""
    return "" if len(suffix) <= 12 else None


def _with_change_of_name(one: Indicator) -> Indicator:
    """节电率≥12%, 张力降幅≥30%, 体温提高 ≥1.8 ℃: the change stands in the name."""
    if one.change or not one.values or one.before is not None:
        return one
    if found := re.fullmatch(r"(.{2,}?)(提高|提升|增加|上升|降低|下降|减少|缩短)(?:率|幅度|比例|量|值)?", one.name):
        return replace(one, name=found.group(1), change=DIRECTION[found.group(2)])
    if found := re.fullmatch(r"(.{2,}?)(增幅|升幅|增长率|降幅|减幅)", one.name):
        return replace(one, name=found.group(1), change="down" if found.group(2)[0] in "降减" else "up")
    if found := re.fullmatch(r"(.*?)(节[电能水油煤气]|降本|减重)率?", one.name):
        what = {"降本": "成本", "减重": "重量"}.get(found.group(2), f"{found.group(2)[1]}耗")
        return replace(one, name=found.group(1) + what, change="down")
    return one


def bounds(one: Indicator) -> tuple[float, float]:
    """Lowest and highest value in `unit`, infinite where none is said."""
    if not one.values:
        return -math.inf, math.inf
    if one.comparison in {"ge", "gt"}:
        return one.values[0], math.inf
    if one.comparison in {"le", "lt"}:
        return -math.inf, one.values[0]
    return min(one.values), max(one.values)
