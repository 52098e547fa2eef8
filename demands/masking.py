"""Find and mask the name of an anonymous firm in the texts of its demand.

A Chinese firm name is place + trade name + line of business + legal form (企业名称登记管理规定, art. 6). Texts quote
the whole name, the name without its place, or the trade name alone; each of these identifies the firm.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from django.conf import settings

from cities import City
from core.traditional import simplified

if TYPE_CHECKING:
    from accounts.models import Organisation
    from demands.models import Demand, DemandIndicator

MASK = "本企业"
PUBLIC_FIELDS = (
    "title",
    "applied_industry",
    "problem",
    "goal",
    "conditions",
    "keywords",
    "period_text",
    "intended_partner",
    "public_alias",
    "teaser",
)
"""Text fields of a demand that readers outside the firm may see, besides its indicators."""
DETAIL_FIELDS = ("problem", "goal", "conditions", "intended_partner")
"""Those that the teaser replaces, with the indicators, if only the teaser is public."""
INDICATOR_FIELDS = ("name", "value", "value_to", "unit", "condition")

_COUNTRY_AND_ZONES = (
    *("中国", "高新技术产业园区", "高新园区", "高新区", "经济技术开发区", "经开区", "开发区", "保税区"),
)
"""Places at the beginning of a name that every city has; the city's own come from its package."""
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_LEGAL_FORM = re.compile(
    "(股份有限公司|有限责任公司|有限公司|总公司|分公司|公司|合作社|总厂|厂|研究院|研究所|中心|合伙企业)$"
)
_GROUP = re.compile("(集团|控股|股份)$")
# Lines of business and ordinary words. A text made of these words only does not identify a firm.
_TRADE_WORDS = (
    "科技|技术|高新|新技术|研究|开发|研发|发展|产业|实业|工业|制造|加工|生产|工程|建设|建筑|安装|服务|咨询|管理|投资|贸易|商贸|销售|国际|集团|企业"
    "|机械|机床|数控|装备|设备|成套|重工|轴承|齿轮|铸造|锻造|铸锻|模具|刀具|工具|阀门|泵业|水泵|管业|制冷|空调|压缩机|起重|液压|密封|紧固件"
    "|船舶|造船|船务|海洋|海工|港口|航运|轨道|交通|机车|车辆|汽车|零部件|配件|电机|电气|电器|电力|电子|电缆|仪器|仪表|测控|自动化|控制|智能|机器人"
    "|信息|软件|网络|通信|数据|数字|互联网|系统|集成|集成电路|半导体|芯片|光电|激光|能源|新能源|储能|氢能|电池|动力|石化|化工|化学|精细化工|材料|新材料"
    "|高分子|塑料|橡胶|涂料|染料|催化剂|树脂|玻璃|陶瓷|钢铁|金属|有色|环保|环境|节能|水务|农业|食品|水产|养殖|渔业|海产品|饲料|生物|医药|制药|药业|医疗"
    "|器械|健康|纺织|服装|印刷|包装|家具|木业|物流|仓储|文化|传媒|教育|检测|检验|设计"
)
_ORDINARY_WORDS = (
    "创新|精工|精密|高科|先进|现代|绿色|光明|未来|世界|东方|北方|南方|东北|中心|联合|合作|共同|第一|中小|大型|专用|特种|通用|优质|高端|新型|综合|全新|标准"
    "|关键|核心|高效|安全|清洁|循环|应用|产品|质量|工艺|平台|方案|项目|专业|本地|国家|国内|城市|民用|军工|企业|公司|测试|实验|演示|环球|全球|海外|自主|自然"
)
_FILLERS = frozenset("-–—_~·•・.*")


@dataclass(frozen=True)
class _Words:
    """What masking knows of the names of a city's firms."""

    places: re.Pattern[str]
    trade_at_end: re.Pattern[str]
    common: frozenset[str]


@cache
def _words_of(city: City) -> _Words:
    places = sorted({*_COUNTRY_AND_ZONES, *city.places}, key=len, reverse=True)
    trade = [*_TRADE_WORDS.split("|"), *city.trade_words]
    common = frozenset([*trade, *_ORDINARY_WORDS.split("|"), *city.ordinary_words, *"与和及新高"])
    return _Words(_alternatives(places), re.compile(f"{_alternatives(trade).pattern}$"), common)


