"""What the words of a problem say: its object, what is difficult, what is wanted, what limits a solution.

Rules over clauses, without a language model. Every part is an excerpt of the text, so that a person can change or
remove it and the text with it.
"""

import re
from dataclasses import dataclass

from matching.engine.indicators.numerals import parse_number
from matching.engine.indicators.offers import IndicatorOffer, offered_indicators
from matching.engine.noun_phrases import is_generic, noun_phrases
from matching.engine.thesaurus import default_thesaurus
from matching.engine.tokeniser import HAN, normalise

READ_CHARS = 5000
MAX_OBJECTS, MAX_CLAUSES, MAX_CLAUSE_CHARS = 3, 4, 30
TITLE_CHARS = 40
MIN_PROBLEM_CHARS, MIN_SAID_CHARS, MIN_SENTENCE_CHARS, MIN_WORDS = 5, 7, 16, 5

_CLAUSE = re.compile(r"[^，,。；;！!？?\n\r:：]+")
_LIMIT = re.compile(
    "不准(?=[打开动用进停改拆焊])|不许|不让|不能停|不停[产机线]|不得|不要|别(?![人的处家])|不想|只能|必须|不动|不打孔|不装|不改|装不下|不开孔|"
    "禁止|防爆|离线|没有(?:电|水|气|信号|场地|地方|空间|键相|位置|条件|网络|蒸汽)|便宜|封顶|国产|"
    "(?:地方|空间|场地|厂房|地儿|占地|预算)[^，。]{0,8}(?:窄|小|有限|紧|不大|万|只有)|(?:价格|价钱|成本)[^，。]{0,6}(?:别|不能|要|得)"
)
_WISH = re.compile(
    "^(?:希望|想|要(?!是|么)|需要|最好|盼|寻找|寻求|寻|求|找|目标|期望|急需|打算)|希望|想(?:要|找|把|在|有|知道)|要的是|能不能|能否|有没有|怎么才|如何|"
    "需要|急需|求购|最好"
)
_WISH_LEAD = re.compile("^(?:要的是|希望|想要|想找|想|最好|需要|急需|求购|寻求|寻找|盼着?)能?")
_TROUBLE = re.compile(
    "坏|断|漏|堵|裂|掉|脱落|磨[损穿露不]|打磨|腐蚀|锈|变形|翘|返工|返修|误|不准|不稳|不清|不净|不匀|不均|不够|不行|不了|不动|不住|不到|不出|"
    "不上|不好|不多|费[时电工力水]|慢|贵|[很太过偏更较]高|[很太过偏更较]低|率低|率高|成本高|(?:[高低大差])$|变形[很太]?大|脏|臭|烫手|太响|振动|"
    "抖|卡[死住]|粘|缠|跑偏|超标|超限|老化|失效|靠人|靠手|手工|难|浪费|损失|损耗|停机|停产|投诉|退货|扣款|报废|废品|烧|炸|冻|结[冰垢块霜]|霉|烂|"
    "飘|跳|瓶颈|依赖|缺陷|气孔|夹渣|毛刺|划伤|凭手|靠猜|糊住|自溶|内漏|老[是]?[堵断漏坏掉]"
)
_USUAL = re.compile("老是|总是|经常|怎么|如何|怎样|为什么|能不能|有没有")
_NOT_OBJECT = re.compile(r"\d|^能|封顶|时候|月产|年产|^光|^我|公司|厂家")
_LEAD = re.compile(
    "^(?:(?:另外|但是|但|可是|而且|并且|所以|因为|现在|目前|如今|主要是?|就是|还有|还|又|我们公司|我们厂|我们|我公司|我司|我厂|一是|二是|三是|"
    r"[（(]?\d{1,2}[)）、.．]|[一二三四]、|的)\s*)+"
)
_ASK = re.compile(
    "(?:应该)?(?:怎么办|怎么解决|如何解决|怎么弄|有办法吗|有什么办法|咋办|咋整|能不能解决|谁能解决)[吗呢啊]?$"
)
_UNIT = "亿元?|千万元?|百万元?|万元?|w|W"
_NUMBER = r"\d+(?:\.\d+)?|[一二两三四五六七八九十百]+"
_BUDGET = re.compile(
    rf"(?:预算|投入|出资|总价|价格|价钱|费用|资金|经费)[^，。；\n\d一二两三四五六七八九十百]{{0,10}}(?P<a>{_NUMBER})(?P<ua>{_UNIT})?"
    rf"(?:\s*[-~—–至到]+\s*(?P<b>{_NUMBER})(?P<ub>{_UNIT}))?(?:元|人民币)?(?P<end>以内|以下|左右|封顶|以上)?"
)
_BUDGET_CAP = re.compile(rf"(?P<a>{_NUMBER})(?P<ua>{_UNIT})(?P<b>)(?P<ub>)元?(?P<end>封顶)")
_SPENT = re.compile("已|先后|近三年|总支出|每年|一年|产值|利润|销售|营业|合同额|卖|损失|注册")
_PERIOD = re.compile(
    rf"(?:(?:{_NUMBER}|半)个?(?:月|年|周|天)(?:之内|以内|内)|20\d\d年(?:\d{{1,2}}月)?(?:底|前|之前|以前)|年底前?|明年[上下]?半?年?前?)"
    "(?=[^，。；]{0,8}(?:完成|交付|投用|投产|上线|解决|见效|装好|用上|给出|结题|要))"
)
_TIMES = {"亿": 10_000, "千万": 1000, "百万": 100, "万": 1, "w": 1}


