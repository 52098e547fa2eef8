"""An anonymous firm stays anonymous: finding its name in what would be published, and hiding it.

A firm's name in China is place + trade name + line of business + legal form (企业名称登记管理规定, art. 6). People
quote all of it, or all but the place, or the trade name alone; each of these tells who it is.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from functools import lru_cache

HIDDEN = "本企业"
FIELDS = (
    "title",
    "applied_industry",
    "problem",
    "goal",
    "conditions",
    "keywords",
    "period_text",
    "intended_partner",
    "public_alias",
)
"""What everybody may read of a published demand, beside its indicators."""
INDICATOR_FIELDS = ("name", "value", "value_to", "unit", "condition")

_PLACES = re.compile(
    "(中国|辽宁省?|大连市?|中山区|西岗区|沙河口区?|甘井子区?|旅顺口区?|旅顺|金普新区|金州新?区?|普兰店区?|瓦房店市?|庄河市?|长海县?"
    "|高新技术产业园区|高新园区|高新区|长兴岛(经济区|经开区)?|太平湾(合作创新区)?|花园口(经济区)?|经济技术开发区|经开区|开发区|保税区)"
)
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_LEGAL_FORM = re.compile(
    "(股份有限公司|有限责任公司|有限公司|总公司|分公司|公司|合作社|总厂|厂|研究院|研究所|中心|合伙企业)$"
)
_GROUP = re.compile("(集团|控股|股份)$")
# Lines of business, and ordinary words that a text uses without meaning the firm: none of them alone tells who it is.
_TRADES = (
    "科技|技术|高新|新技术|研究|开发|研发|发展|产业|实业|工业|制造|加工|生产|工程|建设|建筑|安装|服务|咨询|管理|投资|贸易|商贸|销售|国际|集团|企业"
    "|机械|机床|数控|装备|设备|成套|重工|轴承|齿轮|铸造|锻造|铸锻|模具|刀具|工具|阀门|泵业|水泵|管业|制冷|空调|压缩机|起重|液压|密封|紧固件"
    "|船舶|造船|船务|海洋|海工|港口|航运|轨道|交通|机车|车辆|汽车|零部件|配件|电机|电气|电器|电力|电子|电缆|仪器|仪表|测控|自动化|控制|智能|机器人"
    "|信息|软件|网络|通信|数据|数字|互联网|系统|集成|集成电路|半导体|芯片|光电|激光|能源|新能源|储能|氢能|电池|动力|石化|化工|化学|精细化工|材料|新材料"
    "|高分子|塑料|橡胶|涂料|染料|催化剂|树脂|玻璃|陶瓷|钢铁|金属|有色|环保|环境|节能|水务|农业|食品|水产|养殖|渔业|海产品|饲料|生物|医药|制药|药业|医疗"
    "|器械|健康|纺织|服装|印刷|包装|家具|木业|物流|仓储|文化|传媒|教育|检测|检验|设计"
)
_ORDINARY = (
    "创新|精工|精密|高科|先进|现代|绿色|光明|未来|世界|东方|北方|南方|东北|中心|联合|合作|共同|第一|中小|大型|专用|特种|通用|优质|高端|新型|综合|全新|标准"
    "|关键|核心|高效|安全|清洁|循环|应用|产品|质量|工艺|平台|方案|项目|专业|本地|国家|国内|城市|民用|军工|企业|公司|测试|实验|演示|环球|全球|海外|自主|自然"
)
_TRADE_AT_END = re.compile(f"({_TRADES})$")
_FILLERS = frozenset("-–—_~·•・.*")
_SAYS_NOTHING = frozenset(f"{_TRADES}|{_ORDINARY}|与|和|及|新|高".split("|"))


def firm_name_core(name: str) -> str:
    """What distinguishes a firm's name: 大连精诚泰科轴承有限公司 gives 精诚泰科, 大连机床集团有限公司 gives 大连机床.

    Without place, bracketed hints, legal form and line of business, as long as what is left still tells one firm from
    others; otherwise as much of the name as is needed.
    """
    return firm_names(name)[-1] if name.strip() else ""


@lru_cache(maxsize=1000)
def firm_names(name: str, short_name: str = "") -> tuple[str, ...]:
    """The ways to write a firm's name that tell who it is, longest first."""
    name = name.strip()
    bare = _stripped(_LEGAL_FORM, _BRACKETS.sub("", name).strip())
    local = _stripped(_GROUP, bare)
    placeless = _without_places(local)
    brand = placeless
    while (shorter := _TRADE_AT_END.sub("", brand)) != brand and len(shorter) >= 2:
        brand = shorter
    candidates = [name, bare, local, *(text for text in (placeless, brand, short_name.strip()) if is_telling(text))]
    return tuple(sorted({text for text in candidates if len(text) >= 2}, key=lambda t: (-len(t), t))) or (name,)


