"""What counting gives: sums of rows, a figure with what is printed beside it, a line of a split."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from mechanism.kpi.figure import Figure
from mechanism.kpi.where import Where
from mechanism.models import RateRule


@dataclass(frozen=True)
class Tally:
    """What rows come to. Money in 万元. `part` and `part_rows` are those of a rate's numerator, else zero."""

    rows: int = 0
    total: Decimal = Decimal(0)
    part_rows: int = 0
    part: Decimal = Decimal(0)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.rows + other.rows,
            self.total + other.total,
            self.part_rows + other.part_rows,
            self.part + other.part,
        )

    @property
    def by_amount(self) -> Decimal | None:
        """Percent; None where there is nothing to divide by."""
        return _percent(self.part, self.total)

    @property
    def by_number(self) -> Decimal | None:
        return _percent(self.part_rows, self.rows)


@dataclass(frozen=True)
class Counted:
    """A figure with everything that is printed beside it."""

    figure: Figure
    where: Where
    tally: Tally
    as_of: date
    gaps: tuple[tuple[str, int], ...] = ()
    rule: RateRule | None = None

    @property
    def value(self) -> Decimal | int | None:
        """In the figure's unit."""
        return value_of(self.figure, self.tally, self.rule)

    @property
    def notes(self) -> list[str]:
        """What the count rests on besides its formula: the rule of a rate, and how complete the rows are."""
        said = [rule_in_words(self.rule)] if self.figure.is_rate else []
        lacking = [f"{label} {number}" for label, number in self.gaps if number]
        return [
            *said,
            _("完整性：%(gaps)s") % {"gaps": "，".join(lacking)} if lacking else _("完整性：所列记录没有缺项"),
        ]


@dataclass(frozen=True)
class Line:
    """One line of a split: `name` as an address writes it, `key` the value itself, None for what rows do not say."""

    name: str
    label: str
    tally: Tally
    value: Decimal | int | None
    key: object = None


def value_of(figure: Figure, tally: Tally, rule: RateRule | None = None) -> Decimal | int | None:
    if figure.is_rate:
        return tally.by_number if rule and rule.basis == RateRule.Basis.NUMBER else tally.by_amount
    return figure.shown(tally.total) if figure.amount else tally.rows


def rule_in_words(rule: RateRule | None) -> str:
    if rule is None:
        return _("口径：没有设重点监测名单，按全部在连高校院所、合同成交金额计算")
    names = "、".join(one.short_name or one.name for one in rule.institutions.all()) or _("全部在连高校院所")
    return _("口径：%(basis)s；监测 %(names)s；自 %(day)s起") % {
        "basis": rule.get_basis_display(),
        "names": names,
        "day": f"{rule.valid_from.year}年{rule.valid_from.month}月{rule.valid_from.day}日",
    }


def _percent(part, whole) -> Decimal | None:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01")) if whole else None
