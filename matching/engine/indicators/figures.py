"""Numbers as Chinese sheets write them: 1,200; 1×10⁻⁴; 10^5; 三十五; 百分之九十五; full width or half."""

import math
import re
import unicodedata

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_ALIKE = str.maketrans("−﹣‐‑‒–—―～∼〜﹤﹥≦≧⩽⩾⋅・•∙﹪ⅹ", "-------~~~~<>≤≥≤≥····%×")
# Full-width punctuation that separates, and must not become the comma inside 1,200.
_KEPT = frozenset("，。；、")
_DIGIT = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_PLACE = {"十": 10, "百": 100, "千": 1000}
_MYRIAD = {"万": 10**4, "亿": 10**8}

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_TENTH = r"10\s*\^\s*[-+]?\d{1,3}"
NUMBER = rf"(?:{_TENTH}|(?:{_DIGITS})(?:\s*[×xX*]\s*{_TENTH}|[eE][-+]?\d{{1,3}}(?![a-zA-Z\d]))?)"
"""A number without its sign, in text that `plain` has made plain."""
HAN_NUMBER = "[半零〇一二两三四五六七八九十百千万亿]+"


def plain(text: str) -> str:
    """One way of writing for everything that only looks different; raised figures become ^2, 10⁻⁴ becomes 10^-4."""
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda raised: "^" + raised.group().translate(_RAISED), text)
    text = "".join(character if character in _KEPT else unicodedata.normalize("NFKC", character) for character in text)
    text = text.translate(_ALIKE).replace("μ", "µ").replace(">=", "≥").replace("<=", "≤").replace("°C", "℃")
    return text.replace("o C", "℃").replace("°F", "℉").strip()


def number(text: str) -> float | None:
    """The value of one number (with a sign or without), or None. Never NaN nor infinite."""
    text = text.strip().replace(",", "").replace(" ", "")
    if not text:
        return None
    if text[0] in "半零〇一二两三四五六七八九十百千万亿":
        return han_number(text)
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


def han_number(text: str) -> float | None:
    """三十五 → 35, 一千二 → 1002, 两万 → 20000, 半 → 0.5; None for what is no number (百千, 十十)."""
    if text == "半":
        return 0.5
    half = 0.5 if text.endswith("半") else 0.0
    total, section, digit = 0.0, 0.0, None
    last = math.inf
    for character in text.removesuffix("半"):
        if character in _DIGIT:
            digit = 10 * (digit or 0) + _DIGIT[character]  # 二〇二六
        elif character in _PLACE:
            if _PLACE[character] >= last:
                return None
            last = _PLACE[character]
            section += (1 if digit is None else digit) * last
            digit = None
        elif character in _MYRIAD:
            total = (total + section + (digit or (0 if section or total else 1))) * _MYRIAD[character]
            section, digit, last = 0.0, None, math.inf
        else:
            return None
    return total + section + (digit or 0) + half