def _alternatives(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"({'|'.join(map(re.escape, words))})")


def firm_name_core(name: str) -> str:
    """The distinctive part of a firm name: 大连精诚泰科轴承有限公司 → 精诚泰科, 大连机床集团有限公司 → 大连机床.

    Removes place, bracketed parts, legal form and line of business as long as the rest is still distinctive.
    """
    return firm_names(name)[-1] if name.strip() else ""


def firm_names(name: str, short_name: str = "") -> tuple[str, ...]:
    """The spellings of a firm name that identify the firm, longest first."""
    return _firm_names(settings.CITY, name, short_name)


@lru_cache(maxsize=1000)
def _firm_names(city: City, name: str, short_name: str) -> tuple[str, ...]:
    words = _words_of(city)
    name = name.strip()
    bare = _remove_unless_too_short(_LEGAL_FORM, _BRACKETS.sub("", name).strip())
    local = _remove_unless_too_short(_GROUP, bare)
    placeless = _without_places(local, words)
    brand = placeless
    while (shorter := words.trade_at_end.sub("", brand)) != brand and len(shorter) >= 2:
        brand = shorter
    short_name = short_name.strip()
    # 大连汀澜特种气体有限公司, short 汀澜气体: what both begin with is the trade name.
    pairs = zip(placeless, _without_places(short_name, words), strict=False)
    shared = "".join(a for a, _b in takewhile(lambda pair: pair[0] == pair[1], pairs))
    # 禾渡印染: a line of business that is not in the list. Trade names mostly have two characters.
    first = brand[:2] if brand == placeless and len(brand) >= 4 else ""
    distinctive = (text for text in (placeless, brand, short_name, shared, first) if is_distinctive(text))
    candidates = [name, bare, local, *distinctive]
    return tuple(sorted({text for text in candidates if len(text) >= 2}, key=lambda t: (-len(t), t))) or (name,)


def is_distinctive(text: str) -> bool:
    """Whether `text` can identify a firm: at least two characters, and not made of ordinary words only."""
    if len(text) < 2 or text.isdigit():
        return False
    words = _words_of(settings.CITY).common
    reached = {0}
    for at in range(len(text)):
        if at in reached:
            reached |= {at + len(word) for word in words if text.startswith(word, at)}
    return len(text) not in reached


def find_firm_mention(text: str, names: Sequence[str]) -> str:
    """The first mention of the firm, as written in `text`; empty if there is none.

    Ignores character width, case, blanks and invisible characters inside a name.
    """
    start, end = next(mention_spans(text, names), (0, 0))
    return text[start:end]


def mask_firm(text: str, names: Sequence[str]) -> str:
    """`text` with each mention of the firm replaced by 本企业."""
    parts, at = [], 0
    for start, end in mention_spans(text, names):
        parts += [text[at:start], MASK]
        at = end
    return "".join([*parts, text[at:]])


def identifying_names(demand: Demand) -> list[str]:
    """The credit code and all spellings of all names, also former ones, of the demand's firm."""
    return names_of_firm(demand.firm)


def names_of_firm(firm: Organisation) -> list[str]:
    """`identifying_names` of a firm's demands."""
    code = [firm.credit_code] if firm.credit_code else []
    former = [spelling for name in firm.former_names for spelling in firm_names(name)]
    return list(dict.fromkeys([*code, *firm_names(firm.name, firm.short_name), *former]))


def public_text(demand: Demand, field: str) -> str:
    """A field of a demand as shown to the public: masked if the demand is anonymous; lists joined by 、.

    If only the teaser is public, it stands for the problem, and the other detail fields are empty.
    """
    if demand.is_teaser_only and field in DETAIL_FIELDS:
        return detail_text(demand, "teaser") if field == "problem" else ""
    return detail_text(demand, field)


