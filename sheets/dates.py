"""Parsers of dates and periods in their various spellings."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from .cells import CellProblem, RawCell, folded_words, normalize_text

FIRST_YEAR, LAST_YEAR = 1950, 2100
# Days between the epochs of Excel's two date systems.
DAYS_1904 = 1462
_EPOCH = datetime(1899, 12, 30)
_SERIALS = range((date(FIRST_YEAR, 1, 1) - _EPOCH.date()).days, (date(LAST_YEAR, 12, 31) - _EPOCH.date()).days + 1)

_HELP = "请写成 2026-01-05"
_CLOCK = r"(?:[ T]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_DAY = re.compile(
    rf"(\d{{4}})(?:年(\d{{1,2}})月(\d{{1,2}})日?|([-/.])(\d{{1,2}})\4(\d{{1,2}})|(\d{{2}})(\d{{2}})){_CLOCK}"
)
_MONTH = re.compile(r"(\d{4})(?:年(\d{1,2})月?|[-/.](\d{1,2})|(\d{2}))")


def from_serial(serial: float, *, date1904: bool = False) -> datetime | None:
    """The datetime of an Excel serial number; None if it is out of range.

    Excel's 1900 system has a 29 February 1900 (serial 60), which did not exist. Smaller serials are corrected by a day.
    """
    if date1904:
        serial += DAYS_1904
    elif serial < 60:
        serial += 1
    try:
        moment = _EPOCH + timedelta(days=serial)
    except OverflowError:
        return None
    # Serials are rounded floats: adding a tenth of a second before truncation compensates for the rounding.
    return (moment + timedelta(milliseconds=100)).replace(microsecond=0)


@dataclass(frozen=True)
class Day:
    """A date: 2026-1-5, 2026/01/05, 2026.1.5, 2026年1月5日, 20260105, an Excel date or serial number.

    month: what "2026年1月" means: "first" or "last" day; None refuses it. Returns date.
    """

    month: Literal["first", "last"] | None = None

    @property
    def hint(self) -> str:
        return "如 2026-01-05" + ("，或 2026年1月" if self.month else "")

    def __call__(self, value: RawCell) -> date:
        if isinstance(value, datetime):
            return _in_range(value.date())
        if isinstance(value, date):
            return _in_range(value)
        text = normalize_text(value).replace(" 年", "年")
        if isinstance(value, float) and re.fullmatch(r"\d{4}\.1", text):
            raise CellProblem("分不清是 1 月还是 10 月，请写成 2026年1月 或 2026年10月")
        if re.fullmatch(r"\d{5}(\.\d+)?", text) and int(float(text)) in _SERIALS and (day := from_serial(float(text))):
            return day.date()
        text = re.sub(r"\s*([-/.年月日])\s*", r"\1", text)
        if match := _DAY.fullmatch(text):
            return _day(*[int(part) for part in match.groups() if part and part.isdigit()])
        if match := _MONTH.fullmatch(text):
            return self._of_month(*[int(part) for part in match.groups() if part])
        if re.fullmatch(r"\d{4}年?", text):
            raise CellProblem(f"只有年份，{_HELP}")
        raise CellProblem(f"认不出日期，{_HELP}")

    def _of_month(self, year: int, month: int) -> date:
        if not self.month:
            raise CellProblem(f"缺少日，{_HELP}")
        day = _day(year, month, 1)
        return _last_of_month(day) if self.month == "last" else day


def _day(year: int, month: int, day: int) -> date:
    try:
        return _in_range(date(year, month, day))
    except CellProblem:
        raise
    except ValueError as error:
        raise CellProblem(f"没有这一天，请核对，{_HELP}") from error


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellProblem(f"年份不在 {FIRST_YEAR} 到 {LAST_YEAR} 之间，请核对")
    return day


def _last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


class Period(NamedTuple):
    """A period. `start` and `end` may be None; `open_ended`: 长期; `text`: as written."""

    start: date | None
    end: date | None
    open_ended: bool
    text: str


_POINT = r"\d{{4}}(?:年(?:\d{{1,2}}月?(?:\d{{1,2}}日?)?)?|(?P<{0}>[-/.])\d{{1,2}}(?:(?P={0})\d{{1,2}})?)?"
_BETWEEN = re.compile(
    rf"(?:从|自)?(?P<start>{_POINT.format('s')})(?:--?|~|至|到|—+|–)"
    rf"(?:(?P<end>{_POINT.format('e')})(?:底|末)?|(?P<month>\d{{1,2}})月?)(?:底|末|止|之?前)?"
)
_UNTIL = re.compile(
    rf"(?:截至|截止到?|至|到|于|在)?(?P<end>{_POINT.format('e')})(?:底|末)?(?:之?前|以前|止|完成|前完成)?"
)
_SINCE = re.compile(rf"(?:从|自)?(?P<start>{_POINT.format('s')})(?:起|开始|以后|之后|以来|至今|至长期)")
# "3月" and "一季度" may be parts of a year: only 个月 and 个季度 are durations.
_DURATION = re.compile(
    r"(?:\d{1,3}-)?(?P<count>\d{1,3}(?:\.5)?|半|一|二|两|三|四|五|六|七|八|九|十|十一|十二|十八|二十四)"
    r"(?:(?P<unit>年|周|天)|个(?P<half>半)?(?P<of_months>月|季度))(?P<and_half>半)?(?:之内|以内|内|左右)?"
)
_COUNTS: dict[str, float] = {"半": 0.5, "两": 2, "十一": 11, "十二": 12, "十八": 18, "二十四": 24} | {
    word: number for number, word in enumerate("一二三四五六七八九十", 1)
}
_OPEN = folded_words("长期 长期有效 长期需求 常年 常年有效 不限 不限期 无期限 无限期 持续 永久")
_SOON = folded_words("尽快 尽早 立即 随时 待定 未定 面议 另议 协商 双方协商 急")
_PERIOD_HELP = "请写成“2026年1月至2027年12月”“长期”或“一年内”"


@dataclass(frozen=True)
class Span:
    """A period: "2026年1月至2027年12月", "2026.03-2026.12", 长期, 一年内. Returns `Period`.

    today: the day from which 一年内 counts; None means the day of parsing. A single date is the end.
    """

    today: date | None = None
    max_length: int = 60

    hint = "如“2026年1月至2027年12月”“长期”“一年内”"

    def __call__(self, value: RawCell) -> Period:
        if isinstance(value, datetime | date):
            day = Day()(value)
            return Period(None, day, False, day.isoformat())
        text = normalize_text(value)
        if len(text) > self.max_length:
            raise CellProblem(f"有 {len(text)} 个字，太长了，{_PERIOD_HELP}")
        start, end, open_ended = self._read("".join(text.split()).rstrip("。."))
        if start and end and start > end:
            raise CellProblem(f"开始晚于结束，{_PERIOD_HELP}")
        return Period(start, end, open_ended, text)

    def _read(self, text: str) -> tuple[date | None, date | None, bool]:
        if text in _OPEN or text in _SOON:
            return None, None, text in _OPEN
        if match := _BETWEEN.fullmatch(text):
            start = _boundary(match["start"])
            end = f"{start.year}-{match['month']}" if match["month"] else match["end"]
            return start, _boundary(end, last=True), False
        if match := _SINCE.fullmatch(text):
            return _boundary(match["start"]), None, True
        if match := _DURATION.fullmatch(text):
            return self._from_duration(match)
        if match := _UNTIL.fullmatch(text):
            return None, _boundary(match["end"], last=True), False
        raise CellProblem(f"认不出时限，{_PERIOD_HELP}")

    def _from_duration(self, match: re.Match[str]) -> tuple[date, date, bool]:
        start = self.today or date.today()
        count = _COUNTS.get(match["count"]) or float(match["count"])
        count += 0.5 if match["half"] or match["and_half"] else 0
        unit = match["unit"] or match["of_months"]
        if days := {"周": 7, "天": 1}.get(unit):
            return start, start + timedelta(days=round(count * days)), False
        end = _months_later(start, round(count * {"年": 12, "季度": 3, "月": 1}[unit]))
        return start, _in_range(end), False


def _boundary(text: str, *, last: bool = False) -> date:
    """The first (or last) day of the year, month or day in `text`."""
    year, *rest = [int(part) for part in re.findall(r"\d+", text)]
    month = rest[0] if rest else (12 if last else 1)
    if len(rest) == 2:
        return _day(year, month, rest[1])
    return _last_of_month(_day(year, month, 1)) if last else _day(year, month, 1)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = min(day.year + years, LAST_YEAR + 1)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
