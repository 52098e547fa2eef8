"""Results of counting: totals of rows, the value of a figure, a line of a split."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from mechanism.kpi.definitions import YI, FigureDefinition, FigurePart, Unit
from mechanism.kpi.period import Period
from mechanism.kpi.query_scope import FigureScope
from mechanism.models import RateRule


@dataclass(frozen=True)
class PartTotals:
    """Rows and 万元 of a `FigurePart`."""

    rows: int = 0
    total: Decimal = Decimal(0)

    def __add__(self, other: "PartTotals") -> "PartTotals":
        return PartTotals(self.rows + other.rows, self.total + other.total)


@dataclass(frozen=True)
class Totals:
    """Totals of rows, amounts in 万元. `part` and `part_rows` belong to the numerator of a rate, otherwise zero.

    parts: key of a `FigurePart` → its totals, of the parts that have rows.
    """

    rows: int = 0
    total: Decimal = Decimal(0)
    part_rows: int = 0
    part: Decimal = Decimal(0)
    parts: Mapping[str, PartTotals] = field(default_factory=dict)

    def __add__(self, other: "Totals") -> "Totals":
        keys = dict.fromkeys([*self.parts, *other.parts])
        none = PartTotals()
        return Totals(
            self.rows + other.rows,
            self.total + other.total,
            self.part_rows + other.part_rows,
            self.part + other.part,
            {key: self.parts.get(key, none) + other.parts.get(key, none) for key in keys},
        )

    @property
    def by_amount(self) -> Decimal | None:
        """Percent; None if the denominator is zero."""
        return _percent(self.part, self.total)

    @property
    def by_number(self) -> Decimal | None:
        return _percent(self.part_rows, self.rows)


@dataclass(frozen=True)
class Stamp:
    """What a number is valid for: its period, the version of its definition and the date of its data.

    read_at: when the rows were read. latest_on: day of the latest counted row; None without rows.
    """

    period: Period
    version: str
    since: date
    read_at: datetime
    latest_on: date | None = None

    @property
    def text(self) -> str:
        read_at = timezone.localtime(self.read_at)
        latest = f"，最近一条 {self.latest_on:%Y-%m-%d}" if self.latest_on else ""
        definition = f"口径 {self.version}（{self.since:%Y-%m-%d} 起）"
        return f"期间 {self.period.label}；{definition}；数据 {read_at:%Y-%m-%d %H:%M}{latest}"


@dataclass(frozen=True)
class PartValue:
    """A part of a figure. `value` in the unit of the figure (of an amount in 亿元 for a rate); `share` in percent of
    the figure, None if it is zero."""

    part: FigurePart
    totals: PartTotals
    value: Decimal | int
    share: Decimal | None
    unit: Unit


@dataclass(frozen=True)
class FigureValue:
    """Value of a figure with the information shown beside it. `gaps`: (label, number of incomplete rows)."""

    figure: FigureDefinition
    scope: FigureScope
    totals: Totals
    as_of: date
    gaps: tuple[tuple[str, int], ...] = ()
    rule: RateRule | None = None
    read_at: datetime = field(default_factory=timezone.now, compare=False)
    latest_on: date | None = None
    with_parts: bool = True

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.scope.period, self.figure.version, self.figure.since, self.read_at, self.latest_on)

    @property
    def parts(self) -> list[PartValue]:
        return parts_of(self.figure, self.totals) if self.with_parts else []

    @property
    def value(self) -> Decimal | int | None:
        """In the unit of the figure."""
        return value_of(self.figure, self.totals, self.rule)

    @property
    def notes(self) -> list[str]:
        """The rule of a rate, and how complete the rows are."""
        rule = [rate_rule_text(self.rule)] if self.figure.is_rate else []
        lacking = [f"{label} {number}" for label, number in self.gaps if number]
        return [
            *rule,
            "完整性：%(gaps)s" % {"gaps": "，".join(lacking)} if lacking else "完整性：所列记录没有缺项",
        ]


@dataclass(frozen=True)
class SplitLine:
    """One line of a split. `name`: the URL value; `key`: the object, period or kind, None for rows without a value.

    `current`: of a signed line the line as it is counted now, if that differs.
    """

    name: str
    label: str
    totals: Totals
    value: Decimal | int | None
    key: object = None
    parts: list[PartValue] = field(default_factory=list, compare=False)
    current: "SplitLine | None" = field(default=None, compare=False)


def parts_of(figure: FigureDefinition, totals: Totals) -> list[PartValue]:
    """The parts of a figure or of a line of its split, in the order of the definition, also those without rows."""
    unit = YI if figure.is_rate else figure.unit
    values = []
    for part in figure.parts:
        counted = totals.parts.get(part.key, PartTotals())
        if figure.amount_field:
            value: Decimal | int = unit.convert(counted.total)
            share = _percent(counted.total, totals.total)
        else:
            value, share = counted.rows, _percent(counted.rows, totals.rows)
        values.append(PartValue(part, counted, value, share, unit))
    return values


def value_of(figure: FigureDefinition, totals: Totals, rule: RateRule | None = None) -> Decimal | int | None:
    if figure.is_rate:
        return totals.by_number if rule and rule.basis == RateRule.Basis.NUMBER else totals.by_amount
    return figure.in_unit(totals.total) if figure.amount_field else totals.rows


def rate_rule_text(rule: RateRule | None) -> str:
    if rule is None:
        return f"口径：没有设重点监测名单，按全部{settings.CITY.in_city}高校院所、合同成交金额计算"
    names = (
        "、".join(institution.short_name or institution.name for institution in rule.institutions.all())
        or f"全部{settings.CITY.in_city}高校院所"
    )
    return "口径：%(basis)s；监测 %(names)s；自 %(day)s起" % {
        "basis": rule.get_basis_display(),
        "names": names,
        "day": f"{rule.valid_from.year}年{rule.valid_from.month}月{rule.valid_from.day}日",
    }


def _percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01")) if whole else None