def detail_text(demand: Demand, field: str) -> str:
    """A field as shown to readers who may read the details: masked if the demand is anonymous."""
    if field == "applied_industry" and demand.is_anonymous and demand.public_detail not in demand.EXACT_INDUSTRY:
        return ""
    value = getattr(demand, field)
    texts = value if isinstance(value, list | tuple) else [value]
    names = identifying_names(demand) if demand.is_anonymous else ()
    return "、".join(mask_firm(text, names) for text in texts)


def is_mentioned(demand: Demand, fields: Iterable[str]) -> bool:
    """Whether one of the text fields, as it is stored, names the demand's firm."""
    names = identifying_names(demand)
    values = (getattr(demand, field) for field in fields)
    return any(find_firm_mention("、".join(value) if isinstance(value, list) else value, names) for value in values)


def public_indicators(demand: Demand) -> list[DemandIndicator]:
    """Unsaved copies of the demand's indicators as shown to the public; none if only the teaser is public."""
    return [] if demand.is_teaser_only else detail_indicators(demand)


def detail_indicators(demand: Demand) -> list[DemandIndicator]:
    """Unsaved copies of the demand's indicators as shown to readers who may read the details."""
    rows = [copy(indicator) for indicator in demand.indicators.all()]
    if demand.is_anonymous:
        names = identifying_names(demand)
        for row in rows:
            for field in INDICATOR_FIELDS:
                setattr(row, field, mask_firm(getattr(row, field), names))
    return rows


def find_leaks(demand: Demand, indicators: Iterable[DemandIndicator] | None = None) -> list[tuple[str, str]]:
    """(label of the field, mention) for each public text of an anonymous demand that names its firm.

    `indicators`: unsaved indicators to check instead of the stored ones.
    """
    if not demand.is_anonymous:
        return []
    if indicators is None:
        indicators = demand.indicators.all() if demand.pk else ()
    names = identifying_names(demand)
    texts = [
        (
            str(demand._meta.get_field(field).verbose_name),
            "、".join(value) if isinstance(value, list | tuple) else value,
        )
        for field in PUBLIC_FIELDS
        for value in [getattr(demand, field)]
    ]
    texts += [
        (f"技术指标“{indicator.name}”的{indicator._meta.get_field(field).verbose_name}", getattr(indicator, field))
        for indicator in indicators
        for field in INDICATOR_FIELDS
    ]
    return [(label, mention) for label, text in texts if (mention := find_firm_mention(text, names))]


def _without_places(name: str, words: _Words) -> str:
    while (place := words.places.match(name)) and len(name) - place.end() >= 2:
        name = name[place.end() :]
    return name


def _remove_unless_too_short(pattern: re.Pattern, text: str) -> str:
    shorter = pattern.sub("", text)
    return shorter if len(shorter) >= 2 else text


def _normalized(text: str) -> tuple[str, list[int]]:
    """Normalized `text`, and for each of its characters the index in the original."""
    parts = [_normalized_character(character) for character in text]
    return "".join(parts), [place for place, characters in enumerate(parts) for _character in characters]


@lru_cache(maxsize=16_384)  # texts repeat few characters, and to normalize one takes long
def _normalized_character(character: str) -> str:
    # Blanks, hyphens, dots and invisible characters may occur inside a name; commas and full stops end it.
    return "".join(
        simplified(folded)
        for folded in unicodedata.normalize("NFKC", character).casefold()
        if folded not in _FILLERS and unicodedata.category(folded)[0] not in "ZC"
    )


def mention_spans(text: str, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(start, end) of each mention of `names` in `text`: left to right, longest first, without overlap."""
    folded, places = _normalized(text)
    wanted = [name for name in (_normalized(name)[0] for name in names) if name]
    if not wanted:
        return
    done = 0
    for match in re.finditer("|".join(re.escape(name) for name in sorted(wanted, key=len, reverse=True)), folded):
        start, end = places[match.start()], places[match.end() - 1] + 1
        if start >= done and not _inside_word(text, start, end):
            yield start, end
            done = end


def _inside_word(text: str, start: int, end: int) -> bool:
    """Whether Latin letters or digits continue beyond the span: TCLK does not mention TCL, nor 企业12 企业1."""

    def continues(left: str, right: str) -> bool:
        return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()

    return continues(text[start - 1 : start], text[start]) or continues(text[end - 1], text[end : end + 1])
