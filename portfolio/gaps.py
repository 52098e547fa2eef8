"""How complete an achievement is for firms and for matching, and which gaps are the most useful to close."""

from collections.abc import Callable
from typing import NamedTuple

from achievements.models import Achievement
from taxonomy.models import Comparison

MOST_GAPS = 3
SHORT_SUMMARY = 120


class Gap(NamedTuple):
    """anchor: id of the form's control."""

    label: str
    why: str
    anchor: str
    weight: int


class _Part(NamedTuple):
    weight: int
    label: str
    why: str
    anchor: str
    is_filled: Callable[[Achievement], bool]


class Completeness(NamedTuple):
    """percent: weighted share of what is filled. gaps: at most MOST_GAPS, the most useful first."""

    percent: int
    gaps: list[Gap]


PARTS = (
    _Part(
        20,
        "写出带数值的技术指标",
        "匹配先比数值，没有指标的成果排在后面",
        "id_indicators-0-name",
        lambda row: any(item.comparison != Comparison.WORDS for item in row.indicators.all()),
    ),
    _Part(
        15,
        "简介写明解决什么问题、效果多少",
        f"少于 {SHORT_SUMMARY} 字的简介，企业看不出能不能用",
        "id_summary",
        lambda row: len(row.summary) >= SHORT_SUMMARY,
    ),
    _Part(
        12,
        "填成熟度等级",
        "企业按成熟度筛选，没有等级就筛不到",
        "id_maturity_level",
        lambda row: row.maturity_level is not None,
    ),
    _Part(
        10,
        "写成熟度的依据",
        "没有依据的等级显示为“自评”",
        "id_maturity_evidence",
        lambda row: bool(row.maturity_evidence or row.maturity_assessed_by),
    ),
    _Part(
        10, "写应用场景", "用企业的话说用在哪里，按难题搜索时才找得到", "id_scenario", lambda row: bool(row.scenario)
    ),
    _Part(
        8,
        "给出价格范围",
        "只写面议的成果，被询问的少",
        "id_price_min_wan",
        lambda row: row.price_min_wan is not None or row.price_max_wan is not None,
    ),
    _Part(
        8,
        "写专利号或软著号",
        "有编号才能核对权属、提醒年费",
        "id_intellectual_property-0-number",
        lambda row: any(item.number for item in row.intellectual_property.all()),
    ),
    _Part(6, "选联系人", "有人询问时才送得到人", "id_contact", lambda row: row.contact_id is not None),
    _Part(
        5,
        "写与现有方案的经济性对比",
        "企业问得最多的是省多少钱",
        "id_economics",
        lambda row: bool(row.economics),
    ),
    _Part(
        4,
        "写适用边界",
        "先说清不适合用在哪里，来问的企业少白谈一场",
        "id_limits",
        lambda row: bool(row.limits),
    ),
    _Part(3, "写学院", "续期和询问可以直接交给学院", "id_college", lambda row: bool(row.college)),
    _Part(3, "写完成人", "同意公开的是他们本人", "id_completers-0-name", lambda row: bool(row.completers.all())),
)


def completeness_of(achievement: Achievement) -> Completeness:
    """Reads `indicators`, `intellectual_property` and `completers`: prefetch them for a list."""
    missing = [part for part in PARTS if not part.is_filled(achievement)]
    total = sum(part.weight for part in PARTS)
    percent = round(100 * (total - sum(part.weight for part in missing)) / total)
    missing.sort(key=lambda part: -part.weight)
    gaps = [Gap(part.label, part.why, part.anchor, part.weight) for part in missing[:MOST_GAPS]]
    return Completeness(percent, gaps)
