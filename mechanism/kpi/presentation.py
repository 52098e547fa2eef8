"""Counted figures as texts and JSON values, for the API, the workbooks, the command and the pages."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from mechanism.kpi.definitions import WAN_IN_YI, FigureDefinition
from mechanism.kpi.formatting import format_number, format_value
from mechanism.kpi.targets import TargetProgress, progress_text, target_progress
from mechanism.kpi.totals import FigureValue, PartValue, SplitLine, Stamp
from mechanism.kpi.unconfirmed import UnconfirmedRows
from mechanism.models import Target


def value_with_unit(counted: FigureValue) -> str:
    gap = "" if counted.figure.unit.label == "%" else " "
    return f"{format_value(counted.value, counted.figure)}{gap}{counted.figure.unit.label}"


def part_text(value: PartValue) -> str:
    """For example "1.32 亿元（2.61%，12 条）"; small amounts in 万元, so that no part that has rows reads as 0."""
    share = "" if value.share is None else f"{value.share}%，"
    if value.share == 0 and value.totals.rows:
        share = "不到 0.01%，"
    if not value.unit.is_money:
        return f"{format_number(value.value)} {value.unit.label}" + (f"（{share[:-1]}）" if share else "")
    amount = f"{format_number(value.totals.total)} 万元"
    if value.totals.total >= WAN_IN_YI:
        amount = f"{value.totals.total / WAN_IN_YI:,.2f} 亿元"
    return f"{amount}（{share}{value.totals.rows:,} 条）"


def part_as_dict(value: PartValue) -> dict:
    return {
        "key": value.part.key,
        "label": value.part.label,
        "value": _exact(value.value),
        "unit": value.unit.label,
        "rows": value.totals.rows,
        "share_percent": _exact(value.share),
        "definition": value.part.definition,
    }


def stamp_as_dict(stamp: Stamp) -> dict:
    """Period, version of the definition and data date, as fields of a figure."""
    return {
        "definition_version": stamp.version,
        "definition_since": stamp.since.isoformat(),
        "read_at": stamp.read_at.isoformat(),
        "latest_on": stamp.latest_on and stamp.latest_on.isoformat(),
    }


def target_progress_by_key(values: Mapping[str, FigureValue]) -> dict[str, TargetProgress]:
    """Progress of the figures that have a target. Only the whole city has targets."""
    targets = Target.objects.for_year(next(iter(values.values())).scope.period.year) if values else {}
    progress = {
        key: target_progress(counted, targets.get(key))
        for key, counted in values.items()
        if key in targets and counted.scope.is_whole_city
    }
    return {key: value for key, value in progress.items() if value}


def figure_as_dict(counted: FigureValue, progress: TargetProgress | None = None) -> dict:
    """JSON values of a figure; decimals are strings so that they stay exact."""
    figure = counted.figure
    data: dict[str, Any] = {
        "key": figure.key,
        "label": str(figure.label),
        "value": _exact(counted.value),
        "unit": str(figure.unit.label),
        "formula": str(figure.formula),
        "period": counted.scope.period.name,
        "as_of": counted.as_of.isoformat(),
        "scope": counted.scope.label,
        "rows": counted.totals.rows,
        "notes": counted.notes,
        "incomplete": dict(counted.gaps),
        "parts": [part_as_dict(value) for value in counted.parts],
    } | stamp_as_dict(counted.stamp)
    if figure.is_rate:
        data["rate"] = {
            "by_amount": _exact(counted.totals.by_amount),
            "by_number": _exact(counted.totals.by_number),
            "part_wan": _exact(counted.totals.part),
            "whole_wan": _exact(counted.totals.total),
            "part_rows": counted.totals.part_rows,
        }
    if progress:
        data["target"] = _target_as_dict(progress, counted)
    return data


def unconfirmed_as_dict(left_out: Iterable[UnconfirmedRows]) -> dict:
    """{"unconfirmed": {state: {"rows", "amount_wan"}}}: what a figure leaves out until the parties have confirmed."""
    return {"unconfirmed": {left.state: {"rows": left.rows, "amount_wan": _exact(left.total)} for left in left_out}}


def _exact(value: Decimal | int | None) -> str | int | None:
    return str(value) if isinstance(value, Decimal) else value


def _target_as_dict(progress: TargetProgress, counted: FigureValue) -> dict:
    return {
        "value": _exact(progress.goal),
        "must_exceed": progress.must_exceed,
        "year": progress.target.year if progress.target else None,
        "source": progress.target.source if progress.target else "",
        "reached": progress.is_reached,
        "needed_per_month": _exact(progress.needed),
        "sentence": progress_text(progress, counted),
    }


def target_text(progress: TargetProgress, figure: FigureDefinition) -> str:
    """For example "> 500 亿元（2025 年）"."""
    sign = ">" if progress.must_exceed else "≥"
    year = "（%(year)s 年）" % {"year": progress.target.year} if progress.target else ""
    return f"{sign} {format_number(progress.goal)} {figure.unit.label}{year}"


def split_line_as_dict(line: SplitLine) -> dict:
    return {"name": line.name, "label": line.label, "value": _exact(line.value), "rows": line.totals.rows} | (
        ({"parts": [part_as_dict(value) for value in line.parts]} if line.parts else {})
        | ({"now": _exact(line.current.value)} if line.current else {})
    )
