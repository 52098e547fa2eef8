"""Parses the decisions in meeting minutes: numbered lines with responsible body and due date. No Django."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

NUMBERED = re.compile(r"^\s*(?:[（(]?[0-9]{1,2}[)）.、．]|[（(]?[一二三四五六七八九十]{1,3}[)）、])\s*(?P<rest>\S.*)$")
BODY = re.compile(
    r"(?:责任单位|牵头单位|由)\s*[:：]?\s*(?P<body>[^，,；;。（）()]{2,60}?)(?=[，,；;。）)]|负责|牵头|$)"
)
DAY = re.compile(
    r"(?:(?P<year>20\d\d)\s*年)?\s*(?P<month>1[0-2]|0?[1-9])\s*月\s*(?:(?P<day>3[01]|[12]\d|0?[1-9])\s*[日号]|(?P<end>底|末))"
)
YEAR_END = re.compile(r"(?:(?P<year>20\d\d)\s*)?年(?:底|末)前")
BRACKETS = re.compile(r"[（(][^（）()]*(?:责任单位|牵头单位|月|年底)[^（）()]*[)）]")
TASK_KEYWORDS = (
    (8, ("基金", "投资", "融资")),
    (9, ("中试", "小试", "概念验证", "基地")),
    (5, ("中介", "经纪", "服务机构")),
    (2, ("评价", "评估", "成熟度")),
    (6, ("孵化", "公司化", "作价入股", "创办")),
    (4, ("政策", "堵点", "细则", "办法")),
    (3, ("企业", "对接", "需求", "市场主体")),
    (7, ("应用", "示范", "合同", "场景")),
    (1, ("征集", "挖掘", "成果", "入库")),
)
"""(task number, keywords); the first match wins."""


@dataclass(frozen=True)
class Decision:
    """`body`: responsible body; `task`: task number."""

    title: str
    body: str = ""
    due_on: date | None = None
    task: int | None = None


def parse_decisions(text: str, held_on: date) -> list[Decision]:
    """The numbered lines of `text`, at most 60. A date without a year is the next one after the meeting."""
    matches = (NUMBERED.match(line) for line in text.splitlines())
    return [_parse_decision(match["rest"].strip(), held_on) for match in matches if match][:60]


def _parse_decision(line: str, held_on: date) -> Decision:
    body = BODY.search(line)
    title = BRACKETS.sub("", line).strip("；;。 ")[:200]
    number = next((number for number, words in TASK_KEYWORDS if any(word in title for word in words)), None)
    return Decision(title or line[:200], body["body"].strip() if body else "", _parse_due_date(line, held_on), number)


def _parse_due_date(line: str, held_on: date) -> date | None:
    if match := DAY.search(line):
        month = int(match["month"])
        year = int(match["year"] or held_on.year)
        last = monthrange(year, month)[1]
        day = last if match["end"] else min(int(match["day"]), last)
        due_on = date(year, month, day)
        if match["year"] or due_on >= held_on:
            return due_on
        return date(year + 1, month, min(day, monthrange(year + 1, month)[1]))
    if match := YEAR_END.search(line):
        return date(int(match["year"] or held_on.year), 12, 31)
    return None
