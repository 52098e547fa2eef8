"""Words and patterns of indicators in Chinese sheets: comparisons, changes, and words that do not belong to a name."""

import re
from collections.abc import Iterable

_BEFORE = {
    "ge": "≥ 不低于 不得低于 不应低于 不小于 不得小于 不少于 不得少于 不短于 大于等于 大于或等于 不亚于 至少 "
    "最少 最低 保底 "
    "可达到 能达到 达到了 达到 可达 高达 多达 达 下限为 下限",
    "le": "≤ 不高于 不得高于 不应高于 不大于 不得大于 不超过 不得超过 不应超过 不超 不多于 不长于 小于等于 "
    "小于或等于 至多 "
    "最多 最高不超过 控制在 低至 上限为 上限 限制在 压到 控到",
    "gt": "> 大于 高于 超过 多于 超出 长于 突破 逾 超",
    "lt": "< 小于 低于 少于 不到 短于 不足 低过",
    "about": "≈ 约为 大约为 大约 大概 平均约 约 近",
    "better": "优于 好于",
    "eq": "= : 保持在 稳定在 维持在 为 是 在 即",
}
_AFTER = {
    "ge": "及以上 或以上 以上 之上 起步 起 或更高 或更多 不止 +",
    "le": "及以下 或以下 以下 之下 以内 之内 内 或更低 或更短 封顶 为限",
    "about": "左右 上下 前后",
}
BEFORE = {word: meaning for meaning, words in _BEFORE.items() for word in words.split()}
"""Word before a number → ge le gt lt eq about, or better (优于 0.02 mm: the direction depends on the quantity)."""
AFTER = {word: meaning for meaning, words in _AFTER.items() for word in words.split()}
"""Word after a number → ge le about."""


def _alternatives(words: Iterable[str]) -> str:
    """Pattern of any of the words, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


SIGN, ENDING = _alternatives(BEFORE), _alternatives(AFTER)
TO = r"(?:~+|-{1,2}|至|到|…)"

_UP = "提高 提升 增加 增长 延长 增强 加快 上升 升高 扩大 增大 改善"
_DOWN = "降低 下降 减少 减小 缩短 节约 节省 减轻 压缩 缩小 削减 减薄 下调"
DIRECTION = {**dict.fromkeys(_UP.split(), "up"), **dict.fromkeys(_DOWN.split(), "down")}
SHORT_DIRECTION = {"升": "up", "增": "up", "降": "down", "减": "down", "缩": "down"}
VERB = _alternatives(DIRECTION)

UNIT_FIRST = {"Ra": ("µm", "le"), "Rz": ("µm", "le"), "DN": ("mm", "eq"), "IP": ("IP", "eq"), "φ": ("mm", "eq")}
"""Letters before a number that imply its unit (DN50, Ra0.4), and the comparison if none is written."""
NAMED_BY_LETTERS = {"Ra": "表面粗糙度", "Rz": "表面粗糙度", "DN": "公称直径", "IP": "防护等级", "φ": "直径"}

NUMBERING = re.compile(r"^\s*(?:[(（]?\d{1,2}[)）、](?!\d)|\d{1,2}\.(?!\d)|[①-⑳]|[-•·●★▲*])\s*")
# Words before and after the name of a quantity that do not belong to it.
_NAME_PREFIXES = (
    "并且 并(?![发联行网]) 且 同时 其中 要求 需要 需(?!求) 应当 应该 应(?![力变急用答]) 须 必须 希望 使得 "
    "使(?!用) 让 将 "
    "把(?!手) 能够 能(?![耗量效源级力]) 可以 可(?![靠用再焊燃见溶检塑逆调变利]) 实现 保证 确保 满足 做到 达到 "
    "最好 目标 现有 "
    "我们的 产品的?(?=.{2}) 设备的 装置的 系统的"
)
_NAME_SUFFIXES = "要求 应当 应该 (?<![响反供效对])应 必?须 需要 需 能够 (?<![性功节智产储热光电效])能 可以 可 (?<=.)要 "
NOISE = re.compile(f"^(?:{'|'.join(_NAME_PREFIXES.split())})+(?=.{{2,}})|(?:{'|'.join(_NAME_SUFFIXES.split())})+$")
THAN = re.compile(
    r"^(?:与|和|同|较|比|相比于?|相较于?)(?:现有|原有|传统|目前|进口|国产|常规|同类|普通|现行|原来?|市售)\w{0,6}?"
    r"(?:工艺|产品|设备|方案|水平|技术|材料|方法|的)?(?:相比|比较)?(?=.{2,})"
)
"""The object of a comparison (与进口产品相比), which is not part of a name."""
NOT_MEASURED = re.compile(
    r"(?:19|20)\d\d\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*日)?|0\d{2,3}-\d{7,8}|(?<!\d)1\d{10}(?!\d)|"
    r"(?:GB|JB|HG|YY|QB|NB|SN|ISO|ASTM|IEC|DIN|EN|JIS)(?:/[A-Z]+)?\s*\d[\d.\-]*(?:[:-]\d{4})?|"
    r"\d[\d.]*(?:\s*[×x*]\s*(?!10\s*\^|10(?![\d.]))\d[\d.]*)+"
)
"""Numbers that are not values: dates, telephone numbers, numbers of standards, 1920×1080."""
CONDITION_END = re.compile(r"(?:下|时|条件|工况)$")
