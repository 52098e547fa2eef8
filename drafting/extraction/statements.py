"""Statements of forms, certificates, brochures and web pages, by labels and headings."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from .candidates import Candidate, candidate
from .labels import ENDED, LONG_KEYS, Value, is_heading, label_key, labelled_values, people_tables, ticked
from .lines import Document, Line, close_gaps, fold, join_lines
from .pasted import is_navigation
from .patents import names_of

CHOICE_KEYS = frozenset(
    {"category", "form", "attribute", "stage", "standing", "evaluation", "transfer_ways", "secrecy", "industry"}
)
_NO_TITLE = re.compile(
    r"(?:科技)?成果(?:推介|推广|登记表|登记|汇编|简介|展示|发布|转化|介绍|信息|库|目录)|登记表|宣传|项目推介|技术转移"
    r"|专利证书|证书$|海报|手册|路演|对接会|推介会|^第?\s*\d+\s*[页/]|^\d+$|https?:|www\."
)
_PATENT = re.compile(r"ZL\s*(?:19|20)?\d{2}\s*\d\s*(?:\d\s*){5,7}[.．]\s*[\dXx]", re.IGNORECASE)
_GRANTED = re.compile(
    r"^[^Z]{0,12}(?:已获?授权|获授权|授权(?:发明|实用|专利))(?!.*(?:实审|实质审查|申请中|受理|公开))", re.DOTALL
)
_TITLES = re.compile(
    r"[ \u3000]+(?:副?教授|副?研究员|讲师|正?高级?工程师|高工|工程师|博士生?导师|博导|硕导|院士|博士后?|老师|助理)"
    r"(?=[\s、；;，,]|$)"
)
_FORM_TITLE = re.compile(r"登记表|成果登记|采集表|征集表|申报书|申报表|信息表|登记书")
_CERTIFICATE = re.compile(r"(?:发明专利|实用新型专利|外观设计专利)证书|国家知识产权局.{0,200}专利证书", re.DOTALL)
MIN_SUMMARY = 60


def is_form(document: Document) -> bool:
    """Whether labels stand in cells before their values: a registration form."""
    keys: set[str] = set()
    for line in document.rows:
        for cell, value in pairwise(line.cells):
            if (key := label_key(cell)) and label_key(value) is None:
                keys.add(key)
    return len(keys) >= 4 or (len(keys) >= 2 and bool(_FORM_TITLE.search(fold(document.text[:400]))))


def is_certificate(document: Document) -> bool:
    return bool(_CERTIFICATE.search(document.text[:1500])) and "专利号" in fold(document.text[:3000])


def read_statements(document: Document) -> Iterator[Candidate]:
    """The first value of each field, the title, and persons of tables."""
    in_rows = is_form(document)
    lines = document.rows if in_rows else document.lines
    usual = usual_size(lines)
    tables = list(people_tables(document.rows))
    of_tables = {(line.page, line.number) for _people, sources in tables for line in sources}
    rest = [line for line in lines if not (in_rows and (line.page, line.number) in of_tables)]
    values = list(labelled_values(rest, usual))
    seen: set[str] = set()
    for people, sources in tables:
        text = "；".join(f"{name}（{unit}）" if unit else name for name, unit in people)
        seen.add("completers")
        yield candidate("completers", text, sources[1:] or sources)
    granted = is_certificate(document)
    for value in values:
        for statement in _statements(value, granted):
            if statement.key not in seen or statement.key == "intellectual_property":
                seen.add(statement.key)
                yield statement
    if "title" not in seen and (title := _title(lines, usual)):
        yield title
    if "summary" not in seen and not in_rows and not granted and (summary := _summary(lines, values)):
        yield summary
    if "intellectual_property" not in seen:
        yield from _patents_in_text(lines)


def usual_size(lines: Sequence[Line]) -> float:
    """Height of the letters of most of the text, 0 if unknown."""
    sizes = [line.size for line in lines for _times in range(min(len(line.text) // 5, 20)) if line.size]
    return median(sizes) if sizes else 0.0


def _statements(value: Value, granted: bool) -> Iterator[Candidate]:
    text = value.text.strip()
    if value.key == ENDED or not text or not value.sources:
        return
    sources = value.sources[:8]
    if value.key in CHOICE_KEYS or (value.key == "intellectual_property" and ticked(text) is not None):
        chosen = ticked(text)
        if chosen == "":
            return
        if chosen is not None:
            yield candidate(value.key, chosen, sources)
            return
        yield candidate(value.key, text, sources)
        return
    if value.key == "inventors":
        names, is_sure = names_of([line.text for line in value.lines])
        if names:
            note = "" if is_sure else "姓名在行末断开，请核对"
            yield candidate("completers", "；".join(names), sources, note=note)
            yield candidate("lead_person", names[0], sources, note="按第一发明人填写，请核对是不是负责人")
        return
    if value.key == "intellectual_property" and (granted or _GRANTED.search(text)):
        text = _PATENT.sub(lambda number: f"{number[0]} 授权", text)
    if value.key == "completers":
        text = _TITLES.sub("", text)
        text = re.sub(r"第\s*[\d一二三四五六七八九十]+\s*完成人\s*[:：]?", "", text)
    if value.key == "title":
        text = re.sub(r"\s*\n\s*", "", text)
    yield candidate(value.key, text, sources)


def _title(lines: Sequence[Line], usual: float) -> Candidate | None:
    """The largest line of the first page, or the first line that may be a title."""
    first = [line for line in lines if line.page == 1][:40]
    possible = [line for line in first if _may_be_title(line)]
    if not possible:
        return None
    largest = max(line.size for line in possible)
    if usual and largest >= 1.15 * usual:
        start = next(place for place, line in enumerate(first) if line in possible and line.size >= 0.97 * largest)
        lines_of = [first[start]]
        for line in first[start + 1 : start + 4]:
            if abs(line.size - first[start].size) > 0.6 or not _may_be_title(line):
                break
            lines_of.append(line)
    elif possible[0] in first[:6]:
        lines_of = [possible[0]]
    else:
        return None
    text = "".join(close_gaps(line.text) for line in lines_of)
    return candidate("title", text[:200], lines_of, note="按文档标题填写，请核对")


def _may_be_title(line: Line) -> bool:
    text = line.text.strip()
    if not 5 <= len(text) <= 80 or re.search(r"[。；;：:，,！!？?]$", text) or label_key(text) is not None:
        return False
    if _NO_TITLE.search(text) or is_navigation(text) or re.search(r"[：:]", text[:12]):
        return False
    return not re.fullmatch(r".{0,20}(?:大学|学院|研究所|研究院|公司|实验室|中心)", text)


def _summary(lines: Sequence[Line], values: Sequence[Value]) -> Candidate | None:
    """The first paragraph of prose that stands under no label."""
    labelled = {(line.page, line.number) for value in values for line in value.sources}
    block: list[Line] = []
    for line in lines:
        is_prose = len(line.text) >= 18 and (line.page, line.number) not in labelled and not is_heading(line, 0)
        if is_prose or (block and block[-1].is_full and (line.page, line.number) not in labelled):
            block.append(line)
            continue
        if (text := join_lines(block)) and len(text) >= MIN_SUMMARY and "。" in text:
            break
        block = []
    text = join_lines(block)
    if len(text) < MIN_SUMMARY or "。" not in text:
        return None
    return candidate("summary", text, block[:8], note="取正文的第一段，请核对")


def _patents_in_text(lines: Sequence[Line]) -> Iterator[Candidate]:
    for line in lines:
        if numbers := _PATENT.findall(line.text):
            text = "；".join(dict.fromkeys("".join(number.split()).upper() for number in numbers))
            yield candidate("intellectual_property", text, [line], note="文中写到的专利号")


__all__ = ["CHOICE_KEYS", "LONG_KEYS", "is_certificate", "is_form", "read_statements", "usual_size"]
