"""Similarity of names of measured quantities: 会合区软带宽度 and 软带宽度, 烧伤漏检率 and 烧伤漏判率."""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from matching.engine.tokeniser import HAN, normalise, tokenise

SAME_QUANTITY_FROM = 0.55
"""Names with at least this similarity are one quantity. Chosen on the examples in tests/matching/engine."""

MIN_SUBSEQUENCE = 4
"""From this length on, a name whose characters stand in another in the same order is taken for the same quantity."""

_OPPOSITES = """
最高/最低 最大/最小 上限/下限 进口/出口 入口/出口 进水/出水 高温/低温 拉伸/压缩 拉伸/弯曲 压缩/弯曲 拉伸/剪切
压缩/剪切 径向/轴向 横向/纵向 动态/静态 充电/放电 正极/负极 阳极/阴极 内径/外径 长度/宽度 初始/最终 上升/下降
早期/晚期 短期/长期 加热/冷却 空载/满载 夏/冬 干/湿 高温/常温 低温/常温 高温/室温 低温/室温 酸性/碱性 海水/淡水
静载/动载 升温/降温 吸附/脱附 氧化/还原 上行/下行
"""
_OPPOSITES_OF: dict[str, set[str]] = {}
for _first, _, _second in (pair.partition("/") for pair in _OPPOSITES.split()):
    _OPPOSITES_OF.setdefault(_first, set()).add(_second)
    _OPPOSITES_OF.setdefault(_second, set()).add(_first)
# Words that are used with nearly any quantity and do not distinguish names.
_UNSPECIFIC = re.compile(
    "平均|综合|整体|总体|单[次件台个只阀张套支块口面]|每[台件个只张]|最终|产品|设备|系统|装置|技术|指标|性能|实际|标准|最大|最小|最高|最低|可|的|其|本"
)
# Quantities of nearly any object. Without a qualifier they match only the same name.
_GENERIC_QUANTITIES = frozenset(["时间", "误差", "精度", "波动", "速度", "厚度", "温度", "强度", "浓度", "重量"])
# Quantities of which the qualifier says the object: 涂层寿命 is not 电池寿命.
_BOUND_TO_OBJECTS = """
寿命 循环寿命 更换周期 清焦周期 准确率 检出率 成材率 废品率 效率 收率 去除率 成活率 保持率 转化率
体积 功率 产量 分辨率 直径
"""
_OF_ANY_OBJECT = frozenset(_BOUND_TO_OBJECTS.split())
# Words of names, and pieces of such words, that say nothing on what is measured.
_EMPTY_WORDS = """
出口 入口 进口 出水 进水 排口 单件 单台 口杂 水分 总量 检测 识别 使用 工作 运行 处理 含量 比例 效率 成本 费用
价格 次数 数量 周期 寿命 直径 宽度 长度 高度 面积 合格 准确 确率 格率 测量 测精 量精 降低 提高 减少 增加 下降
"""
_WITHOUT_CONTENT = _GENERIC_QUANTITIES | frozenset(_EMPTY_WORDS.split())
# A name with one of these suffixes and one without are one: 误剔率 and 误剔.
_POSSIBLE_SUFFIXES = "率 量 值 度 期 含量 宽度 次数 时间 周期 强度 深度 误差 精度"
_SUFFIXES = frozenset(_POSSIBLE_SUFFIXES.split())
_NUMBERS = re.compile(r"\d+|[一二三四五六七八九十百千两]+(?=[年月天日时分秒周度次小个])")
# Quantities that may be those of the detected object.
_DETECTED_QUANTITIES, _DETECTION = frozenset(["直径", "时间", "厚度"]), re.compile("检出|识别|分辨|判别|可检")
_OTHER_CHARACTERS = re.compile(f"[^{HAN}a-z0-9]")


class _Name(NamedTuple):
    """A normalised name: the qualifier, the usual name of the quantity at its end ("" if unknown), the better
    direction, the whole name, the words in it that have an opposite, and those opposites."""

    qualifier: str
    quantity: str
    direction: str
    whole: str
    poles: frozenset[str]
    opposites: frozenset[str]


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
    if first.whole == second.whole or _differ_by_suffix(first.whole, second.whole):
        return 1.0
    if _are_opposite(first, second):
        return 0.0
    if first.quantity and second.quantity:
        return _similarity_of_known_quantities(first, second)
    dice = _dice(first.whole, second.whole)
    shorter, longer = sorted((first.whole, second.whole), key=len)
    if len(shorter) >= MIN_SUBSEQUENCE and _is_subsequence(shorter, longer):
        return max(dice, 0.7)  # 渣线炉龄 and 钢包渣线平均炉龄
    if first.quantity or second.quantity:
        # 微波加热不变形 leaves out the quantity of 微波加热不变形时间. Names of equal length may differ.
        is_contained = len(shorter) == len(longer) or shorter in longer
        return dice if is_contained and len(shorter) >= 3 else 0.0
    return dice if first.whole[-1] == second.whole[-1] or len(shorter) >= 4 else 0.5 * dice


