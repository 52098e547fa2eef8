"""Names of institutions as people write them: abbreviations, former names, with a college behind."""

import re

from achievements.intake.reading import CellContext, Reading, ask, propose, read, refuse
from sheets.cells import CellProblem, Formula, RawCell, fold, normalize_text

_COLLEGE = re.compile(r"(?:学院|学部|系|研究院|研究所|中心|实验室|研究室|组|处|部|所|室|课题组|校区|医院)(?:[(（].*)?$")
_SEPARATORS = re.compile(r"[\s,，、/;；|·\-—－_:：]+")
_MANY = re.compile(r"[;；、,，/\n+&]|与|和|联合|及")
_NO_ABBREVIATION = frozenset({"大学", "学院", "研究所", "大", "学", "所"})


def read_institution(value: RawCell, context: CellContext) -> Reading:
    """第一完成单位: an id. A college behind the name goes to `college`, further units go to `partner_names`."""
    if isinstance(value, Formula):
        return refuse("是公式，没有保存结果，请改为单位名称")
    try:
        strict = context.parse(value)
        remark = re.search(r"[(（]", normalize_text(value)) and _whole(normalize_text(value), context)
        return _within(remark if remark and remark.value == strict else read(strict), context)
    except CellProblem as problem:
        text = normalize_text(value)
        reading = _whole(text, context) or _several(text, context)
        return _within(reading, context) if reading else refuse(str(problem), f"word:{fold(text)[:60]}")


def _within(reading: Reading, context: CellContext) -> Reading:
    """Refuse an institution that the user does not represent. City staff have no `own` institutions."""
    own = context.sheet.own if context.sheet else frozenset()
    if own and reading.value is not None and reading.value not in own:
        return refuse("是其他单位，您只能导入本单位的成果，请删去这一行，或选择“只导入本单位的行”", "other-institution")
    return reading


def _whole(text: str, context: CellContext) -> Reading | None:
    pattern = f"word:{fold(text)[:60]}"
    candidates = find_institutions(fold(text), context)
    names = context.sheet.institutions if context.sheet else {}
    renamed = [pk for pk, (name, _short) in names.items() if fold(text) == fold(name.removesuffix("大学") + "学院")]
    if renamed:  # not 大连理 and its 工学院
        return ask(renamed[0], f"现在的名称是“{names[renamed[0]][0]}”吗？", pattern)
    if len(candidates) == 1:
        pk, college = candidates[0]
        extra = {"college": college} if college else {}
        rest = f"，学院（部门）“{college}”" if college else ""
        return propose(pk, f"按“{names[pk][0]}”记录{rest}", pattern, extra=extra)
    if candidates:
        choices = "、".join(f"“{names[pk][0]}”" for pk, _college in candidates[:4])
        options = tuple(pk for pk, _college in candidates[1:])
        return ask(candidates[0][0], f"可以是{choices}，是哪一个？", pattern, options=options)
    return None


def _several(text: str, context: CellContext) -> Reading | None:
    """ "甲大学、乙公司": the first unit if it is known, the rest as partners."""
    parts = [part.strip() for part in _MANY.split(text) if part.strip()]
    for divider in (parts, _SEPARATORS.split(text)):
        if len(divider) < 2:
            continue
        candidates = find_institutions(fold(divider[0]), context)
        if len(candidates) == 1 and context.sheet:
            rest = "；".join(divider[1:])
            name = context.sheet.institutions[candidates[0][0]][0]
            extra = {"partner_names": rest}
            if len(divider) == 2 and _COLLEGE.search(rest):
                extra = {"college": rest}
            message = f"第一完成单位按“{name}”记录，“{rest[:40]}”另记"
            return propose(candidates[0][0], message, f"word:{fold(text)[:60]}", extra=extra)
    return None


def find_institutions(text: str, context: CellContext) -> list[tuple[int, str]]:
    """[(id, college)] of the institutions that folded `text` may mean; several if it is ambiguous."""
    names = context.sheet.institutions if context.sheet else {}
    text = (
        re.sub(r"^[(（]?(?:辽宁省?|中国)?(?=.{3})", "", text)
        if not any(fold(name).startswith(text[:2]) for name, _short in names.values())
        else text
    )
    starts = []
    for pk, (name, short) in names.items():
        for form in filter(None, (fold(name), fold(short))):
            rest = text.removeprefix(form)
            if rest != text and (not rest or _COLLEGE.search(rest)):
                starts.append((len(form), pk, _SEPARATORS.sub(" ", rest).strip(" ()（）")))
    if starts:
        best = max(starts)
        return [(best[1], best[2])]
    bare = re.sub(r"[(（\[].*?[)）\]]", "", text)
    if bare != text and bare and (inner := find_institutions(bare, context)):
        return inner
    if len(text) < 2 or text in _NO_ABBREVIATION:
        return []
    matches = [(pk, "") for pk, (name, short) in names.items() if _abbreviates(text, fold(name), fold(short))]
    if matches:
        return matches
    return _misspelt(text, names) or _with_college(text, context)


def _with_college(text: str, context: CellContext) -> list[tuple[int, str]]:
    """大连理工化工学院: the longest abbreviation of exactly one institution, then a college."""
    if not _COLLEGE.search(text):
        return []
    names = context.sheet.institutions if context.sheet else {}
    for end in range(len(text) - 2, 1, -1):
        head, rest = text[:end], text[end:].strip(" ()（）-、,，/:")
        matches = [pk for pk, (name, short) in names.items() if _abbreviates(head, fold(name), fold(short))]
        if len(matches) == 1 and _COLLEGE.search(rest) and not rest.startswith(("学", "学院")):
            return [(matches[0], rest)]
    return []


def _abbreviates(text: str, name: str, short: str) -> bool:
    """Whether the characters of `text` stand in `name` in this order, the last one at the end or as its beginning."""
    if len(text) >= len(name) or text in short:
        return bool(short) and text == short
    if name.startswith(text) or (len(text) >= 3 and text in name):
        return text not in {name[:2]} or len(name) <= 4
    at = -1
    for character in text:
        at = name.find(character, at + 1)
        if at < 0:
            return False
    return text[-1] in {name[-1], "大", "所", "院", "校"} or len(text) >= 4


def _misspelt(text: str, names: object) -> list[tuple[int, str]]:
    """One wrong, missing or swapped character in a name of at least five."""
    close = []
    for pk, (name, _short) in names.items():  # type: ignore[attr-defined]
        folded = fold(name)
        if len(folded) >= 5 and abs(len(folded) - len(text)) <= 1 and _distance_is_one(folded, text):
            close.append((pk, ""))
    return close


def _distance_is_one(left: str, right: str) -> bool:
    if len(left) == len(right):
        wrong = [place for place, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1 and left[wrong[0]] == right[wrong[1]]
        return len(wrong) == 1 or (swapped and left[wrong[1]] == right[wrong[0]])
    short, long = sorted((left, right), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
