"""Units as Chinese sheets write them, made comparable by pint: what is measured, and how much one of it is."""

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from matching.engine.indicators.figures import number, plain
from matching.engine.text import HAN

_DEFINITIONS = Path(__file__).with_name("chinese_units.txt")
_TIMES = {"十": 10, "百": 100, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12}
_MULTIPLES = "万亿|千万|百万|十万|亿|万|千|百"
# Signs that pint reads differently or not at all.
_OWN_NAMES = {
    **{
        "%": "percent",
        "‰": "permille",
        "％": "percent",
        "℃": "degC",
        "°": "角度",
        "度": "角度",
        "deg": "角度",
        "摄氏度": "degC",
    },
    **{
        "℉": "degF",
        "dB": "分贝",
        "dB(A)": "分贝",
        "dBA": "分贝",
        "pH": "酸碱度",
        "PH": "酸碱度",
        "r": "转",
        "rev": "转",
    },
    **{"Å": "angstrom", "h": "hour", "d": "day", "y": "year", "a": "year", "T": "tonne", "KG": "kilogram"},
    **{"Kg": "kilogram", "KW": "kilowatt", "KWh": "kilowatt_hour", "Kwh": "kilowatt_hour", "kwh": "kilowatt_hour"},
    **{"MPA": "megapascal", "Mpa": "megapascal", "mpa": "megapascal", "KPa": "kilopascal", "KV": "kilovolt"},
    **{"MM": "millimeter", "Km": "kilometer", "KM": "kilometer", "ML": "milliliter", "ml": "milliliter", "HZ": "hertz"},
    **{"Hz": "hertz", "hz": "hertz", "S": "siemens", "M": "molar", "ppmv": "ppm", "ha": "hectare"},
    **{"wt%": "percent", "vol%": "percent", "at%": "percent", "mol%": "percent", "%RH": "percent", "RH": "percent"},
    **{"%IACS": "国际退火铜", "Nm^3": "标方", "Nm3": "标方"},
    **{"Ω": "ohm", '"': "inch", "pcs": "个", "Wp": "watt", "var": "watt"},
}
_ASCII = r"(?:%IACS|%RH|dB\(A\)|(?:wt|vol|mol|at)%|[A-Za-zµΩÅ℃℉°]+\d?(?![\d.])|[%‰″′])"


@dataclass(frozen=True, slots=True)
class Unit:
    """`value × factor + offset` is in base units; two units with one `dimension` can be compared."""

    dimension: str
    factor: float = 1.0
    offset: float = 0.0

    def in_base(self, value: float, *, difference: bool = False) -> float:
        return value * self.factor + (0.0 if difference else self.offset)


NONE = Unit("")
_NO_UNIT = frozenset(["", "-", "--", "无", "无量纲", "1"])
COUNTED = frozenset({"[event]", "[item]", "[person]", "[line]", "[character]"})


@lru_cache(maxsize=20_000)
def unit(text: str) -> Unit:
    """The unit a sheet means by `text`. What nobody knows is a dimension of its own: equal only to the same letters."""
    text = re.sub(r"\s+", "", plain(text)).replace("每", "/").lstrip("/")
    if re.fullmatch(r"\([^()]*\)", text):
        text = text[1:-1]
    if text in _NO_UNIT:
        return NONE
    return _compound(text) or Unit(f"?{text.lower()}")


def take(text: str, start: int) -> tuple[str, int]:
    """The unit that stands at `start`, as written, and where it ends; ("", start) where none does."""
    found = _AT_START().match(text, start)
    return (found.group().strip(), found.end()) if found else ("", start)


@cache
def _AT_START() -> re.Pattern:
    """One unit, or several joined by / · * 每; Chinese names only those that are known."""
    names = "|".join(sorted(map(re.escape, _han_names()), key=len, reverse=True))
    raised = r"(?:\^?-?[1-4](?![\d.]))?"
    atom = rf"(?:(?:{names})|(?:{_MULTIPLES})(?:{names})|(?:{_MULTIPLES})?{_ASCII}{raised}|(?:{_MULTIPLES})(?![{HAN}]))"
    group = rf"(?:{atom}|\({atom}(?:[·*/]{atom})*\))"
    return re.compile(rf"\s*{atom}(?:\s*(?:[/·*]|每)\s*{group})*")


