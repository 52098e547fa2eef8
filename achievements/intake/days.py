"""Dates as people write them. Values are `datetime.date`; a month is its first day."""

import re
from datetime import date, datetime

from achievements.intake.reading import CellContext, Reading, ask, propose, read, refuse
from sheets.cells import CellProblem, Formula, RawCell, normalize_text
from sheets.numerals import NUMERAL_RUN, chinese_number

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_EARLIEST = 1985
_NOISE = re.compile(r"(?:通过|完成|评价|鉴定|验收|于|取得|证书|发证|日期|时间|[:：]|左右|前后|约|\(.*?\))")
_NONE = re.compile(r"(?:未|尚未|没有|没|待|无需|暂未)(?:评价|评估|鉴定|验收|做|进行|开展)?")


def read_day(value: RawCell, context: CellContext) -> Reading:
    """A date. In the future it is asked; 3/4/2023 is asked too, because day and month may be meant either way."""
    if isinstance(value, Formula):
        return refuse("是公式，没有保存结果，请改为日期")
    today = context.sheet.today if context.sheet else date.today()
    text = "".join(normalize_text(value).split()).casefold() if not isinstance(value, datetime | date) else ""
    if isinstance(value, float) and re.fullmatch(r"\d{4}\.1", text):
        year = int(text[:4])
        return ask(
            date(year, 10, 1),
            "Excel 把末尾的 0 去掉了，分不清是 10 月还是 1 月",
            "month-1-or-10",
            options=(date(year, 1, 1),),
        )
    try:
        day = context.parse(value)
    except CellProblem as problem:
        return _in_past(_lenient(text, normalize_text(value), str(problem), today), today)
    return _in_past(read(day), today)


def _in_past(reading: Reading, today: date) -> Reading:
    if isinstance(reading.value, date) and reading.value > today:
        return ask(reading.value, "日期在今天以后，请核对年份", "future")
    if isinstance(reading.value, date) and reading.value.year < _EARLIEST:
        return ask(reading.value, "日期很早，请核对年份", "early")
    return reading


def _lenient(text: str, spaced: str, problem: str, today: date) -> Reading:
    if _NONE.fullmatch(text):
        return propose(None, "没有日期，留空", "no-date")
    if "没有这一天" in problem:
        return refuse(problem, "no-such-day")
    if re.fullmatch(r"\d{4}\s+\d{1,2}(?:\s+\d{1,2})?", spaced.strip()):
        text = "-".join(spaced.split())
    if english := _english(spaced.casefold(), today):
        return english
    plain = _plain(text)
    return _numeric(plain, today)


def _numeric(plain: str, today: date) -> Reading:
    if match := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", plain):
        return _day_and_month(*map(int, match.groups()))
    if match := re.fullmatch(r"(\d{4}|\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?", plain):
        return _day(_year(match[1], today), int(match[2]), int(match[3]), "写法已换算")
    if match := re.fullmatch(r"(\d{4}|\d{2})[-/.年](\d{1,2})月?(?:份)?", plain):
        return _day(_year(match[1], today), int(match[2]), 1, "只写到月，按当月 1 日记录")
    if match := re.fullmatch(r"(\d{4}|\d{2})年?(\d{1,2})月(上旬|中旬|下旬|初|中|底|末)", plain):
        return _part_of_month(_year(match[1], today), int(match[2]), match[3])
    return _incomplete(plain)


def _incomplete(plain: str) -> Reading:
    if re.fullmatch(r"(\d{4})年?(?:度)?", plain):
        return ask(None, "只有年份，请补上月和日", "year-only")
    if re.search(r"[-~至到—]", plain) and len(re.findall(r"\d{4}", plain)) == 2:
        return ask(None, "写的是一段时间，请填评价（完成）的那一天", "period")
    return refuse("认不出日期，请写成 2026-01-05", "unreadable")


def _plain(text: str) -> str:
    """Chinese numerals as digits, odd separators as dashes, without words such as 通过."""
    text = _NOISE.sub("", text.replace("ニ", "二")).strip("'‘’`\"")
    text = NUMERAL_RUN.sub(_digits, text)
    text = re.sub(r"[。、，,_\\·\s]", "-", text).strip("-.")
    text = re.sub(r"(?<=\d)([年月日号])[-.]", r"\1", text)
    return re.sub(r"\d{1,2}:\d{2}(?::\d{2})?$", "", text).strip("-t")


def _digits(match: re.Match[str]) -> str:
    number = chinese_number(match[0])
    return match[0] if number is None or number != int(number) else str(int(number))


def _year(text: str, today: date) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return 2000 + year if year <= (today.year + 1) % 100 else 1900 + year


def _day(year: int, month: int, day: int, message: str) -> Reading:
    try:
        return propose(date(year, month, day), message, "spelling")
    except ValueError:
        return refuse("没有这一天，请核对", "no-such-day")


def _day_and_month(first: int, second: int, year: int) -> Reading:
    if first > 12:
        return _day(year, second, first, "按日/月/年读")
    if second > 12 or first == second:
        return _day(year, first, second, "按月/日/年读")
    return ask(
        date(year, first, second),
        f"分不清是 {first} 月 {second} 日还是 {second} 月 {first} 日",
        "day-or-month",
        options=(date(year, second, first),),
    )


def _part_of_month(year: int, month: int, part: str) -> Reading:
    if not 1 <= month <= 12:
        return refuse("没有这个月，请核对", "no-such-day")
    if part in {"底", "末"}:
        first_of_next = date(year + month // 12, month % 12 + 1, 1)
        return propose(date.fromordinal(first_of_next.toordinal() - 1), "按当月最后一天记录", "part-of-month")
    return propose(date(year, month, 1), f"“{part}”按当月 1 日记录", "part-of-month")


def _english(text: str, today: date) -> Reading | None:
    match = re.search(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", text)
    if not match:
        return None
    numbers = re.findall(r"\d+", text)
    years = [number for number in numbers if len(number) == 4] or numbers[-1:]
    days = [number for number in numbers if number != years[0]] if years else []
    if not years:
        return None
    return _day(_year(years[0], today), _MONTHS[match[1]], int(days[0]) if days else 1, "写法已换算")