@lru_cache(maxsize=200_000)
def may_be_one_quantity(required: str, offered: str, *, is_share: bool = False) -> bool:
    """Return whether two names that are not similar may still mean one quantity: 合格轮次 and 调试轮次.

    They name the same quantity (带水附着, 湿面附着力), the demand names a quantity without saying of what (节拍,
    单件时间), or they have a word in common (重排, 定位). Two different known quantities (收率, 回收率) and opposites
    never do. `is_share`: the unit is a share (%), which so many indicators have that a common quantity is not enough.
    A reader has to decide.
    """
    first, second = _parse_name(required), _parse_name(offered)
    if not first.whole or not second.whole or _are_opposite(first, second):
        return False
    if first.quantity and second.quantity and first.quantity != second.quantity:
        return False
    if _says_as_much(first, second) or _shares_content(first, second):
        return True
    if not first.quantity or first.quantity != second.quantity or is_share:
        return False
    return first.quantity not in _GENERIC_QUANTITIES | _OF_ANY_OBJECT or not first.qualifier


def have_same_head(required: str, offered: str) -> bool:
    """Return whether the numbers of two names may be compared: both end alike, and state no different numbers.

    出水总氮 and 出水亚硝酸盐氮, 三个月存活率 and 48 h存活率 may not.
    """
    first, second = _parse_name(required), _parse_name(offered)
    if _NUMBERS.findall(first.whole) != _NUMBERS.findall(second.whole):
        return False
    if first.quantity in _OF_ANY_OBJECT and first.qualifier and second.qualifier and not _shares_content(first, second):
        return False
    ends_alike = first.quantity == second.quantity != "" or first.whole[-2:] == second.whole[-2:]
    return ends_alike or _says_as_much(first, second)


SAME_CHARACTERS = 0.75
"""Two names with this share of the characters of the demand's in common are one (适应温差, 温差适应范围)."""


def contains_name(required: str, offered: str) -> bool:
    """Return whether the achievement's name says nearly all that the demand's says: 跟踪误差 and 轨迹跟踪误差."""
    return _says_as_much(_parse_name(required), _parse_name(offered))


def is_bare_quantity(name: str) -> bool:
    """Return whether a name says a quantity of nearly any object (检测时间, 误报率) and not of what."""
    parsed = _parse_name(name)
    return bool(parsed.quantity) and not parsed.qualifier


def is_generic_quantity(name: str) -> bool:
    """Return whether a name ends with a quantity that nearly any object has (误差, 时间)."""
    return _parse_name(name).quantity in _GENERIC_QUANTITIES


def _says_as_much(required: _Name, offered: _Name) -> bool:
    """Compare the names, or of one quantity the qualifiers, because 时间 in both says nothing."""
    if required.qualifier and offered.qualifier and required.quantity == offered.quantity != "":
        return _shared_share(required.qualifier, offered.qualifier) >= SAME_CHARACTERS
    return _shared_share(required.whole, offered.whole) >= SAME_CHARACTERS


def _shared_share(required: str, offered: str) -> float:
    """Return the share of the characters of the first name that stand in the second."""
    characters = [character for character in _UNSPECIFIC.sub("", required) or required]
    return sum(character in offered for character in characters) / len(characters) if characters else 0.0


def _shares_content(first: _Name, second: _Name) -> bool:
    """Return whether the names share a word that is no name of a quantity of nearly any object."""
    names = [_UNSPECIFIC.sub("", name.whole) for name in (first, second)]
    common = {term for term in _terms(names[0]) & _terms(names[1]) if len(term) > 1}
    return any(term not in _WITHOUT_CONTENT and not term.isdigit() for term in common)


def shares_terms(text: str, other: str) -> bool:
    """Return whether two short texts have a character bigram or a Latin word in common."""
    return any(len(term) > 1 for term in _terms(text) & _terms(other))


def has_qualifier_in(name: str, other_name: str, other_text: str) -> bool:
    """Return whether what the name says more than the other name stands in the other side's text (normalised).

    水压一次合格率 against 一次合格率 of a text without 水压 is another rate.
    """
    more = _parse_name(name).qualifier or _parse_name(name).whole
    missing = {term for term in _terms(more) - _terms(_normalise_name(other_name)) if len(term) == 2 or term.isascii()}
    return sum(term in other_text for term in missing) * 2 >= len(missing)


def quantity_synonyms(name: str) -> tuple[str, ...]:
    """Return the names of the quantity at the end of a name: 钢面附着力 → 剥离强度, 附着力, 附着…; () if unknown."""
    quantity = _parse_name(name).quantity
    return _synonyms().get(quantity, ())


def _are_opposite(first: _Name, second: _Name) -> bool:
    return not first.opposites.isdisjoint(second.poles)


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    table: dict[str, list[str]] = {}
    for name, (usual_name, _direction) in _quantities().items():
        table.setdefault(usual_name, []).append(name)
    return {usual_name: tuple(names) for usual_name, names in table.items()}


def _is_subsequence(name: str, other: str) -> bool:
    characters = iter(other)
    return all(character in characters for character in name)


def _differ_by_suffix(name: str, other: str) -> bool:
    """误剔 and 误剔率, 铜 and 铜含量, 过渡带 and 过渡带宽度 are one."""
    shorter, longer = sorted((name, other), key=len)
    return longer.startswith(shorter) and longer[len(shorter) :] in _SUFFIXES


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
    poles = frozenset(word for word in _OPPOSITES_OF if word in whole)
    opposites = frozenset(other for word in poles for other in _OPPOSITES_OF[word])
    for start in range(len(whole)):
        if quantity := quantities.get(whole[start:]):
            return _Name(_UNSPECIFIC.sub("", whole[:start]), *quantity, whole, poles, opposites)
    return _Name(_UNSPECIFIC.sub("", whole), "", "", whole, poles, opposites)


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