@cache
def _han_names() -> frozenset[str]:
    words = _DEFINITIONS.read_text(encoding="utf-8").split()
    return frozenset(w for w in words if re.fullmatch("[㐀-鿿]+A?", w)) | {"度", "摄氏度"}


@cache
def _registry():
    import pint  # 0.2 s; only a process that compares quantities pays it

    registry = pint.UnitRegistry(on_redefinition="ignore")  # a name of ours goes before one of its own
    registry.load_definitions(_DEFINITIONS)
    return registry


def _compound(text: str) -> Unit | None:
    """元/(吨·公里) → money / (mass · length). None when a part is unknown."""
    if alone := _atom(text):
        return alone
    quantity, sign = None, 1
    for piece in re.findall(r"\(|\)|[/·*]|[^()/·*]+", text.replace("²", "^2").replace("³", "^3")):
        if piece == "/":
            sign = -1
        elif piece in "·*()":
            continue  # W/(m·K): everything after the stroke divides
        else:
            part = _power(piece)
            if part is None:
                return None
            quantity = part**sign if quantity is None else quantity * part**sign
    if quantity is None:
        return None
    base = quantity.to_base_units()
    return Unit(_dimension(base), float(base.magnitude)) if math.isfinite(base.magnitude) else None


def _power(piece: str):
    if (known := _quantity(piece)) is not None:
        return known
    if counted := re.fullmatch(r"×?(10\^-?\d{1,2}|\d{1,6}(?:\.\d+)?)(.*)", piece):  # mL/100g, 10⁻⁶/K
        times, rest = number(counted.group(1)), _power(counted.group(2)) if counted.group(2) else 1.0
        return None if not times or rest is None else times * rest * _registry().dimensionless
    multiple, name, raised = re.fullmatch(rf"({_MULTIPLES})?(.+?)\^?(-?[1-4])?", piece).groups()
    known = _quantity(name)
    if known is None or raised is None:
        return None
    return _TIMES.get(multiple, 1.0) * known ** int(raised)  # 万m³ is ten thousand of them, not (万m)³


def _atom(text: str) -> Unit | None:
    name = _OWN_NAMES.get(text, text)
    if name == "degC":
        return Unit("[temperature]", 1.0, 273.15)
    if name == "degF":
        return Unit("[temperature]", 5 / 9, 459.67 * 5 / 9)
    if text in _OWN_NAMES:
        base = _quantity(text).to_base_units()
        return Unit(_dimension(base), float(base.magnitude))
    return None


def _quantity(text: str):
    """One named unit as a quantity, its multiple (万, 千) counted in; None when nobody knows it."""
    multiple, name = re.fullmatch(f"({_MULTIPLES})?(.*)", text, re.DOTALL).groups()
    for times, word in ((1.0, text), (_TIMES.get(multiple, 1.0), name)):
        if not word:
            return times * _registry().dimensionless
        if (known := _named(word)) is not None:
            return times * known
    return None


def _named(word: str):
    """What pint knows by this name. Temperatures within a compound are differences."""
    from pint.errors import PintError

    name = {"degC": "kelvin", "degF": "rankine"}.get(_OWN_NAMES.get(word, word), _OWN_NAMES.get(word))
    if name is None and not re.fullmatch(f"[A-Za-zµΩÅ{HAN}]+", word):
        return None
    try:
        return _registry().Quantity(1.0, _registry().parse_units(name or word)).to_base_units()
    except (PintError, AttributeError, TypeError, ValueError):
        return None


def _dimension(quantity) -> str:
    return "" if quantity.dimensionless else str(quantity.dimensionality)
