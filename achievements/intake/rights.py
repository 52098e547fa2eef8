"""Intellectual property as people write it: numbers by their scheme, with the check digit of Chinese patents.

Numbers of applications since 2003: year, kind of patent (1 and 8 invention, 2 and 9 utility model, 3 design), seven
digits, check digit. Before: two digits of the year, kind, five digits, check digit (GB standard ZC 0006-2003).
"""

import re
import unicodedata
from itertools import pairwise
from typing import NamedTuple

from achievements.intake.reading import CellContext, Reading, ask, propose, read, refuse
from sheets.cells import SCIENTIFIC_MESSAGE, CellProblem, Formula, RawCell, as_text, clean_text, is_scientific

INVENTION, UTILITY, DESIGN, SOFTWARE = "invention", "utility_model", "design", "software"
_KIND_OF_DIGIT = {"1": INVENTION, "8": INVENTION, "2": UTILITY, "9": UTILITY, "3": DESIGN}
_KIND_OF_LETTER = {"a": INVENTION, "b": INVENTION, "c": INVENTION, "u": UTILITY, "y": UTILITY, "s": DESIGN, "d": DESIGN}
_KIND_WORDS = {
    "集成电路布图设计权": "layout",
    "集成电路布图设计": "layout",
    "布图设计": "layout",
    "植物新品种权": "plant_variety",
    "植物新品种": "plant_variety",
    "计算机软件著作权": SOFTWARE,
    "软件著作权": SOFTWARE,
    "软著": SOFTWARE,
    "实用新型": UTILITY,
    "外观设计": DESIGN,
    "外观专利": DESIGN,
    "发明": INVENTION,
    "国际专利": INVENTION,
    "技术秘密": "know_how",
    "专有技术": "know_how",
    "技术诀窍": "know_how",
    "know-how": "know_how",
    "knowhow": "know_how",
}
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_NUMBER = re.compile(
    r"pct/?[a-z]{2}\d{4}/\d{5,6}"
    r"|\d{4}sr\d{6,8}|软著登字第?\d{6,8}号?|(?<![\d.])\d{4}r\d{2}s\d{5,8}"
    r"|cn\s?\d{9}\s?[a-z]\d?(?![\d.])"
    r"|us\s?\d{1,2},?\d{3},?\d{3}\s?[ab]\d|ep\s?\d{7}(?:\s?[ab]\d)?|jp\s?\d{7}(?:\s?[ab]\d?)?|wo\s?\d{4}/?\d{6}(?:\s?a\d)?"
    r"|cna\d{8}(?:\.\d)?(?!\d)|bs\.?\d{9}(?:\.\d)?"
    r"|(?:zl|cn)?\s?(?:19|20)\d{2}\s?\d\s?\d{7}(?:\s?[.·。]\s?[\dx])?(?![\d])"
    r"|(?:zl|cn)\s?\d{8}(?:\s?[.·。]\s?[\dx])?(?!\d)"
    r"|(?<![a-z\d])(?:zl|cn)?(?:19|20)\d{2}\d\d{7}[\dx](?![\d.])",
    re.IGNORECASE,
)
_ODD_NUMBER = re.compile(r"(?:zl|cn)\s?[\d.x*]{4,}", re.IGNORECASE)
_KNOW_HOW = re.compile(r"((?:^|[;；、,，\n])\s*)(?:技术秘密|专有技术|技术诀窍|know-?how)\s*(?=[;；、,，\n]|$)")
_STATE = re.compile(r"已?授权|已?公开|实质审查|实审|申请中|受理|已受理|审查中|公示|有效|失效|已转让")
_COUNT = re.compile(r"(\d+|[一二两三四五六七八九十]+)\s*(?:项|件|个|篇)")


class Right(NamedTuple):
    """A right. state: 授权, 申请中 …, as far as the cell says it."""

    kind: str
    number: str
    state: str = ""


