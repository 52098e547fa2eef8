"""Whether two sides mean the same measured quantity: 会合区软带宽度 and 软带宽度, 烧伤漏检率 and 烧伤漏判率."""

import re
from functools import cache, lru_cache
from pathlib import Path

from matching.engine.text import HAN, normalise, tokens

SAME_FROM = 0.55
"""Names at least this alike are taken for one quantity; read off the examples in tests/matching/engine."""

_APART = """
最高/最低 最大/最小 上限/下限 进口/出口 入口/出口 进水/出水 高温/低温 拉伸/压缩 拉伸/弯曲 压缩/弯曲 拉伸/剪切
压缩/剪切 径向/轴向 横向/纵向 动态/静态 充电/放电 正极/负极 阳极/阴极 内径/外径 长度/宽度 初始/最终 上升/下降
早期/晚期 短期/长期 加热/冷却 空载/满载 夏/冬 干/湿
"""
_EXCLUDE = [tuple(pair.split("/")) for pair in _APART.split()]
# Said of nearly anything: they make two names neither alike nor different.
_WEAK = re.compile(
    "平均|综合|整体|总体|单次|单件|单台|单个|每台|每件|最终|产品|设备|系统|装置|技术|指标|性能|实际|标准|最大|最小|最高|最低|可|的|其|本"
)
# Quantities that anything has: without a word before them they need the same name to be the same.
_ANYTHINGS = frozenset(["时间", "误差", "精度", "波动", "速度", "厚度", "温度", "强度", "浓度", "重量"])
_DETECTED, _DETECTING = frozenset(["直径", "时间", "厚度"]), re.compile("检出|识别|分辨|判别|可检")
_PLAIN = re.compile(f"[^{HAN}a-z0-9]")


@cache
def _table() -> dict[str, tuple[str, str]]:
    """Each name of measured_quantities.txt → (its usual name, which way is better: + - = .)."""
    table = {}
    for line in Path(__file__).with_name("measured_quantities.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            better, usual, *others = line.split()
            for name in (usual, *others):
                table.setdefault(_plain(name), (_plain(usual), better))
    return table


def direction(name: str) -> str:
    """+ more is better, - less is better, = a span to be covered, . or "" nothing known. Of the quantity at its end."""
    return _parts(name)[2]


@lru_cache(maxsize=200_000)
def likeness(one: str, other: str) -> float:
    """0–1: how surely both names mean one quantity. Same quantity at the end, and what is said before it alike."""
    ours, theirs = _parts(one), _parts(other)
    if not ours[3] or not theirs[3]:
        return 0.0
    if ours[3] == theirs[3]:
        return 1.0
    if any((a in ours[3] and b in theirs[3]) or (b in ours[3] and a in theirs[3]) for a, b in _EXCLUDE):
        return 0.0
    body, head, _, whole = ours
    other_body, other_head, _, other_whole = theirs
    if head and other_head:
        if head != other_head:
            return 0.0
        if not body or not other_body:
            if body == other_body:
                return 0.85
            # 节拍 says nothing of whose time it is: not that of 水中稳定时间, and a 直径 not that of what is detected
            if head in _ANYTHINGS and not _ends_alike(ours[3], theirs[3]):
                return 0.5
            return 0.5 if head in _DETECTED and _DETECTING.search(body + other_body) else 0.65
        return 0.4 + 0.6 * _dice(body, other_body)
    dice = _dice(whole, other_whole)
    if head or other_head:  # 微波加热不变形 and 微波加热不变形时间: one says the quantity, the other leaves it out
        within = min(whole, other_whole, key=len) in max(whole, other_whole, key=len)
        return dice if within and len(min(whole, other_whole, key=len)) >= 3 else 0.0
    return dice if whole[-1] == other_whole[-1] or min(len(whole), len(other_whole)) >= 4 else 0.5 * dice


def contained(text: str, other: str) -> float:
    """Which share of the terms of `text` stands in `other`, 0–1."""
    ours = _terms(text)
    return len(ours & _terms(other)) / len(ours) if ours else 1.0


@lru_cache(maxsize=50_000)
def _parts(name: str) -> tuple[str, str, str, str]:
    """What is said before the quantity, the quantity's usual name, which way is better, the whole: all plain."""
    whole = _plain(name)
    table = _table()
    for start in range(len(whole)):
        if found := table.get(whole[start:]):
            return _WEAK.sub("", whole[:start]), *found, whole
    return _WEAK.sub("", whole), "", "", whole


def _ends_alike(one: str, other: str) -> bool:
    return one.endswith(other) or other.endswith(one)


@lru_cache(maxsize=50_000)
def _terms(text: str) -> frozenset[str]:
    return frozenset(tokens(text))


def _dice(one: str, other: str) -> float:
    ours, theirs = _terms(one), _terms(other)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def _plain(name: str) -> str:
    return _PLAIN.sub("", normalise(re.sub(r"\([^)]*\)|（[^）]*）", "", name)))
