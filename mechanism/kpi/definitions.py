"""Declaration of a figure: model, rows, date field, amount field, dimensions, parts and the formula shown to users."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Exists, F, Model, Q, QuerySet
from django.db.models.expressions import Combinable

from accounts.models import User
from mechanism.kpi.definition_versions import version_of
from mechanism.kpi.period import Period

WAN_IN_YI = Decimal(10000)


@dataclass(frozen=True)
class Unit:
    """Unit of a figure. Sums are kept in 万元 and divided by `per` for display, with `places` decimal places."""

    label: str
    per: Decimal = Decimal(1)
    places: int = 0

    @property
    def is_money(self) -> bool:
        return self in (YI, WAN)

    def convert(self, wan: Decimal | int) -> Decimal:
        """万元 in this unit."""
        return (Decimal(wan) / self.per).quantize(Decimal(1).scaleb(-self.places))


YI = Unit("亿元", WAN_IN_YI, 4)
WAN = Unit("万元", places=2)
PERCENT = Unit("%", places=2)


def count_unit(measure_word: str) -> Unit:
    """Unit of a plain count, named by its Chinese measure word."""
    return Unit(measure_word)


@dataclass(frozen=True)
class Dimension:
    """A dimension by which figures are split and filtered. `unknown` labels the line of rows without a value."""

    label: str
    unknown: str


DIMENSIONS = {
    "region": Dimension("区市县", "未填统计归口"),
    "industry": Dimension("产业链", "未填产业链"),
    "institution": Dimension("高校院所", "不是平台上的高校院所"),
    "agency": Dimension("服务机构", "没有服务机构"),
    "round": Dimension("对接活动", "不出自对接活动"),
    "kind": Dimension("类别", "未填类别"),
}
TIMES = {"year": "年度", "quarter": "季度", "month": "月份"}


FIRST_VERSIONS = date(2026, 12, 1)
"""The day from which definitions have versions."""
PLATFORM, UNPAID, UNRECORDED, RELATED = "platform", "unpaid", "unrecorded", "related"
"""Keys of the parts that stand beside turnover."""


@dataclass(frozen=True, eq=False)
class FigurePart:
    """A part of a figure (其中…), counted in the same SQL statement as the figure and in its splits.

    label: without "其中". definition: Chinese sentence that says which rows are in it.
    condition: the rows of the part; None if `amount` decides.
    amount: what of a row's amount belongs to the part, in 万元; by default the whole amount of the figure. Rows with
        an amount above zero are in the part.
    follows_payments: the part is counted as of the moment of reading, not of the end of the period, so that it
        changes with later payments while the figure stays.
    """

    key: str
    label: str
    definition: str
    condition: Q | Exists | None = None
    amount: Combinable | None = None
    follows_payments: bool = False


@dataclass(frozen=True, eq=False)
class FigureDefinition:
    """One entry of the registry. Instances compare by identity.

    select_rows: filters the rows of `model` that count, independent of the date; may annotate fields used below.
    date_field: lookup of the date that assigns a row to a period; a datetime if `is_datetime`.
    visible_rows: queryset of the rows a user may see; the user is None for sums of the whole city.
    is_snapshot: the figure counts what exists at the end of the period (with `end_date_field` as lookup of the last
        valid day); any other figure counts what happened during the period.
    amount_field: lookup of the amount in 万元; empty to count rows.
    numerator: makes the figure a rate; condition of the rows in the numerator.
    dimensions: dimension name → lookup or expression. kind_labels: value → label of the dimension "kind".
    gaps: (label, condition) of incomplete rows, reported beside the figure.
    parts: what of the figure is shown beside it, such as 其中平台促成. Parts may overlap.
    since: the day from which this version of the definition is used; `version` says which version it is.
    audited_fields: fields whose change alters a past figure. `state_field` is the one that decides whether a row
        counts, `counted_states` are the values with which it does.
    is_target: the city sets targets for this figure.
    unconfirmed: key of `unconfirmed.STATES` → filter of rows that do not count because a named party has not confirmed
        or objects, because nobody checked them, or because of a decision; they are shown apart. `state`: this key, of
        the figure that counts such rows.
    """

    key: str
    label: str
    formula: str
    unit: Unit
    model: type[Model]
    select_rows: Callable[[QuerySet, Period], QuerySet]
    date_field: str
    visible_rows: Callable[[User | None], QuerySet]
    is_datetime: bool = False
    is_snapshot: bool = False
    end_date_field: str = ""
    amount_field: str = ""
    numerator: Q | None = None
    dimensions: Mapping[str, str | Combinable] = field(default_factory=dict)
    kind_labels: Mapping[str, str] = field(default_factory=dict)
    gaps: tuple[tuple[str, Q], ...] = ()
    parts: tuple[FigurePart, ...] = ()
    audited_fields: frozenset[str] = frozenset()
    state_field: str = ""
    counted_states: frozenset[str] = frozenset()
    is_target: bool = False
    unconfirmed: Mapping[str, Callable[[QuerySet, Period], QuerySet]] = field(default_factory=dict)
    since: date = FIRST_VERSIONS
    state: str = ""

    @cached_property
    def version(self) -> str:
        """Eight hexadecimal digits that change with the rows, amounts, parts or splits by which the figure is counted.

        Computed once per process, without a query.
        """
        return version_of(self)

    @cached_property
    def parts_by_key(self) -> dict[str, FigurePart]:
        return {part.key: part for part in self.parts}

    @property
    def is_rate(self) -> bool:
        return self.numerator is not None

    @property
    def is_money(self) -> bool:
        return bool(self.amount_field) and self.unit.is_money

    @property
    def amount_label(self) -> str:
        """Heading of the amounts of the rows: 万元, unless the figure adds up something else, such as jobs."""
        return "金额（万元）" if self.is_money or self.is_rate else f"数量（{self.unit.label}）"

    def dimension_expression(self, dimension: str) -> Combinable:
        lookup = self.dimensions[dimension]
        return F(lookup) if isinstance(lookup, str) else lookup

    def in_unit(self, value: Decimal | int | None) -> Decimal | int | None:
        """Convert a sum in 万元 to the unit of the figure; counts and rates are returned unchanged."""
        if value is None or not self.is_money:
            return value
        return self.unit.convert(value)
