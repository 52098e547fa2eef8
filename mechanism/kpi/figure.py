"""What a figure is: which rows, on which day, of which money, in whose region, and in words how it is counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Exists, F, Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from mechanism.kpi.period import Period

WAN_IN_YI = Decimal(10000)


@dataclass(frozen=True)
class Unit:
    """`label` as people read it; sums are kept in 万元 and shown divided by `per`."""

    label: str
    per: Decimal = Decimal(1)
    places: int = 0


YI = Unit(_("亿元"), WAN_IN_YI, 4)
WAN = Unit(_("万元"), places=2)
PERCENT = Unit("%", places=2)


def number_of(word: str) -> Unit:
    return Unit(word)


@dataclass(frozen=True)
class Dimension:
    """By what figures are split and narrowed. `unknown` names the line of rows that do not say."""

    label: str
    unknown: str


DIMENSIONS = {
    "region": Dimension(_("区市县"), _("未填统计归口")),
    "industry": Dimension(_("产业链"), _("未填产业链")),
    "institution": Dimension(_("高校院所"), _("不是平台上的高校院所")),
    "agency": Dimension(_("服务机构"), _("没有服务机构")),
    "round": Dimension(_("对接活动"), _("不出自对接活动")),
    "kind": Dimension(_("类别"), _("未填类别")),
}
TIMES = {"year": _("年度"), "quarter": _("季度"), "month": _("月份")}


@dataclass(frozen=True, eq=False)
class Figure:
    """One of the registry, the same only as itself.

    `which`: of all rows of `model`, those that count, wherever and whenever; it may annotate what follows names.
    `visible`: the rows a user may see at all (law 1). `day`: the lookup of the day that places a row in a period;
    `is_moment` where it is a time. A figure that `stands` counts what is there at the end of the period (`until`: the
    lookup of its last day), any other what happened in it. `amount`: the lookup of the money, none to count rows.
    `part`: makes it a rate, of the rows that fulfil it. `ways`: dimension → lookup or expression. `gaps`: what rows
    may lack, each with the rows that do. `matched`: those that came of a match on the platform, where not all or none
    do. `columns`: whose change alters a past figure; `state` is the one that says
    whether a row counts, `states` in which it does.
    """

    key: str
    label: str
    formula: str
    unit: Unit
    model: type[Model]
    which: Callable[[QuerySet, Period], QuerySet]
    day: str
    visible: Callable[[object], QuerySet]
    is_moment: bool = False
    stands: bool = False
    until: str = ""
    amount: str = ""
    part: Q | None = None
    ways: Mapping[str, str | Combinable] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    gaps: tuple[tuple[str, Q], ...] = ()
    matched: Q | Exists | None = None
    columns: frozenset[str] = frozenset()
    state: str = ""
    states: frozenset[str] = frozenset()
    is_target: bool = False

    @property
    def is_rate(self) -> bool:
        return self.part is not None

    @property
    def is_money(self) -> bool:
        return bool(self.amount) and not self.is_rate

    def way(self, dimension: str):
        lookup = self.ways[dimension]
        return F(lookup) if isinstance(lookup, str) else lookup

    def shown(self, value: Decimal | int | None) -> Decimal | int | None:
        """A sum in 万元 (or a number) in the figure's own unit."""
        if value is None or not self.is_money:
            return value
        return (Decimal(value) / self.unit.per).quantize(Decimal(1).scaleb(-self.unit.places))
