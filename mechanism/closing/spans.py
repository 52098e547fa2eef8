"""The periods that a version of a month covers. All end with the month, so they count by the same rules."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from mechanism.kpi.period import Period, parse_period
from mechanism.models import FrozenFigure

Span = FrozenFigure.Span


def parse_month(text: str) -> Period:
    """Parse 2026-09. Raises ValidationError for anything else and for a month that has not ended."""
    period = parse_period(text)
    if "-" not in period.name:
        raise ValidationError("月结按月做，请写月份，例如 2026-09。")
    if period.last >= timezone.localdate():
        raise ValidationError("%(month)s还没有结束，结束以后才能月结。" % {"month": period.label})
    return period


def spans_of(month: Period) -> dict[str, Period]:
    """{span: period}. The quarter only if the month ends it; the year is from January to the end of the month."""
    spans = {Span.MONTH.value: month}
    if month.last.month % 3 == 0:
        spans[Span.QUARTER.value] = parse_period(f"{month.year}Q{month.last.month // 3}")
    spans[Span.YEAR.value] = year_to(month.last)
    return spans


def year_to(last: date) -> Period:
    """From January to `last`. Its name is the year, because filters of a year apply to it."""
    return Period(str(last.year), date(last.year, 1, 1), last)


def closed_by(period: Period) -> tuple[str, str]:
    """(month that closes a period, span of the period in the version of that month)."""
    month = f"{period.last.year}-{period.last.month:02}"
    if period.is_year:
        return month, Span.YEAR.value
    return month, Span.QUARTER.value if "Q" in period.name else Span.MONTH.value


def span_label(span: str, last: date) -> str:
    """For example 2026年9月, 2026年第3季度, 2026年1–9月."""
    if span == Span.YEAR:
        return (
            f"{last.year}年"
            if last.month == 12
            else f"{last.year}年1–{last.month}月"
            if last.month > 1
            else f"{last.year}年1月"
        )
    if span == Span.QUARTER:
        return f"{last.year}年第{last.month // 3}季度"
    return f"{last.year}年{last.month}月"