def is_telling(text: str) -> bool:
    """Whether `text` can point at one firm: two characters or more, not made of ordinary words only."""
    if len(text) < 2 or text.isdigit():
        return False
    reached = {0}
    for at in range(len(text)):
        if at in reached:
            reached |= {at + len(word) for word in _SAYS_NOTHING if text.startswith(word, at)}
    return len(text) not in reached


def find_firm(text: str, names: Sequence[str]) -> str:
    """The part of `text`, as written there, that names the firm; empty when nothing does.

    Full-width letters, case, blanks and invisible characters between the characters do not hide a name.
    """
    start, end = next(_spans(text, names), (0, 0))
    return text[start:end]


def hide_firm(text: str, names: Sequence[str]) -> str:
    """`text` with every mention of the firm replaced by 本企业."""
    parts, at = [], 0
    for start, end in _spans(text, names):
        parts += [text[at:start], HIDDEN]
        at = end
    return "".join([*parts, text[at:]])


def suggested_alias(region_name: str, industry_name: str = "") -> str:
    """The default public name of an anonymous firm: 金普新区某高端装备企业."""
    return f"{region_name or '大连市'}某{industry_name}企业"


def names_of(demand) -> list[str]:
    """Everything that would tell which firm this demand is from."""
    code = [demand.firm.credit_code] if demand.firm.credit_code else []
    return [*code, *firm_names(demand.firm.name, demand.firm.short_name)]


def public_text(demand, field: str) -> str:
    """A field of a demand as everybody may read it: the firm's name hidden where the demand is anonymous."""
    value = getattr(demand, field)
    texts = value if isinstance(value, list) else [value]
    names = names_of(demand) if demand.is_anonymous else ()
    return "、".join(hide_firm(text, names) for text in texts)


def public_indicators(demand) -> list:
    """Copies of a demand's indicators as everybody may read them."""
    rows = [copy(indicator) for indicator in demand.indicators.all()]
    if demand.is_anonymous:
        names = names_of(demand)
        for row in rows:
            for field in INDICATOR_FIELDS:
                setattr(row, field, hide_firm(getattr(row, field), names))
    return rows


def leaks(demand, indicators: Iterable | None = None) -> list[tuple[str, str]]:
    """(label of the field, the words found in it) wherever publishing would give an anonymous firm away.

    `indicators` are those it is about to have; its own by default.
    """
    if not demand.is_anonymous:
        return []
    if indicators is None:
        indicators = demand.indicators.all() if demand.pk else ()
    names = names_of(demand)
    texts = [
        (str(demand._meta.get_field(field).verbose_name), "、".join(value) if isinstance(value, list) else value)
        for field in FIELDS
        for value in [getattr(demand, field)]
    ]
    texts += [
        (f"技术指标“{indicator.name}”的{indicator._meta.get_field(field).verbose_name}", getattr(indicator, field))
        for indicator in indicators
        for field in INDICATOR_FIELDS
    ]
    return [(label, found) for label, text in texts if (found := find_firm(text, names))]


def _without_places(name: str) -> str:
    while (found := _PLACES.match(name)) and len(name) - found.end() >= 2:
        name = name[found.end() :]
    return name


def _stripped(pattern: re.Pattern, text: str) -> str:
    shorter = pattern.sub("", text)
    return shorter if len(shorter) >= 2 else text


def _folded(text: str) -> tuple[str, list[int]]:
    """`text` for searching, and for each of its characters the place in the original it came from."""
    characters, places = [], []
    for place, character in enumerate(text):
        for folded in unicodedata.normalize("NFKC", character).casefold():
            # Blanks, hyphens, dots and what cannot be seen may stand inside a name; commas and full stops end it.
            if folded not in _FILLERS and unicodedata.category(folded)[0] not in "ZC":
                characters.append(folded)
                places.append(place)
    return "".join(characters), places


def _spans(text: str, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where in `text` one of `names` stands, left to right, the longest at each place, without overlap."""
    folded, places = _folded(text)
    wanted = [name for name in (_folded(name)[0] for name in names) if name]
    if not wanted:
        return
    done = 0
    for found in re.finditer("|".join(re.escape(name) for name in sorted(wanted, key=len, reverse=True)), folded):
        start, end = places[found.start()], places[found.end() - 1] + 1
        if start >= done and not _inside_word(text, start, end):
            yield start, end
            done = end


def _inside_word(text: str, start: int, end: int) -> bool:
    """Whether Latin letters or digits go on across the ends: TCL is not named in TCLK, nor 企业1 in 企业12."""

    def goes_on(left: str, right: str) -> bool:
        return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()

    return goes_on(text[start - 1 : start], text[start]) or goes_on(text[end - 1], text[end : end + 1])