@dataclass(frozen=True, slots=True)
class ProblemParts:
    """The parts of a problem in the order of its text; each is an excerpt of it.

    `budget`: 万元 as a form writes it (50, 30-90), `period`: as written; both may be empty.
    """

    title: str
    objects: tuple[str, ...] = ()
    difficulties: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    indicators: tuple[IndicatorOffer, ...] = ()
    budget: str = ""
    period: str = ""


def problem_parts(text: str) -> ProblemParts:
    """Divide the words of a problem. Any text is accepted; of a long one the first READ_CHARS are read."""
    text = text.strip()[:READ_CHARS]
    indicators = tuple(offered_indicators(text))
    measured = [normalise(offer.indicator.original) for offer in indicators]
    groups: dict[str, list[str]] = {"limit": [], "wish": [], "trouble": []}
    for match in _CLAUSE.finditer(text):
        clause = _ASK.sub("", _LEAD.sub("", match.group().strip())).strip()
        kind = _kind_of(clause)
        is_measured = len(clause) > 3 and any(original in normalise(clause) for original in measured)
        if kind == "wish" and len(rest := _WISH_LEAD.sub("", clause)) >= MIN_PROBLEM_CHARS - 1:
            clause = rest
        if kind and not is_measured and not _BUDGET.search(clause):
            groups[kind].append(clause[:MAX_CLAUSE_CHARS])
    first = {kind: tuple(dict.fromkeys(clauses))[:MAX_CLAUSES] for kind, clauses in groups.items()}
    return ProblemParts(
        title=problem_title(text),
        objects=_objects(text),
        difficulties=first["trouble"],
        wishes=first["wish"],
        limits=first["limit"],
        indicators=indicators,
        budget=_budget(text),
        period=_period(text),
    )


def problem_title(text: str) -> str:
    """Return the first line if it is short, else the first clauses up to TITLE_CHARS characters."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = _ASK.sub("", re.split("[。；！？!?]", line)[0]).strip(" ，,、：:")
    title = ""
    for clause in re.split("(?<=[，,])", line):
        if title and len(title) + len(clause) > TITLE_CHARS:
            break
        title += clause
    return title.strip(" ，,")[:TITLE_CHARS]


def is_problem(text: str) -> bool:
    """Whether a text is a sentence that describes a problem, and not words or a number to search for."""
    text = text.strip()
    han, words = len(re.findall(f"[{HAN}]", text)), len(re.findall("[A-Za-z]{2,}", text))
    if re.search("[\n，。；！？?]", text.rstrip("。？?！!")):
        return han >= MIN_PROBLEM_CHARS or words >= MIN_WORDS
    if _USUAL.search(text) or _ASK.search(text):
        return han >= MIN_PROBLEM_CHARS - 1
    is_said = bool(_TROUBLE.search(text) or _WISH.search(text))
    return (is_said and han >= MIN_SAID_CHARS) or han >= MIN_SENTENCE_CHARS or words >= MIN_WORDS


def _kind_of(clause: str) -> str:
    if len(clause) < MIN_PROBLEM_CHARS - 1:
        return ""
    if _LIMIT.search(clause):
        return "limit"
    if _WISH.search(clause):
        return "wish"
    return "trouble" if _TROUBLE.search(clause) else ""


def _objects(text: str) -> tuple[str, ...]:
    """Return the longest specific nouns that stand first; terms of the field before others."""
    plain, lowered, thesaurus = normalise(text), text.lower(), default_thesaurus()
    phrases = [
        phrase
        for phrase in noun_phrases(text)
        # Only what stands in the text as written can be changed in it.
        if phrase in plain and phrase in lowered and not is_generic(phrase) and not _NOT_OBJECT.search(phrase)
    ]
    # Of Latin words only abbreviations name a thing in a Chinese text.
    phrases = [phrase for phrase in phrases if not phrase.isascii() or phrase.upper() in text]

    def rank(phrase: str) -> tuple[int, str]:
        return lowered.index(phrase) - 12 * (phrase in thesaurus) - 3 * len(phrase), phrase

    chosen: list[str] = []
    for phrase in sorted(phrases, key=rank):
        if len(chosen) < MAX_OBJECTS and not any(phrase in other or other in phrase for other in chosen):
            chosen.append(phrase)
    return tuple(text[(start := lowered.index(phrase)) : start + len(phrase)] for phrase in chosen)


def _budget(text: str) -> str:
    """Return the budget in 万元: 预算30到90万 → 30-90, 四百万封顶 → 0-400."""
    for pattern in (_BUDGET, _BUDGET_CAP):
        for match in pattern.finditer(text):
            clause = text[max(0, match.start() - 8) : match.end()]
            unit = match["ua"] or match["ub"]
            if not unit or _SPENT.search(clause):
                continue
            low = _wan(match["a"], unit)
            if low is None:
                continue
            if match["b"]:
                high = _wan(match["b"], match["ub"])
                return f"{low:g}-{high:g}" if high and high > low else ""
            return f"{low:g}"
    return ""


def _wan(number: str, unit: str) -> float | None:
    value = parse_number(number)
    times = _TIMES.get(unit.removesuffix("元").lower())
    return None if value is None or times is None else value * times


def _period(text: str) -> str:
    match = _PERIOD.search(text)
    return match.group() if match else ""
