"""Limits that an achievement's text states (横缝不适用, 仅适用于平板) and that concern the demand, with quotations."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from matching.engine.noun_phrases import is_generic, noun_phrases
from matching.engine.tokeniser import normalise, simplified

READ_CHARS = 8000
"""Only this many characters of each text are read, which bounds the time."""
QUOTE_CHARS = 60
MAX_LIMITS = 3

type Texts = Sequence[tuple[str, str]]
"""Name of the text field and its text."""

_NO = (
    "不适用|不适合|不适宜|不能用|不可用|用不了|用不上|做不了|不支持|不宜(?:用|采用|使用)?|救不回来|"
    "无法(?:使用|处理|检测|识别|加工)"
)
_AFTER_NO = (
    "(?:不适(?:用|合|宜)(?:于|在|对)?|不能(?:用于|用在|直接用于|处理|检测|识别|加工|焊接?)|不可用于|不宜(?:用于|用在|在)?|不支持|"
    "无法(?:用于|处理|检测|识别|加工)|不得用于)"
)
# 横缝与曲面缝不适用: what stands before; 不适用于高盐废水: what stands behind.
_SUBJECT = re.compile(
    rf"^(?P<what>[^，。；]{{2,30}}?)(?:均|都|则|也|暂时?|目前|尚|还|并|就|仍)*(?:{_NO})(?:了|的)?(?:，|。|；|！|$)"
)
_OBJECT = re.compile(rf"{_AFTER_NO}(?P<what>[^，。；]{{2,30}})")
_UNTRIED = re.compile(
    r"^(?P<what>[^，。；]{2,24}?)(?:方面|上)?(?:尚|还|暂|均|都)?(?:未(?:经|做|作)?|没有?(?:做过?)?)(?:验证|试验|试过|考核|测试|覆盖)"
)
_ONLY = re.compile(
    r"(?:仅|只|目前只|暂时?只)(?:能)?(?:适用于|适合(?:于)?|用于|用在|限于?|支持|针对|面向)(?P<what>[^，。；]{2,30})|"
    r"(?:仅限于?|限用于)(?P<other>[^，。；]{2,30})"
)
# What a text has that states a limit in one of these forms: most texts have none, and need not be divided.
_ANY_WORD = (
    *("不适", "不能", "不可用", "不支持", "不宜", "不得用", "无法", "用不", "做不了", "救不"),
    *("未", "没", "仅", "只", "限用"),
)
_ANY_FORM = re.compile(
    rf"{_NO}|{_AFTER_NO}|(?:未|没)[^，。；]*(?:验证|试验|试过|考核|测试|覆盖)|"
    "(?:仅|只)能?(?:适用于|适合|用于|用在|限|支持|针对|面向)|限用于"
)
# The sentence tells what others cannot do, which is the reason for the achievement and not its limit.
_OF_OTHERS = re.compile(
    "传统|现有|以往|过去|从前|原来|原先|常规|普通|一般|常用|国外|进口|同类|同行|别人|市面|市售|已有|经典|为此|针对|"
    "克服|解决|避免|问题|起因|不仅|如果|若不|否则|而言|以前|此前|旧"
)
_CONTRAST = re.compile("^(?:为此|因此|针对|于是|本文|本课题|我们|课题组|本成果)")
_SPLIT = re.compile("[、和与及或/]|以及|以外|之外")
_FILLER = re.compile(
    "^(?:对于?|在|用于|于|像|如|但|但是|所以|因此|故|其|它|该|这|对)+|"
    "(?:时|下|上|中|里|等|类|场合|工况|情况|体系|零件|的)+$"
)
# Words that end the names of objects of one kind: 曲面缝 and 高低缝 are both 缝.
_KINDS = frozenset("缝管板钢铝油水料膜漆泵阀炉罐船车池井鱼参贝菌酸碱盐胶布砖轴岩煤泥渣烟粉纸")


_EXCLUSIONS: tuple[tuple[re.Pattern[str], Literal["excluded", "untried"]], ...] = (
    (_SUBJECT, "excluded"),
    (_OBJECT, "excluded"),
    (_UNTRIED, "untried"),
)


class Limit(NamedTuple):
    """A limit that concerns the demand.

    `kind`: excluded (the text excludes what the demand names), related (it excludes something of the same kind),
    untried, only (it names other uses) or type (both name types that exclude each other). `what`: the word of the
    demand; `quote` and `place`: the achievement's words and their text field.
    """

    kind: Literal["excluded", "related", "untried", "only", "type"]
    what: str
    quote: str
    place: str
    is_certain: bool


class _Statement(NamedTuple):
    kind: Literal["excluded", "untried", "only"]
    objects: tuple[str, ...]
    quote: str
    place: str


def find_limits(texts: Texts, demand_text: str, *, title: str = "") -> list[Limit]:
    """Return at most MAX_LIMITS limits of an achievement that concern a demand, certain ones first.

    `texts`: text fields of the achievement; `title`: its title, which says of which type it is.
    """
    statements = [statement for name, text in texts for statement in _statements(text, name)]
    demand = normalised(demand_text)
    limits = [limit for statement in statements for limit in _met(statement, demand)]
    if contrast := _different_types(title, texts, demand):
        limits.append(contrast)
    limits.sort(key=lambda limit: not limit.is_certain)
    return limits[:MAX_LIMITS]


def find_registered_limits(lines: Sequence[str], place: str, demand_text: str, known: Sequence[Limit]) -> list[Limit]:
    """Return at most MAX_LIMITS limits that the achievement's owner has registered and that concern a demand.

    A line is a limit by itself, so that it concerns a demand with which it has a thing in common, whatever its words.
    `known`: limits of the other texts, which are not repeated.
    """
    demand, quotes = normalised(demand_text), {limit.quote for limit in known}
    limits: list[Limit] = []
    for line in lines:
        statements = _statements(line, place)
        if any(statement.quote in quotes for statement in statements):
            continue
        met = [limit for statement in statements for limit in _met(statement, demand)][:1]
        limits += met or _things_in_common(line, place, demand)
    limits.sort(key=lambda limit: not limit.is_certain)
    return limits[:MAX_LIMITS]


def _things_in_common(line: str, place: str, demand: str) -> list[Limit]:
    text = normalised(line)
    things = [name for name in noun_phrases(text) if len(name) > 1 and not is_generic(name) and name in demand]
    if word := max(things, key=lambda name: (len(name), -text.find(name)), default=""):  # of equal length the first
        return [Limit("related", word, line.strip(" 。；")[:QUOTE_CHARS], place, is_certain=False)]
    return []


@lru_cache(maxsize=8192)  # a text is compared with many others
def normalised(text: str) -> str:
    """Return the first READ_CHARS characters of a text, normalised."""
    return normalise(text[:READ_CHARS])


def limit_sentence(limit: Limit) -> str:
    """Return the sentence of a limit for the reader."""
    source = f"成果写明“{limit.quote}”（{limit.place}）"
    return {
        "excluded": f"{source}，需求涉及“{limit.what}”",
        "related": f"{source}，需求涉及“{limit.what}”，请核对是否属于此列",
        "untried": f"{source}，需求涉及“{limit.what}”",
        "only": f"{source}，需求没有提到，请核对",
        "type": f"类型不同：{limit.what}（成果：“{limit.quote}”，{limit.place}）",
    }[limit.kind]


def limit_brief(limit: Limit) -> str:
    """Return the limit in a few words, with its quotation."""
    if limit.kind == "type":
        return f"{limit.what}"
    return f"适用范围“{limit.quote}”" if limit.kind == "only" else f"{limit.what}（“{limit.quote}”）"


@lru_cache(maxsize=8192)  # an achievement is compared with many demands
def _statements(text: str, place: str) -> tuple[_Statement, ...]:
    """Return the limits that a text states."""
    statements: list[_Statement] = []
    plain = simplified(text[:READ_CHARS])
    if not any(map(plain.__contains__, _ANY_WORD)) or not _ANY_FORM.search(plain):
        return ()
    pieces = re.split(r"(?<=[。；;！？\n])", text[:READ_CHARS])
    sentences = [sentence for piece in pieces if (sentence := piece.strip())]
    for number, sentence in enumerate(sentences):
        following = sentences[number + 1] if number + 1 < len(sentences) else ""
        if not re.search("不|仅|只|限|未|没|无法", simplified(sentence)) or _CONTRAST.match(simplified(following)):
            continue
        for clause in re.split("[，,。；;！？：:]", sentence):
            plain = simplified(clause.strip())
            if plain and not _OF_OTHERS.search(plain) and (statement := _statement(plain, clause.strip(), place)):
                statements.append(statement)
    return tuple(statements)


def _statement(clause: str, written: str, place: str) -> _Statement | None:
    """Return the limit of a clause. `written`: the clause as written, of which `clause` is the simplified form."""
    quote = written[:QUOTE_CHARS]
    if match := _ONLY.search(clause):
        objects = _objects(match["what"] or match["other"])
        return _Statement("only", objects, quote, place) if objects else None
    for pattern, kind in _EXCLUSIONS:
        if (match := pattern.search(clause)) and (objects := _objects(match["what"])):
            return _Statement(kind, objects, quote, place)
    return None


def _objects(phrase: str) -> tuple[str, ...]:
    """Return the things that a phrase lists: 横缝与曲面缝 → 横缝, 曲面缝."""
    objects = []
    for piece in _SPLIT.split(normalise(phrase)):
        name = _FILLER.sub("", _FILLER.sub("", piece.strip()))
        if 2 <= len(name) <= 12 and not is_generic(name):
            objects.append(name)
    return tuple(objects)


def _met(statement: _Statement, demand: str) -> list[Limit]:
    """Return the limit if the statement concerns the demand."""
    named = [name for name in statement.objects if all(part in demand for part in name.split("的") if part)]
    if statement.kind == "only":
        if named or not all(_is_thing(name) and not _head_in(name, demand) for name in statement.objects):
            return []
        return [Limit("only", "", statement.quote, statement.place, is_certain=False)]
    if named:
        return [Limit(statement.kind, named[0].replace("的", ""), statement.quote, statement.place, is_certain=True)]
    for name in statement.objects:
        if word := _head_in(name, demand):
            return [Limit("related", word, statement.quote, statement.place, is_certain=False)]
    return []


def _head_in(name: str, demand: str) -> str:
    """Return the word of the demand that names something of the same kind: of 曲面缝 高低缝, of 机车齿轮箱 齿轮箱."""
    head = name.rpartition("的")[2]
    own = [phrase for phrase in noun_phrases(name) if head.endswith(phrase) and not is_generic(phrase)]
    if word := max((phrase for phrase in own if phrase in demand), key=len, default=""):
        return word
    if head[-1:] in _KINDS:
        kinds = [phrase for phrase in noun_phrases(demand) if phrase.endswith(head[-1]) and 2 <= len(phrase) <= 6]
        return min(kinds, key=lambda phrase: (demand.index(phrase), -len(phrase)), default="")
    return ""


def _is_thing(name: str) -> bool:
    return bool(noun_phrases(name)) and not re.search(r"\d", name)


class _TypeGroup(NamedTuple):
    """Types that exclude each other, each with its words (the first is its name), in texts with a context word."""

    contexts: tuple[str, ...]
    types: tuple[tuple[str, ...], ...]
    is_certain: bool


@cache
def _type_groups() -> tuple[_TypeGroup, ...]:
    """Read exclusive_types.txt."""
    groups = []
    for line in Path(__file__).with_name("exclusive_types.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            contexts, *types = (tuple(normalise(part).split()) for part in line.removeprefix("!").split("|"))
            groups.append(_TypeGroup(contexts, tuple(types), line.startswith("!")))
    return tuple(groups)


@cache
def _words_of_types() -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    """Return each word that names a type, with the number of its group and the words of its type."""
    groups = enumerate(_type_groups())
    return tuple((word, number, words) for number, group in groups for words in group.types for word in words)


@lru_cache(maxsize=8192)
def _types_in(text: str) -> dict[int, list[tuple[str, ...]]]:
    """Return the types that a normalised text names, by the number of their group."""
    named: dict[int, list[tuple[str, ...]]] = {}
    for number, words in dict.fromkeys([entry[1:] for entry in _words_of_types() if entry[0] in text]):
        named.setdefault(number, []).append(words)
    return named


def _different_types(title: str, texts: Texts, demand: str) -> Limit | None:
    """Return the contrast if the title and the demand name different types of one group, and nothing of the other's."""
    own_types, wanted_types = _types_in(normalised(title)), _types_in(demand)
    for number in own_types.keys() & wanted_types.keys():
        own, wanted, group = own_types[number], wanted_types[number], _type_groups()[number]
        if not len(own) == len(wanted) == 1 or own == wanted:
            continue
        own_text = "\n".join([normalised(title), *(normalised(text) for _, text in texts)])
        is_context = all(any(word in text for word in group.contexts) for text in (demand, own_text))
        if is_context and not any(word in own_text for word in wanted[0]):
            own_word = next(word for word in own[0] if word in normalised(title))
            wanted_word = next(word for word in wanted[0] if word in demand)
            source = "" if wanted_word == wanted[0][0] else f"（据“{wanted_word}”）"
            what = f"需求为{wanted[0][0]}{source}，成果为{own[0][0]}"
            return Limit("type", what, _spelling(title, own_word), "成果名称", group.is_certain)
    return None


def _spelling(text: str, word: str) -> str:
    match = re.search(re.escape(word), text, re.IGNORECASE)
    return match.group() if match else word
