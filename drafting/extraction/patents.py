"""The first page of a Chinese patent document, by its INID codes, and patent certificates, by their labels."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .candidates import Candidate, candidate
from .lines import Document, Line, fold, join_lines

_CODE = re.compile(r"[(（\[［【〔]\s*(1[0-35-9]|2[1-79]|3[0-3]|4[1-8]|5[1-8]|6[0-8]|7[1-6]|8[1-9]|30)\s*[)）\]］】〕]")
_SPACED = re.compile(r"([(（\[［【〔])\s*(\d)\s*(\d)\s*([)）\]］】〕])")
_LABELS = {
    "10": r"(?:授权公告号|申请公布号|公开(?:（公告）|\(公告\))?号|公告号|文献号)",
    "11": r"(?:授权公告号|公开(?:（公告）|\(公告\))?号|公告号)",
    "21": r"申请号",
    "22": r"申请日期?",
    "43": r"(?:申请公布日|公开(?:（公告）|\(公告\))?日)",
    "45": r"(?:授权公告日|公告日)",
    "54": r"(?:发明(?:创造)?名称|实用新型名称|使用外观设计的产品名称|外观设计名称|名称)",
    "57": r"摘\s*要",
    "71": r"申请人",
    "72": r"(?:发明人|设计人|发明\(设计\)人|发明（设计）人)",
    "73": r"专利权人",
    "75": r"(?:发明人[/／]?申请人|申请人[/／]?发明人)",
}
_STOPS = re.compile(r"^(?:地\s*址|邮\s*编|邮政编码|共同(?:专利权人|申请人)|代理|专利代理|审查员|优先权)")
_PAGE_FURNITURE = re.compile(
    r"权利要求书\s*\d+\s*页|说明书\s*(?:附图)?\s*\d+\s*页|^\s*[A-Z]{2}\s?\d{7,13}\s?[A-Z]\d?\s*$|^\s*第?\s*\d+\s*[/／]\s*\d+\s*页?\s*$"
    r"|图片或照片\s*\d+\s*幅|简要说明\s*\d+\s*页"
    r"|^\s*CN\s*$|^\s*[ABUSYC]\s*$|^\s*\d{6,13}\s*$"
)
_NUMBER = re.compile(
    r"(?:ZL|CN)?\s*((?:19|20)\d{2}\s*\d\s*\d{7}|\d{2}\s*\d\s*\d{5})\s*[.．·]\s*([\dXx])", re.IGNORECASE
)
_PUBLICATION = re.compile(r"CN\s*(\d{7,9})\s*([ABCUYSD])\s*\d?", re.IGNORECASE)
_KINDS = {"发明": "发明专利", "实用新型": "实用新型", "外观设计": "外观设计"}
_UNNAMED = re.compile(r"(?:请求)?不公布姓名|不公开姓名")
_COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "夏侯",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "司徒",
    "端木",
    "东方",
    "宇文",
)
_BODY_END = (
    r"(?:大学|学院|公司|研究所|研究院|研究总院|设计院|工程院|中心|医院|学校|实验室|集团|厂|委员会|局"
    r"|合作社|站|基地|院|所)"
)
MIN_BARE_CODES = 3
"""Codes that stand alone: then codes, labels and values are columns of a table, which is read in rows."""


@dataclass(slots=True)
class Item:
    """What stands behind a code: the lines, the first one without code and label."""

    code: str
    lines: list[Line] = field(default_factory=list)
    sources: list[Line] = field(default_factory=list)


def is_patent(document: Document) -> bool:
    """Whether the first page has the codes of a patent document."""
    codes = {match[1] for line in document.lines if line.page == 1 for match in _CODE.finditer(_text_of(line))}
    return len(codes & {"54", "57", "21", "22", "72", "73", "71", "10", "11", "51", "75"}) >= 4 and "54" in codes


def _text_of(line: Line) -> str:
    """With ( 5 4 ) as (54)."""
    return _SPACED.sub(r"\1\2\3\4", line.text)


def read_patent(document: Document) -> Iterator[Candidate]:
    """The statements of the first page."""
    items = _items(document)
    kind, granted = _kind(document, items)
    title = _text(items, "54")
    if title:
        title = re.sub(r"\s*\n\s*", "", title).strip("：: ")
        yield candidate("title", title, items["54"].sources)
    if abstract := _text(items, "57"):
        yield candidate("summary", abstract, items["57"].sources)
    owner = items.get("73") or items.get("71")
    if owner:
        yield from _owners(owner)
    for code in ("72", "75"):
        if code in items:
            yield from _inventors(items[code])
    yield from _right(items, kind, granted)


def _items(document: Document) -> dict[str, Item]:
    items: dict[str, Item] = {}
    current: Item | None = None
    bare = sum(bool(_CODE.fullmatch(_text_of(line).strip())) for line in document.lines if line.page == 1)
    for line in document.rows if bare >= MIN_BARE_CODES else document.lines:
        if line.page > 1:
            break
        text = _text_of(line)
        in_abstract = current is not None and current.code == "57" and "54" in items
        marks = _real(text) if in_abstract else list(_CODE.finditer(text))
        if not marks or marks[0].start() > 0:
            head = text[: marks[0].start()] if marks else text
            if current is not None and head.strip() and not _PAGE_FURNITURE.search(head):
                _add(current, line, head, is_first=False)
        for place, mark in enumerate(marks):
            end = marks[place + 1].start() if place + 1 < len(marks) else len(text)
            current = items.setdefault(mark[1], Item(mark[1]))
            _add(current, line, text[mark.end() : end], is_first=True)
    return items


def _real(text: str) -> list[re.Match[str]]:
    """Codes in or after the abstract: at the beginning of the line and with their label."""
    match = _CODE.match(text)
    label = _LABELS.get(match[1], "Int|国|对比|代理|专利代理|审查|同一申请|优先权") if match else ""
    return [match] if match and re.match(rf"\s*(?:{label})", text[match.end() :]) else []


def _add(item: Item, line: Line, text: str, *, is_first: bool) -> None:
    if is_first or not item.lines:
        text = _without_label(item.code, text)
    item.sources.append(line)
    if text.strip():
        item.lines.append(Line((text.strip(),), line.page, line.number, line.size, line.row, line.is_full))


def _without_label(code: str, text: str) -> str:
    """The text behind the label of a code, however the label is spaced."""
    match = re.match(rf"{_LABELS.get(code, '$^')}[:：]?", "".join(text.split()))
    rest = text.lstrip()
    for _character in match[0] if match else "":
        rest = rest[1:].lstrip()
    return rest


def _text(items: dict[str, Item], code: str) -> str:
    if code not in items:
        return ""
    lines = [line for line in items[code].lines if not _PAGE_FURNITURE.search(line.text)]
    return join_lines(lines)


def _kind(document: Document, items: dict[str, Item]) -> tuple[str, bool | None]:
    """(label of the kind of right or "", whether it is granted; None if the page does not say)."""
    head = fold("".join(line.text for line in items["12"].lines[:2])) if "12" in items else ""
    letters = [match[2].upper() for code in ("10", "11") for match in _PUBLICATION.finditer(_whole(items, code))]
    granted: bool | None = None
    if "45" in items or fold(_whole(items, "10") + _sources(items, "10")).startswith("授权"):
        granted = True
    if letters:
        granted = letters[0] in "BCUYSD"
    elif "申请" in head and "43" in items and "45" not in items:
        granted = False
    kind = next((label for word, label in _KINDS.items() if word in head), "")
    if not kind and letters:
        kind = "发明专利" if letters[0] in "ABC" else "实用新型" if letters[0] in "UY" else "外观设计"
    return kind, granted


def _whole(items: dict[str, Item], code: str) -> str:
    return " ".join(line.text for line in items[code].lines) if code in items else ""


def _sources(items: dict[str, Item], code: str) -> str:
    return re.sub(r"^\W*\d\d\W*", "", items[code].sources[0].text) if code in items and items[code].sources else ""


def _right(items: dict[str, Item], kind: str, granted: bool | None) -> Iterator[Candidate]:
    match = _NUMBER.search(_whole(items, "21"))
    if not match or not kind:
        return
    number = "".join(match[1].split()) + "." + match[2].upper()
    written = f"ZL{number}" if granted else number
    state = "授权" if granted else "公开" if granted is False else ""
    text = f"{kind}:{written}" + (f" {state}" if state else "")
    note = {True: "专利号是申请号前加 ZL", False: "还没有授权，编号是申请号", None: "看不出是否已经授权"}[granted]
    yield candidate("intellectual_property", text, items["21"].sources[:1], note=note)


def _owners(item: Item) -> Iterator[Candidate]:
    names: list[str] = []
    piece, is_address = "", False
    for line in item.lines:
        text = re.sub(r"^\s*(?:共同)?(?:专利权人|申请人)\s*[:：]?\s*", "\n", line.text)
        if text.startswith("\n"):
            is_address = False
        text = text.strip()
        if _STOPS.match(text):
            is_address = True
            continue
        if is_address and not re.search(rf"{_BODY_END}$", text.split(" ")[0]):
            continue
        is_address = False
        head, _address, rest = text.partition("地址")
        piece = piece + "\n" + head if re.search(rf"{_BODY_END}$", piece) or not piece else piece + head
        is_address = bool(rest)
    for part in re.split(r"[;；、,，\n]+|\s{1,}", piece):
        if (name := part.strip(" :：")) and not re.fullmatch(r"\d{6}", name):
            names.append(name)
    if names:
        yield candidate("institution", names[0], item.sources[:1])
    if len(names) > 1:
        yield candidate("partner_names", "；".join(names[1:]), item.sources)


def _inventors(item: Item) -> Iterator[Candidate]:
    names, is_sure = names_of([line.text for line in item.lines if not _STOPS.match(line.text)])
    if not names:
        return
    note = "" if is_sure else "姓名在行末断开，请核对"
    yield candidate("completers", "；".join(names), item.sources, note=note)
    yield candidate("lead_person", names[0], item.sources[:1], note="按第一发明人填写，请核对是不是负责人")


def names_of(lines: list[str]) -> tuple[list[str], bool]:
    """(names in order, whether the breaks between lines are certain)."""
    names: list[str] = []
    is_sure = True
    is_open = False
    for text in lines:
        parts = [part for part in re.split(r"[;；、,，]\s*|\s+", text.strip()) if part]
        if is_open and names and _goes_on(names[-1], parts):
            names[-1] += parts.pop(0)
            is_sure = False
        names += _single_characters_joined(parts)
        is_open = not re.search(r"[;；、,，]\s*$", text)
    kept = [name for name in names if not _UNNAMED.search(name) and re.search(r"[一-鿿A-Za-z]", name)]
    return list(dict.fromkeys(kept)), is_sure


def _goes_on(last: str, parts: list[str]) -> bool:
    """Whether the last name of a line goes on in the next line: 孙八 | 九 周十, but not 孙八 | 张 三."""
    if not parts or not re.fullmatch(r"[一-鿿]+", last + parts[0]):
        return False
    if len(last) == 1 or (last in _COMPOUND and len(parts[0]) <= 2):
        return True
    return len(parts[0]) == 1 and len(last) <= 3 and (len(parts) == 1 or len(parts[1]) > 1)


def _single_characters_joined(parts: list[str]) -> list[str]:
    """张 三: names of two characters are written with a blank."""
    joined: list[str] = []
    for part in parts:
        if joined and re.fullmatch(r"[一-鿿]", joined[-1]) and re.fullmatch(r"[一-鿿]{1,2}", part):
            joined[-1] += part
        else:
            joined.append(part)
    return joined
