"""Similarity of names of measured quantities: 会合区软带宽度 and 软带宽度, 烧伤漏检率 and 烧伤漏判率."""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from matching.engine.tokeniser import HAN, normalise, tokenise

SAME_QUANTITY_FROM = 0.55
"""Names with at least this similarity are one quantity. Chosen on the examples in tests/matching/engine."""

_OPPOSITES = """
最高/最低 最大/最小 上限/下限 进口/出口 入口/出口 进水/出水 高温/低温 拉伸/压缩 拉伸/弯曲 压缩/弯曲 拉伸/剪切
压缩/剪切 径向/轴向 横向/纵向 动态/静态 充电/放电 正极/负极 阳极/阴极 内径/外径 长度/宽度 初始/最终 上升/下降
早期/晚期 短期/长期 加热/冷却 空载/满载 夏/冬 干/湿
"""
_OPPOSITE_PAIRS = [(first, second) for first, _, second in (pair.partition("/") for pair in _OPPOSITES.split())]
# Words that are used with nearly any quantity and do not distinguish names.
_UNSPECIFIC = re.compile(
    "平均|综合|整体|总体|单次|单件|单台|单个|每台|每件|最终|产品|设备|系统|装置|技术|指标|性能|实际|标准|最大|最小|最高|最低|可|的|其|本"
)
# Quantities of nearly any object. Without a qualifier they match only the same name.
_GENERIC_QUANTITIES = frozenset(["时间", "误差", "精度", "波动", "速度", "厚度", "温度", "强度", "浓度", "重量"])
# Quantities that may be those of the detected object.
_DETECTED_QUANTITIES, _DETECTION = frozenset(["直径", "时间", "厚度"]), re.compile("检出|识别|分辨|判别|可检")
_OTHER_CHARACTERS = re.compile(f"[^{HAN}a-z0-9]")


class _Name(NamedTuple):
    """A normalised name: the qualifier, the usual name of the quantity at its end ("" if unknown), the better
    direction, and the whole name."""

    qualifier: str
    quantity: str
    direction: str
    whole: str


@cache
def _quantities() -> dict[str, tuple[str, str]]:
    """Read measured_quantities.txt: {name: (usual name, better direction: + - = .)}."""
    table: dict[str, tuple[str, str]] = {}
    for line in Path(__file__).with_name("measured_quantities.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            direction, usual_name, *others = line.split()
            for name in (usual_name, *others):
                table.setdefault(_normalise_name(name), (_normalise_name(usual_name), direction))
    return table


def better_direction(name: str) -> str:
    """Return + if more of the quantity is better, - if less is, = for a span that has to be covered, else . or ""."""
    return _parse_name(name).direction


@lru_cache(maxsize=200_000)
def name_similarity(name: str, other_name: str) -> float:
    """Return a similarity 0–1: the quantities at the end must be equal, and the qualifiers similar."""
    first, second = _parse_name(name), _parse_name(other_name)
    if not first.whole or not second.whole:
        return 0.0
    if first.whole == second.whole:
        return 1.0
    if any(
        (a in first.whole and b in second.whole) or (b in first.whole and a in second.whole) for a, b in _OPPOSITE_PAIRS
    ):
        return 0.0
    if first.quantity and second.quantity:
        return _similarity_of_known_quantities(first, second)
    dice = _dice(first.whole, second.whole)
    shorter, longer = sorted((first.whole, second.whole), key=len)
    if first.quantity or second.quantity:
        # 微波加热不变形 leaves out the quantity of 微波加热不变形时间. Names of equal length may differ.
        is_contained = len(shorter) == len(longer) or shorter in longer
        return dice if is_contained and len(shorter) >= 3 else 0.0
    return dice if first.whole[-1] == second.whole[-1] or len(shorter) >= 4 else 0.5 * dice


def _similarity_of_known_quantities(first: _Name, second: _Name) -> float:
    if first.quantity != second.quantity:
        return 0.0
    if first.qualifier and second.qualifier:
        return 0.4 + 0.6 * _dice(first.qualifier, second.qualifier)
    if first.qualifier == second.qualifier:
        return 0.85
    # 节拍 has no qualifier and does not match 水中稳定时间; a plain 直径 does not match that of a detected object.
    if first.quantity in _GENERIC_QUANTITIES and not _is_suffix(first.whole, second.whole):
        return 0.5
    is_detected = first.quantity in _DETECTED_QUANTITIES and _DETECTION.search(first.qualifier + second.qualifier)
    return 0.5 if is_detected else 0.65


def term_coverage(text: str, other: str) -> float:
    """Return the share of the terms of `text` that occur in `other`, 0–1; 1 if `text` has no terms."""
    terms = _terms(text)
    return len(terms & _terms(other)) / len(terms) if terms else 1.0


@lru_cache(maxsize=50_000)
def _parse_name(name: str) -> _Name:
    whole = _normalise_name(name)
    quantities = _quantities()
    for start in range(len(whole)):
        if quantity := quantities.get(whole[start:]):
            return _Name(_UNSPECIFIC.sub("", whole[:start]), *quantity, whole)
    return _Name(_UNSPECIFIC.sub("", whole), "", "", whole)


def _is_suffix(text: str, other: str) -> bool:
    return text.endswith(other) or other.endswith(text)


@lru_cache(maxsize=50_000)
def _terms(text: str) -> frozenset[str]:
    return frozenset(tokenise(text))


def _dice(text: str, other: str) -> float:
    """Dice coefficient of the sets of terms."""
    terms, other_terms = _terms(text), _terms(other)
    if not terms or not other_terms:
        return 0.0
    return 2 * len(terms & other_terms) / (len(terms) + len(other_terms))


def _normalise_name(name: str) -> str:
    return _OTHER_CHARACTERS.sub("", normalise(re.sub(r"\([^)]*\)|（[^）]*）", "", name)))
