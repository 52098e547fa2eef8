"""Units in Chinese sheets, converted by pint to a dimension and a factor."""

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matching.engine.indicators.numerals import normalise_symbols, parse_number
from matching.engine.tokeniser import HAN

if TYPE_CHECKING:
    import pint

_DEFINITIONS = Path(__file__).with_name("chinese_units.txt")
_MULTIPLE_FACTORS = {
    "十": 10,
    "百": 100,
    "千": 1e3,
    "万": 1e4,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "万亿": 1e12,
}
_MULTIPLES = "万亿|千万|百万|十万|亿|万|千|百"
# Symbols that pint does not know or reads differently.
_PINT_NAMES = {
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
    """`value × factor + offset` is in base units. Units with the same `dimension` are comparable."""

    dimension: str
    factor: float = 1.0
    offset: float = 0.0

    def in_base(self, value: float, *, difference: bool = False) -> float:
        return value * self.factor + (0.0 if difference else self.offset)


DIMENSIONLESS = Unit("")
_DIMENSIONLESS_TEXTS = frozenset(["", "-", "--", "无", "无量纲", "1"])
COUNTED = frozenset({"[event]", "[item]", "[person]", "[line]", "[character]"})
"""Dimensions of counted things."""


@lru_cache(maxsize=20_000)
def parse_unit(text: str) -> Unit:
    """Return the unit written as `text`. An unknown unit gets its own dimension, so it is comparable only to itself."""
    text = re.sub(r"\s+", "", normalise_symbols(text)).replace("每", "/").lstrip("/")
    if re.fullmatch(r"\([^()]*\)", text):
        text = text[1:-1]
    if text in _DIMENSIONLESS_TEXTS:
        return DIMENSIONLESS
    return _parse_compound(text) or Unit(f"?{text.lower()}")


def unit_at(text: str, start: int) -> tuple[str, int]:
    """Return the unit at `start` as written and its end; ("", start) if there is none."""
    match = _unit_pattern().match(text, start)
    return (match.group().strip(), match.end()) if match else ("", start)


@cache
def _unit_pattern() -> re.Pattern[str]:
    """Pattern of one unit or several joined by / · * 每. Chinese names must be known."""
    names = "|".join(sorted(map(re.escape, _chinese_names()), key=len, reverse=True))
    raised = r"(?:\^?-?[1-4](?![\d.]))?"
    atom = rf"(?:(?:{names})|(?:{_MULTIPLES})(?:{names})|(?:{_MULTIPLES})?{_ASCII}{raised}|(?:{_MULTIPLES})(?![{HAN}]))"
    group = rf"(?:{atom}|\({atom}(?:[·*/]{atom})*\))"
    return re.compile(rf"\s*{atom}(?:\s*(?:[/·*]|每)\s*{group})*")


@cache
def _chinese_names() -> frozenset[str]:
    words = _DEFINITIONS.read_text(encoding="utf-8").split()
    return frozenset(word for word in words if re.fullmatch("[㐀-鿿]+A?", word)) | {"度", "摄氏度"}


@cache
def _registry() -> "pint.UnitRegistry[Any]":
    import pint  # takes 0.2 s; only processes that compare quantities import it

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(on_redefinition="ignore")  # our names override pint's
    registry.load_definitions(_DEFINITIONS)
    return registry


def _parse_compound(text: str) -> Unit | None:
    """元/(吨·公里) → money / (mass · length). None if a part is unknown."""
    if single := _single_unit(text):
        return single
    quantity, sign = None, 1
    for piece in re.findall(r"\(|\)|[/·*]|[^()/·*]+", text.replace("²", "^2").replace("³", "^3")):
        if piece == "/":
            sign = -1
        elif piece in "·*()":
            continue  # W/(m·K): everything after the slash divides
        else:
            part = _power(piece)
            if part is None:
                return None
            quantity = part**sign if quantity is None else quantity * part**sign
    if quantity is None:
        return None
    base = quantity.to_base_units()
    return Unit(_dimension(base), float(base.magnitude)) if math.isfinite(base.magnitude) else None


def _power(piece: str) -> Any | None:
    """Return a unit with an optional number and exponent (100g, 10⁻⁶/K, m³) as a quantity, or None if unknown."""
    if (known := _quantity(piece)) is not None:
        return known
    if match := re.fullmatch(r"×?(10\^-?\d{1,2}|\d{1,6}(?:\.\d+)?)(.*)", piece):  # mL/100g, 10⁻⁶/K
        factor, rest = parse_number(match.group(1)), _power(match.group(2)) if match.group(2) else 1.0
        return None if not factor or rest is None else factor * rest * _registry().dimensionless
    power = re.fullmatch(rf"({_MULTIPLES})?(.+?)\^?(-?[1-4])?", piece)
    known = _quantity(power.group(2)) if power else None
    if power is None or known is None or power.group(3) is None:
        return None
    # 万m³ is 10,000 m³, not (万m)³.
    return _MULTIPLE_FACTORS.get(power.group(1), 1.0) * known ** int(power.group(3))


def _single_unit(text: str) -> Unit | None:
    name = _PINT_NAMES.get(text, text)
    if name == "degC":
        return Unit("[temperature]", 1.0, 273.15)
    if name == "degF":
        return Unit("[temperature]", 5 / 9, 459.67 * 5 / 9)
    if text in _PINT_NAMES:
        known = _quantity(text)
        if known is not None:
            base = known.to_base_units()
            return Unit(_dimension(base), float(base.magnitude))
    return None


def _quantity(text: str) -> Any | None:
    """Return a named unit with its multiple (万, 千) as a quantity, or None if unknown."""
    multiple = re.match(_MULTIPLES, text)
    factor, name = (_MULTIPLE_FACTORS[multiple.group()], text[multiple.end() :]) if multiple else (1.0, text)
    for times, word in ((1.0, text), (factor, name)):
        if not word:
            return times * _registry().dimensionless
        if (known := _pint_quantity(word)) is not None:
            return times * known
    return None


def _pint_quantity(word: str) -> Any | None:
    """Return 1 of the unit that pint knows by this name, or None. Temperatures in a compound unit are differences."""
    from pint.errors import PintError

    name = {"degC": "kelvin", "degF": "rankine"}.get(_PINT_NAMES.get(word, word), _PINT_NAMES.get(word))
    if name is None and not re.fullmatch(f"[A-Za-zµΩÅ{HAN}]+", word):
        return None
    try:
        return _registry().Quantity(1.0, _registry().parse_units(name or word)).to_base_units()
    except (PintError, AttributeError, TypeError, ValueError):
        return None


def _dimension(quantity: Any) -> str:
    return "" if quantity.dimensionless else str(quantity.dimensionality)