def check_digit(digits: str) -> str:
    """The check digit of a patent number of 8 or 12 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return "0123456789X"[total % 11]


def patent_question(number: str) -> str:
    """What is odd about a Chinese patent number: a Chinese sentence, or "" if its length and check digit are right."""
    match = re.fullmatch(r"(?:ZL|CN)?(\d+)(?:\.([\dX]))?", number)
    if not match:
        return ""
    digits, check = match.groups()
    if number.startswith("CN") and len(digits) == 9 and not check:
        return ""
    if len(digits) not in {8, 12}:
        return f"“{number}”有 {len(digits)} 位，专利号小数点前应为 12 位（2003 年以前 8 位），请核对"
    if check and check_digit(digits) != check:
        return f"“{number}”的校验位按规则应为 {check_digit(digits)}，请核对"
    return ""


def read_rights(value: RawCell, context: CellContext) -> Reading:
    if isinstance(value, Formula):
        return refuse("是公式，没有保存结果，请改为文本")
    raw = as_text(value)
    text = clean_text(unicodedata.normalize("NFKC", raw[:3000]))
    if is_scientific(text.replace(" ", "")):
        return refuse(SCIENTIFIC_MESSAGE, "scientific")
    rights, rest, conflicts = _rights(_KNOW_HOW.sub(lambda match: match[1], text.casefold()))
    if rights and (secret := _KNOW_HOW.search(text.casefold())):  # it has no number and stands between those that have
        own = (Right("know_how", ""),)
        rights = own + rights if secret.start() == 0 else rights + own
    strict = _strict(value, context)
    if not rights:
        return _without_numbers(text, strict)
    questions = [question for right in rights if (question := patent_question(right.number))]
    if _between(text.casefold()):
        return ask(rights, "写的是一段号码（“到”“～”），请逐个写出", "number-range")
    if conflicts:
        return ask(rights, f"类型和号码对不上：{'；'.join(conflicts)}，请核对", "kind-conflict")
    if any("应为 12 位" in question for question in questions):
        return ask(rights, "；".join(questions[:3]), "patent-length")
    odd = _ODD_NUMBER.findall(rest) or re.findall(r"[a-z/]*\d{5,}[\w.-]*", rest)
    if odd:
        return ask(rights, f"“{'、'.join(odd)[:60]}”不像专利号，没有读，请核对", "patent-length")
    if strict is not None and strict == tuple((right.kind, right.number) for right in rights):
        return propose(rights, "；".join(questions[:3]), "check-digit") if questions else read(rights)
    message = f"读出 {len(rights)} 项" if len(rights) > 1 else "类型按号码判断"
    return propose(rights, "；".join([message, *questions[:2]]), "check-digit" if questions else "rights")


def _strict(value: RawCell, context: CellContext) -> tuple | None:
    try:
        return tuple((right.kind, right.number) for right in context.parse(value))
    except CellProblem:
        return None


def _rights(text: str) -> tuple[tuple[Right, ...], str, list[str]]:
    """The rights in folded `text`, what is left of it, and conflicts of kind and number."""
    rights: list[Right] = []
    conflicts: list[str] = []
    rest, kind, end = [], "", 0
    matches = list(_NUMBER.finditer(text))
    for place, match in enumerate(matches):
        before = text[end : match.start()]
        rest.append(before)
        number = _written(match[0])
        kind = _last_kind(before) or kind
        by_number = _kind_of(number)
        following = matches[place + 1].start() if place + 1 < len(matches) else len(text)
        after = re.split(r"[;；\n]", text[match.end() : following])[0]
        own = kind or by_number or _last_kind(after) or "other"
        if by_number and own != by_number and own in {INVENTION, UTILITY, DESIGN, SOFTWARE}:
            conflicts.append(f"{number} 的号码是{_LABELS[by_number]}")
        state = _STATE.search(after[:20]) if not _NUMBER.search(after) else None
        rights.append(Right(own, number, state[0].removeprefix("已") if state else ""))
        end = match.end()
    rest.append(text[end:])
    distinct = {right.number: right for right in rights}
    return tuple(distinct.values()), " ".join(rest), conflicts


def _between(text: str) -> list[str]:
    """What stands between two numbers and is a sign of a range only."""
    gaps = (text[first.end() : second.start()].strip() for first, second in pairwise(_NUMBER.finditer(text)))
    return [gap for gap in gaps if re.fullmatch(r"[~\-—–至到]+", gap)]


_LABELS = {INVENTION: "发明专利", UTILITY: "实用新型", DESIGN: "外观设计", SOFTWARE: "软件著作权"}


def _written(token: str) -> str:
    number = re.sub(r"[\s,]+", "", token.upper()).replace("·", ".").replace("。", ".")
    if re.fullmatch(r"(?:ZL|CN)?(?:19|20)\d{10}[\dX]", number):  # the full stop before the check digit is missing
        return f"{number[:-1]}.{number[-1]}"
    return number


def _last_kind(text: str) -> str:
    places = {word: text.rfind(word) for word in _KIND_WORDS if word in text}
    if not places:
        return ""
    return _KIND_WORDS[max(places, key=lambda word: (places[word] + len(word), len(word)))]


def _kind_of(number: str) -> str:
    if re.match(r"\d{4}SR|软著|\d{4}R\d", number):
        return SOFTWARE
    if number.startswith(("PCT", "US", "EP", "WO", "JP")):
        return INVENTION
    if match := re.fullmatch(r"(?:ZL|CN)?(?:19|20)\d{2}(\d)\d{7}(?:\.[\dX])?", number):
        return _KIND_OF_DIGIT.get(match[1], "")
    if match := re.fullmatch(r"CN\d{9}([A-Z])\d?", number):
        return _KIND_OF_LETTER.get(match[1].casefold(), "")
    if match := re.fullmatch(r"(?:ZL|CN)\d{2}(\d)\d{5}(?:\.[\dX])?", number):
        return _KIND_OF_DIGIT.get(match[1], "")
    return "layout" if number.startswith("BS") else "plant_variety" if number.startswith("CNA") else ""


def _without_numbers(text: str, strict: tuple | None) -> Reading:
    folded = text.casefold()
    if re.fullmatch(r"[无没暂]有?(?:专利|知识产权|申请)?", folded):
        return propose((), "没有知识产权，留空", "none")
    if _ODD_NUMBER.search(folded) or (strict and any(number for _kind, number in strict)):
        if strict and all(re.search(r"[a-z\d]", number.casefold()) for _kind, number in strict):
            rights = tuple(Right(kind, number) for kind, number in strict)
            return ask(rights, "号码不合任何一种编号规则，请核对", "scheme")
        return ask(None, "号码不像专利号，请核对后写成“发明专利:ZL202210000000.6”", "patent-length")
    kinds = list(dict.fromkeys(kind for word, kind in _KIND_WORDS.items() if word in folded))
    if not kinds and "专利" in folded:
        kinds = [INVENTION]
        return ask(tuple(Right(kind, "") for kind in kinds), "没有写号码，也没有写类型，请补上", "no-number")
    if not kinds:
        return refuse("认不出类型和号码，请写成“发明专利:ZL202210000000.6”，多项用“；”分隔", "unreadable")
    if "布图" in folded and "集成" in folded:
        kinds = [kind for kind in kinds if kind != DESIGN]
    rights = tuple(Right(kind, "") for kind in kinds)
    if kinds == ["know_how"]:
        return propose(rights, "按技术秘密记录，没有号码", "know-how")
    state = "，按申请中记录" if re.search("申请中|受理|实审", folded) else ""
    count = "只写了件数，" if _COUNT.search(folded) else ""
    return ask(rights, f"{count}没有写号码{state}，请补上号码", "no-number")


def patent_numbers(text: str) -> list[str]:
    """The numbers in a cell, as they are stored."""
    folded = unicodedata.normalize("NFKC", text[:3000]).casefold()
    return [_written(match[0]) for match in _NUMBER.finditer(folded)]
