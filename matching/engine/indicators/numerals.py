"""Parser of numbers in Chinese sheets: 1,200; 1×10⁻⁴; 10^5; 三十五; in full-width or half-width characters."""

import math
import re
import unicodedata

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_VARIANTS = str.maketrans("−﹣‐‑‒–—―～∼〜﹤﹥≦≧⩽⩾⋅・•∙﹪ⅹ", "-------~~~~<>≤≥≤≥····%×")
# Full-width punctuation separates; as half-width comma it would be read as that of 1,200.
_KEPT = frozenset("，。；、")
_DIGIT = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_POWER = {"十": 10, "百": 100, "千": 1000}
_LARGE_POWER = {"万": 10**4, "亿": 10**8}

_DECIMAL = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_POWER_OF_TEN = r"10\s*\^\s*[-+]?\d{1,3}"
NUMBER = rf"(?:{_POWER_OF_TEN}|(?:{_DECIMAL})(?:\s*[×xX*]\s*{_POWER_OF_TEN}|[eE][-+]?\d{{1,3}}(?![a-zA-Z\d]))?)"
"""Pattern of a number without sign in text from `normalise_symbols`."""
CHINESE_NUMERAL = "[半零〇一二两三四五六七八九十百千万亿]+"


def normalise_symbols(text: str) -> str:
    """Replace variants of a symbol with one form; superscripts become ^2, 10⁻⁴ becomes 10^-4."""
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda match: "^" + match.group().translate(_SUPERSCRIPTS), text)
    text = "".join(character if character in _KEPT else unicodedata.normalize("NFKC", character) for character in text)
    text = text.translate(_VARIANTS).replace("μ", "µ").replace(">=", "≥").replace("<=", "≤").replace("°C", "℃")
    return text.replace("o C", "℃").replace("°F", "℉").strip()


def parse_number(text: str) -> float | None:
    """Return the value of a number with or without sign, or None. The value is finite."""
    text = text.strip().replace(",", "").replace(" ", "")
    if not text:
        return None
    if text[0] in "半零〇一二两三四五六七八九十百千万亿":
        return parse_chinese_numeral(text)
    mantissa, _, power = re.sub("[xX*]10", "×10", text).partition("×10")
    try:
        if power:
            value = float(mantissa) * 10.0 ** int(power.lstrip("^"))
        elif "^" in text:
            base, _, power = text.partition("^")
            value = float(base) ** int(power)
        else:
            value = float(text)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) else None


def parse_chinese_numeral(text: str) -> float | None:
    """三十五 → 35, 一千二 → 1002, 两万 → 20000, 半 → 0.5. None if the text is not a number (百千, 十十)."""
    if text == "半":
        return 0.5
    half = 0.5 if text.endswith("半") else 0.0
    total, section = 0.0, 0.0
    digit: int | None = None
    last: float = math.inf
    for character in text.removesuffix("半"):
        if character in _DIGIT:
            digit = 10 * (digit or 0) + _DIGIT[character]  # 二〇二六
        elif character in _POWER:
            if _POWER[character] >= last:
                return None
            last = _POWER[character]
            section += (1 if digit is None else digit) * last
            digit = None
        elif character in _LARGE_POWER:
            total = (total + section + (digit or (0 if section or total else 1))) * _LARGE_POWER[character]
            section, digit, last = 0.0, None, math.inf
        else:
            return None
    return total + section + (digit or 0) + half
