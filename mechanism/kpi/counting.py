"""Counting a figure and splitting it. The value is the sum of its rows: both come from one queryset."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import ExtractMonth, ExtractQuarter, ExtractYear
from django.utils.translation import gettext as _

from accounts.models import Organisation, Region
from brokers.models import Agency
from docking.models import DockingRound
from mechanism.kpi.figure import DIMENSIONS, Figure
from mechanism.kpi.period import Period, period_of, year_of
from mechanism.kpi.where import Where, name_of
from mechanism.models import RateRule
from taxonomy.models import Industry

PARTS_OF_TIME = {"year": ExtractYear, "quarter": ExtractQuarter, "month": ExtractMonth}


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


def count(figure: Figure, where: Where) -> Counted:
    """The figure, counted now. Two questions, three where rows may lack their day."""
    rows = where.rows(figure)
    gaps = {f"kpi_gap{number}": Count("pk", filter=lacking) for number, (_label, lacking) in enumerate(figure.gaps)}
    found = rows.order_by().aggregate(**_sums(figure), **gaps)
    return Counted(
        figure,
        where,
        _tally(found),
        where.period.as_of,
        tuple((str(label), found[f"kpi_gap{number}"]) for number, (label, _lacking) in enumerate(figure.gaps)),
        RateRule.objects.in_force(where.period.as_of) if figure.is_rate else None,
    )


def tally(figure: Figure, rows: QuerySet) -> Tally:
    return _tally(rows.order_by().aggregate(**_sums(figure)))


def split(figure: Figure, where: Where, by: str) -> list[Line]:
    """The figure by a dimension or by "year", "quarter", "month". Lines add up to the figure (but for a standing one
    by time: that shows what stood at the end of each). What rows do not say has a line of its own, at the end."""
    if by in PARTS_OF_TIME:
        return _by_time(figure, where, by)
    rule = RateRule.objects.in_force(where.period.as_of) if figure.is_rate else None
    rows = where.rows(figure).annotate(kpi_way=figure.way(by)).order_by().values("kpi_way").annotate(**_sums(figure))
    found = {row["kpi_way"]: _tally(row) for row in rows}
    lines = [
        Line(name_of(by, key), label, found.get(pk, Tally()), value_of(figure, found.get(pk, Tally()), rule), key)
        for pk, key, label in _keys(figure, by, found)
    ]
    if None in found or "" in found:
        rest = found.get(None, Tally()) + found.get("", Tally())
        lines.append(Line(name_of(by, None), str(DIMENSIONS[by].unknown), rest, value_of(figure, rest, rule)))
    return lines


def _sums(figure: Figure) -> dict:
    found = {"kpi_rows": Count("pk")}
    if figure.amount:
        found["kpi_total"] = Sum(figure.amount)
    if figure.part is not None:
        found["kpi_part_rows"] = Count("pk", filter=figure.part)
        found["kpi_part"] = Sum(figure.amount, filter=figure.part)
    return found


def _tally(found: dict) -> Tally:
    zero = Decimal(0)
    return Tally(
        found["kpi_rows"],
        found.get("kpi_total") or zero,
        found.get("kpi_part_rows", 0),
        found.get("kpi_part") or zero,
    )


def _percent(part, whole) -> Decimal | None:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01")) if whole else None


def _keys(figure: Figure, by: str, found: dict) -> Iterable[tuple]:
    """(pk, what it stands for, its label), in the order people expect: districts in the official one, all of them."""
    if by == "kind":
        return [(kind, kind, str(label)) for kind, label in figure.kinds.items()]
    known = {
        "region": Region.objects.filter(Q(is_reporting=True) | Q(pk__in=[pk for pk in found if pk])),
        "industry": Industry.objects.filter(pk__in=[pk for pk in found if pk]),
        "institution": Organisation.objects.filter(pk__in=[pk for pk in found if pk]),
        "agency": Agency.objects.filter(pk__in=[pk for pk in found if pk]).select_related("organisation"),
        "round": DockingRound.objects.filter(pk__in=[pk for pk in found if pk]).order_by("starts_at"),
    }[by]
    keys = [(one.pk, one, str(one)) for one in known]
    if by in ("institution", "agency"):
        keys.sort(key=lambda key: (found[key[0]].total, found[key[0]].rows), reverse=True)
    return keys


def _by_time(figure: Figure, where: Where, by: str) -> list[Line]:
    rule = RateRule.objects.in_force(where.period.as_of) if figure.is_rate else None
    parts = _parts(where.period, by)
    if figure.stands:
        counted = [(part, count(figure, where.at(part))) for part in parts]
        return [Line(part.name, part.label, one.tally, one.value, part) for part, one in counted]
    whole = where.at(year_of(where.period.year)) if by != "year" else where
    rows = whole.of(figure) if by == "year" else whole.rows(figure)
    if by == "year":
        rows = rows.filter(Q(**{f"{figure.day}__year__gte": parts[0].year, f"{figure.day}__year__lte": parts[-1].year}))
    number = PARTS_OF_TIME[by](figure.day)
    found = {
        row["kpi_way"]: _tally(row)
        for row in rows.annotate(kpi_way=number).order_by().values("kpi_way").annotate(**_sums(figure))
    }
    lines = []
    for part in parts:
        at = {"year": part.year, "quarter": (part.first.month + 2) // 3, "month": part.first.month}[by]
        one = found.get(at, Tally())
        lines.append(Line(part.name, part.label, one, value_of(figure, one, rule), part))
    return lines


def _parts(period: Period, by: str) -> list[Period]:
    """Years: this and the four before. Quarters and months: those of the year that have begun."""
    if by == "year":
        return [year_of(period.year - back) for back in range(4, -1, -1)]
    parts = year_of(period.year).quarters() if by == "quarter" else year_of(period.year).months()
    today = period_of("").as_of
    return [part for part in parts if part.first <= today]
