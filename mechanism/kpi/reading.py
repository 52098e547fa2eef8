"""A counted figure as plain values: what the API, the workbook and the command give out, and the page prints."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from mechanism.kpi.counting import Answers, Ask
from mechanism.kpi.figure import Figure
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.tally import Counted, Line
from mechanism.kpi.targets import Progress, in_words, progress
from mechanism.kpi.where import Where
from mechanism.kpi.wording import plain, shown
from mechanism.models import Target


def with_unit(counted: Counted) -> str:
    gap = "" if counted.figure.unit.label == "%" else " "
    return f"{shown(counted.value, counted.figure)}{gap}{counted.figure.unit.label}"


def counted_figures(where: Where, keys=tuple(FIGURES)) -> dict[str, Counted]:
    """Those of these figures that the asking has rows of."""
    asks = {key: Ask(FIGURES[key], where) for key in keys if where.may_see(FIGURES[key])}
    answers = Answers(asks.values())
    return {key: answers.count(ask) for key, ask in asks.items()}


def progresses(found: Mapping[str, Counted]) -> dict[str, Progress]:
    """How far the city's targets are; a part of the city has none of its own."""
    targets = Target.objects.for_year(next(iter(found.values())).where.period.year) if found else {}
    steps = {
        key: progress(counted, targets.get(key))
        for key, counted in found.items()
        if key in targets and is_whole(counted.where)
    }
    return {key: step for key, step in steps.items() if step}


def is_whole(where: Where) -> bool:
    return not where.narrowed and (where.user is None or where.user.scope.sees_all)


def described(counted: Counted, step: Progress | None = None) -> dict:
    """Values as JSON has them; sums are texts, so that none becomes a fraction of two."""
    figure = counted.figure
    told = {
        "key": figure.key,
        "label": str(figure.label),
        "value": _exact(counted.value),
        "unit": str(figure.unit.label),
        "formula": str(figure.formula),
        "period": counted.where.period.name,
        "as_of": counted.as_of.isoformat(),
        "scope": counted.where.words,
        "rows": counted.tally.rows,
        "notes": counted.notes,
        "incomplete": dict(counted.gaps),
    }
    if figure.is_rate:
        told["rate"] = {
            "by_amount": _exact(counted.tally.by_amount),
            "by_number": _exact(counted.tally.by_number),
            "part_wan": _exact(counted.tally.part),
            "whole_wan": _exact(counted.tally.total),
            "part_rows": counted.tally.part_rows,
        }
    if step:
        told["target"] = _target(step, counted)
    return told


def _exact(value: Decimal | int | None) -> str | int | None:
    return str(value) if isinstance(value, Decimal) else value


def _target(step: Progress, counted: Counted) -> dict:
    return {
        "value": _exact(step.wanted),
        "must_exceed": step.is_over,
        "year": step.target.year if step.target else None,
        "source": step.target.source if step.target else "",
        "reached": step.is_reached,
        "needed_per_month": _exact(step.needed),
        "sentence": in_words(step, counted),
    }


def target_in_words(step: Progress, figure: Figure) -> str:
    """> 500 亿元（2025 年）"""
    sign = ">" if step.is_over else "≥"
    year = _("（%(year)s 年）") % {"year": step.target.year} if step.target else ""
    return f"{sign} {plain(step.wanted)} {figure.unit.label}{year}"


def described_line(line: Line) -> dict:
    return {"name": line.name, "label": line.label, "value": _exact(line.value), "rows": line.tally.rows}
