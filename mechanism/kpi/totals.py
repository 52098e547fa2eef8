"""Results of counting: totals of rows, the value of a figure, a line of a split."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.query_scope import FigureScope
from mechanism.models import RateRule


@dataclass(frozen=True)
class Totals:
    """Totals of rows, amounts in 万元. `part` and `part_rows` belong to the numerator of a rate, otherwise zero."""

    rows: int = 0
    total: Decimal = Decimal(0)
    part_rows: int = 0
    part: Decimal = Decimal(0)

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.rows + other.rows,
            self.total + other.total,
            self.part_rows + other.part_rows,
            self.part + other.part,
        )

    @property
    def by_amount(self) -> Decimal | None:
        """Percent; None if the denominator is zero."""
        return _percent(self.part, self.total)

    @property
    def by_number(self) -> Decimal | None:
        return _percent(self.part_rows, self.rows)


@dataclass(frozen=True)
class FigureValue:
    """Value of a figure with the information shown beside it. `gaps`: (label, number of incomplete rows)."""

    figure: FigureDefinition
    scope: FigureScope
    totals: Totals
    as_of: date
    gaps: tuple[tuple[str, int], ...] = ()
    rule: RateRule | None = None

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
    """One line of a split. `name`: the URL value; `key`: the object, period or kind, None for rows without a value."""

    name: str
    label: str
    totals: Totals
    value: Decimal | int | None
    key: object = None


def value_of(figure: FigureDefinition, totals: Totals, rule: RateRule | None = None) -> Decimal | int | None:
    if figure.is_rate:
        return totals.by_number if rule and rule.basis == RateRule.Basis.NUMBER else totals.by_amount
    return figure.in_unit(totals.total) if figure.amount_field else totals.rows


def rate_rule_text(rule: RateRule | None) -> str:
    if rule is None:
        return "口径：没有设重点监测名单，按全部在连高校院所、合同成交金额计算"
    names = (
        "、".join(institution.short_name or institution.name for institution in rule.institutions.all())
        or "全部在连高校院所"
    )
    return "口径：%(basis)s；监测 %(names)s；自 %(day)s起" % {
        "basis": rule.get_basis_display(),
        "names": names,
        "day": f"{rule.valid_from.year}年{rule.valid_from.month}月{rule.valid_from.day}日",
    }


def _percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01")) if whole else None
