"""Labels with their values: 成果名称：…, cells of a form, headings above paragraphs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from .lines import Line, fold, join_lines

ENDED = ""
"""Key of labels that end a value and are not read."""
_COLON_LABELS = {"名称": "title", "单位": "institution", "题目": "title", "团队": "completers"}
"""Words that are labels only before a colon."""
LONG_KEYS = frozenset({"summary", "innovation", "indicators", "scenario", "economics", "limits", "maturity_evidence"})
"""Fields whose value goes on over several lines."""
LIST_KEYS = frozenset(
    {"completers", "inventors", "intellectual_property", "partner_names", "keywords", "wanted_partner"}
)
MAX_LABEL, MOST_SOURCES = 18, 40
_NUMERALS = "[一二三四五六七八九十]"
_NUMBER = rf"(?:[（(【]?(?:{_NUMERALS}{{1,3}}|\d{{1,2}})[)）】]?\s*[、.．:：]?\s*|第{_NUMERALS}+[部章节]分?\s*)"
_NUMBERED = re.compile(rf"^{_NUMBER}(?=[^\d\s.])")
_DECORATION = re.compile(r"^[\s●•·■◆▪►▶★☆※◎○□*#>|｜【\[〖「『]+|[\s】\]〗」』|｜*#]+$")
_REMARK = re.compile(r"[（(][^（）()]{0,30}[)）]\s*$")
_SUFFIX = re.compile(r"(?:分析|情况|说明|概况|简述|如下|内容)$")
_HEADING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十]+[部章节]|[（(][一二三四五六七八九十]{1,3}[)）]|【.{2,16}】$|\d{1,2}[、.．]\s*[^\d\s]).{0,24}$"
)
_INLINE = re.compile(r"(?:^|(?<=[\s；;，,。|｜]))\s*([^\s：:；;，,。|｜][^：:；;，,。|｜]{0,24}?)\s*[：:]")
_SPACED_LABEL = re.compile(r"^\s*(\S{2,10})\s+(?=\S)")
_BRACKETED_LABEL = re.compile(r"^\s*[【\[〖]([^】\]〗]{2,12})[】\]〗]\s*(?=\S)")
_UNKNOWN_LABEL = re.compile(r"^[一-鿿]{2,8}\s*[：:]")
_WITH_NAMES = frozenset({"indicators", "innovation", "completers", "intellectual_property"})
"""Fields in whose values lines such as 除霜时间：≤8 min stand."""
_OPTION = re.compile(r"[□☐○◯▢⬜]|[☑■☒√✓✔✅●◉⬛▣]|\[\s?[xX√✓]?\s?\]|[（(]\s?[√✓]?\s?[)）]")
_TICKS = frozenset("☑■☒√✓✔✅●◉⬛▣xX")


@dataclass(slots=True)
class Value:
    """What stands behind a label: `key` of its field, `lines` of the value, `sources`: lines with label and value."""

    key: str
    lines: list[Line] = field(default_factory=list)
    sources: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        if self.key in LIST_KEYS:
            return "\n".join(line.text for line in self.lines)
        return join_lines(self.lines)


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for line in Path(__file__).with_name("labels.txt").read_text(encoding="utf-8").splitlines():
        key, colon, words = line.partition(": ")
        if colon and not line.startswith("#"):
            for word in words.split():
                known.setdefault(fold(word), ENDED if key == "ended" else key)
    return known


def label_key(text: str) -> str | None:
    """The key of the field that a label names, ENDED for a label that is not read, None for any other text."""
    bare = "".join(text.split())
    if not 1 < len(bare) <= 40:
        return None
    for _turn in range(3):
        shorter = _NUMBERED.sub("", _DECORATION.sub("", bare)).strip("：:")
        if shorter == bare:
            break
        bare = shorter
    known = _known()
    for wording in (bare, _REMARK.sub("", bare), _SUFFIX.sub("", bare), bare.removeprefix("主要")):
        if len(wording) <= MAX_LABEL and (key := known.get(fold(wording))) is not None:
            return key
    return None


def is_label(text: str) -> bool:
    return label_key(text) is not None


def is_heading(line: Line, usual_size: float) -> bool:
    """Whether a line without a known label begins a new part of the document."""
    text = line.text.strip()
    if re.search(r"[。；;，,：:]$", text) or len(text) > 28:
        return False
    is_numbered = bool(_HEADING.match(text)) and not text[0].isdigit()
    return is_numbered or (usual_size > 0 and line.size >= 1.18 * usual_size)


def labelled_values(lines: Sequence[Line], usual_size: float = 0.0) -> Iterator[Value]:
    """The values in the order of the document. Rows of tables with persons are left to `people`."""
    current: Value | None = None
    for line in lines:
        parts = _cell_parts(line) if len(line.cells) > 1 else None
        if parts is None:
            parts = _text_parts(line)
        for place, (key, text) in enumerate(parts):
            if key is None:
                if current is None or not text:
                    continue
                if place == 0 and _ends(current, line, usual_size):
                    yield current
                    current = None
                    continue
                _extend(current, line, text)
                continue
            if current is not None:
                yield current
            current = Value(key, sources=[line])
            if text:
                _extend(current, line, text)
    if current is not None:
        yield current


def _ends(current: Value, line: Line, usual_size: float) -> bool:
    if is_heading(line, usual_size):
        return True
    is_new = bool(current.lines) and not current.lines[-1].is_full
    if is_new and current.key not in _WITH_NAMES and _UNKNOWN_LABEL.match(line.text):
        return True
    if not current.lines or current.key in LONG_KEYS:
        return False
    if current.key in LIST_KEYS:
        return len(current.lines) >= 12
    last = current.lines[-1]
    return not (last.is_full and last.page == line.page)


def _extend(value: Value, line: Line, text: str) -> None:
    for part in filter(None, (piece.strip() for piece in text.split("\n"))):
        value.lines.append(Line((part,), line.page, line.number, line.size, line.row, line.is_full))
    if value.sources[-1] is not line and len(value.sources) < MOST_SOURCES:
        value.sources.append(line)


def _cell_parts(line: Line) -> list[tuple[str | None, str]] | None:
    """(key, value) of the cells of a row; None if no cell is a label."""
    keys = [label_key(cell) for cell in line.cells]
    if not any(key is not None for key in keys):
        return None
    parts: list[tuple[str | None, str]] = []
    for cell, key in zip(line.cells, keys, strict=True):
        if key is not None:
            parts.append((key, ""))
        elif inline := [part for part in _inline_parts(cell) if part[0] is not None]:
            parts += inline
        elif not parts or parts[-1][0] is None:
            parts.append((None, cell))
        else:
            parts[-1] = (parts[-1][0], "\n".join(filter(None, (parts[-1][1], cell))))
    return parts


def _text_parts(line: Line) -> list[tuple[str | None, str]]:
    text = line.text
    if (key := label_key(text)) is not None and (not re.search(r"[。；;，,]$", text)):
        return [(key, "")]
    return _inline_parts(text)


def _colon_key(text: str) -> str | None:
    key = label_key(text)
    return _COLON_LABELS.get("".join(text.split())) if key is None else key


def _inline_parts(text: str) -> list[tuple[str | None, str]]:
    """(key, value) of "label：value" in a line, several of them too; the text before the first has no key."""
    marks = [(match, key) for match in _INLINE.finditer(text) if (key := _colon_key(match[1])) is not None]
    for pattern in () if marks else (_SPACED_LABEL, _BRACKETED_LABEL):
        if (match := pattern.match(text)) and (key := label_key(match[1])) is not None:
            return [(key, text[match.end() :])]
    parts: list[tuple[str | None, str]] = []
    end = marks[0][0].start() if marks else len(text)
    if text[:end].strip():
        parts.append((None, text[:end].strip()))
    for place, (match, key) in enumerate(marks):
        end = marks[place + 1][0].start() if place + 1 < len(marks) else len(text)
        parts.append((key, text[match.end() : end].strip(" ；;|｜")))
    return parts


# --- Boxes -----------------------------------------------------------------------------------------------------------
def ticked(text: str) -> str | None:
    """The ticked options of a text with boxes, divided by "；"; "" if none is ticked, None without boxes."""
    marks = list(_OPTION.finditer(text))
    empty = [mark for mark in marks if not _is_tick(mark[0])]
    if not marks or (not empty and len(marks) == 1 and not _is_box(marks[0][0])):
        return None
    is_behind = marks[0].start() > 0 and bool(text[: marks[0].start()].strip()) and not _is_box(marks[0][0])
    chosen = []
    for place, mark in enumerate(marks):
        if not _is_tick(mark[0]):
            continue
        if is_behind:
            start = marks[place - 1].end() if place else 0
            option = text[start : mark.start()]
        else:
            end = marks[place + 1].start() if place + 1 < len(marks) else len(text)
            option = text[mark.end() : end]
        chosen.append(re.sub(r"^[\s\d.、．:：；;，,/]+|[\s；;，,、/]+$", "", option))
    return "；".join(filter(None, chosen))


def _is_tick(mark: str) -> bool:
    return any(character in _TICKS for character in mark)


def _is_box(mark: str) -> bool:
    return mark in "□☐○◯▢⬜☑■☒✅●◉⬛▣" or mark.startswith("[")


# --- Tables of persons -----------------------------------------------------------------------------------------------
_NAME_HEADERS = ("姓名", "完成人姓名", "主要完成人", "完成人")
_UNIT_HEADERS = ("工作单位", "单位", "所在单位", "完成单位", "工作单位（全称）", "现工作单位")
_OTHER_HEADERS = (
    "序号",
    "排名",
    "性别",
    "出生年月",
    "技术职称",
    "职称",
    "文化程度",
    "学历",
    "学位",
    "对成果创造性贡献",
    "贡献",
    "职务",
    "专业",
)


def people_tables(lines: Sequence[Line]) -> Iterator[tuple[list[tuple[str, str]], list[Line]]]:
    """([(name, unit)], lines) of each table whose header names 姓名 and other properties of persons."""
    header: dict[str, int] | None = None
    people: list[tuple[str, str]] = []
    sources: list[Line] = []
    for line in lines:
        places = _people_header(line.cells)
        if header is not None and not places and _is_person(line.cells, header):
            person = (_cell(line.cells, header["name"]), _cell(line.cells, header.get("unit", -1)))
            people.append(person)
            # Birthdays and numbers of persons stand in the same row; the quotation has none of them.
            sources.append(replace(line, cells=tuple(filter(None, person))))
            continue
        if people:
            yield people, sources
        header, people, sources = places, [], [line] if places else []
    if people:
        yield people, sources


def _people_header(cells: Sequence[str]) -> dict[str, int] | None:
    folded = [fold(cell) for cell in cells]
    name = next((place for place, cell in enumerate(folded) if cell in _NAME_HEADERS), None)
    unit = next((place for place, cell in enumerate(folded) if cell in map(fold, _UNIT_HEADERS)), None)
    others = sum(cell in _OTHER_HEADERS or cell.startswith("身份证") for cell in folded)
    if name is None or others + (unit is not None) < 2:
        return None
    return {"name": name} | ({} if unit is None else {"unit": unit}) | {"width": len(cells)}


def _is_person(cells: Sequence[str], header: dict[str, int]) -> bool:
    if len(cells) < 2 or header["name"] >= len(cells) or abs(len(cells) - header["width"]) > 1:
        return False
    name = "".join(cells[header["name"]].split())
    return bool(re.fullmatch(r"[一-鿿]{2,4}(?:·[一-鿿]{1,10})?|[A-Za-z .]{3,30}", name)) and label_key(name) is None


def _cell(cells: Sequence[str], place: int) -> str:
    if not 0 <= place < len(cells):
        return ""
    text = cells[place]
    return "".join(text.split()) if re.search(r"[一-鿿]", text) else text.strip()
