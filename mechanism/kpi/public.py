"""成效数据 for everybody: whole years up to the last month that is over, and of their contracts only safe sums."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, ExpressionWrapper, F, Min, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Region
from deals.models import Contract
from mechanism.kpi.contract_figures import INDUSTRY
from mechanism.kpi.counting import Answers, Ask
from mechanism.kpi.disclosure import Entry, Ledger, hidden_cells, rounded_wan
from mechanism.kpi.figure import WAN_IN_YI, Figure
from mechanism.kpi.period import Period
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.tally import Counted
from mechanism.kpi.where import Where
from mechanism.kpi.wording import plain, shown
from mechanism.models import Fund, Target
from taxonomy.models import Industry

COUNTED = ("agencies", "items", "rounds", "featured", "firms", "meetings", "intents", "signed")
"""Plain counts of what happened, without any money."""
FEWEST_FUNDS = 3
KEPT_FOR = 300
"""Seconds."""
FIRST_YEAR_BACK = 5


@dataclass(frozen=True)
class Told:
    """A public figure: `text` is what is shown, a dash when it may not be."""

    key: str
    text: str
    note: str = ""
    target: str = ""

    @property
    def figure(self) -> Figure:
        return FIGURES[self.key]

    @property
    def is_told(self) -> bool:
        return self.text != HIDDEN


@dataclass(frozen=True)
class Cell:
    """`yi` in 亿元 and `contracts` are None where the cell is hidden."""

    label: str
    contracts: int | None
    yi: Decimal | None

    @property
    def text(self) -> str:
        return HIDDEN if self.yi is None else f"{self.yi:,.2f}"


@dataclass(frozen=True)
class Report:
    year: int
    years: list[int]
    as_of: date
    figures: list[Told]
    tables: list[tuple[str, str, list[Cell]]] = field(default_factory=list)


HIDDEN = "—"
TABLES = {
    "quarter": gettext_lazy("按季度"),
    "industry": gettext_lazy("按产业链"),
    "region": gettext_lazy("按吸纳的区市县"),
}


def last_day() -> date:
    """The end of the last month that is over: what is still coming in says nothing about a single contract."""
    return timezone.localdate().replace(day=1) - timedelta(days=1)


def years_told() -> list[int]:
    """The years that may be asked for, the latest first: none before the first registered contract."""
    latest = last_day().year
    first = Contract.objects.registered().aggregate(day=Min("registered_on"))["day"]
    return list(range(latest, max(first.year if first else latest, latest - FIRST_YEAR_BACK) - 1, -1))


def kept_report(text: str) -> Report:
    """As `report_of`, counted at most every five minutes for a year: everybody may ask, as often as they like."""
    year = text if text.isascii() and text.isdigit() and len(text) == 4 else ""
    if text and not year:
        return report_of(text)
    return cache.get_or_set(f"public-figures-{year}-{last_day()}", lambda: report_of(text), KEPT_FOR)


def report_of(text: str) -> Report:
    """The report of a year, the latest for none. Only whole years can be asked for. Raises ValidationError."""
    years = years_told()
    if text and (not text.isascii() or not text.isdigit() or int(text[:5]) not in years):
        raise ValidationError(_("公开的成效数据只按年查询，可选：%(years)s。") % {"years": "、".join(map(str, years))})
    year = int(text) if text else years[0]
    period = Period(str(year), date(year, 1, 1), min(date(year, 12, 31), last_day()))
    where = Where(period)
    return Report(year, years, period.as_of, _figures(where), _tables(where))


def _figures(where: Where) -> list[Told]:
    targets = Target.objects.for_year(where.period.year)
    asks = {key: Ask(FIGURES[key], where) for key in ("local_rate", "funds", *COUNTED)}
    answers = Answers(asks.values())
    counted = {key: answers.count(ask) for key, ask in asks.items()}
    told = {"turnover": _turnover(where)}
    told |= {"local_rate": _rate(where, counted["local_rate"]), "funds": _funds(where, counted["funds"])}
    told |= {key: (shown(counted[key].value, FIGURES[key]), "") for key in COUNTED}
    return [Told(key, *said, _target(targets.get(key), FIGURES[key])) for key, said in told.items()]


def _target(target: Target | None, figure: Figure) -> str:
    if target is None:
        return ""
    word = _("超过") if target.is_over else _("达到")
    return _("%(year)s 年目标：%(word)s %(value)s %(unit)s") % {
        "year": target.year,
        "word": word,
        "value": plain(target.value),
        "unit": figure.unit.label,
    }


FEW = gettext_lazy("单位太少或过于集中，不公布")


def _turnover(where: Where) -> tuple[str, str]:
    entries = entries_of(where, FIGURES["turnover"])
    ledger = Ledger(entry for entry, _cells in entries)
    if not ledger.is_safe(ledger.everything):
        return HIDDEN, FEW
    return plain((rounded_wan(ledger.total(ledger.everything)) / WAN_IN_YI).quantize(Decimal("0.01"))), ""


def _rate(where: Where, counted: Counted) -> tuple[str, str]:
    """Told where the whole, what stayed and what went each have enough firms; what is empty hides nobody."""
    entries = entries_of(where, FIGURES["local_rate"])
    ledger = Ledger(entry for entry, _cells in entries)
    stayed = frozenset(entry.pk for entry, cells in entries if cells["stayed"])
    sets = (ledger.everything, stayed, ledger.everything - stayed)
    if not ledger.everything or not all(ledger.is_safe(one) for one in sets):
        return HIDDEN, FEW
    tally, one = counted.tally, Decimal("0.1")
    note = _("按合同项数为 %(number)s%%") % {"number": tally.by_number.quantize(one)}
    return str(tally.by_amount.quantize(one)), note


def _funds(where: Where, counted: Counted) -> tuple[str, str]:
    heaviest = (
        Fund.objects.active(where.period.as_of).order_by("-subscribed_wan").values_list("subscribed_wan", flat=True)
    )
    if counted.tally.rows < FEWEST_FUNDS or sum(heaviest[:2]) == counted.tally.total:
        return HIDDEN, FEW
    return shown(counted.value, FIGURES["funds"]), _("认缴规模")


def _tables(where: Where) -> list[tuple[str, str, list[Cell]]]:
    """The turnover that the city's firms took up, by quarter, industry and district."""
    entries = entries_of(where, FIGURES["absorbed"])
    ledger = Ledger(entry for entry, _cells in entries)
    tables: dict[str, dict] = {name: defaultdict(set) for name in TABLES}
    for entry, cells in entries:
        for name in TABLES:
            tables[name][cells[name]].add(entry.pk)
    fixed = {name: {cell: frozenset(ids) for cell, ids in cells.items()} for name, cells in tables.items()}
    hidden = hidden_cells(ledger, fixed)
    if hidden is None or not entries:
        return []
    told = []
    for name, label in TABLES.items():
        cells = [_cell(ledger, word, fixed[name], key, hidden[name]) for key, word in labels_of(name, fixed[name])]
        told.append((name, str(label), cells))
    return told


def _cell(ledger: Ledger, label: str, cells: dict, key, hidden: set) -> Cell:
    ids = cells.get(key, frozenset())
    if key in hidden:
        return Cell(label, None, None)
    return Cell(label, len(ids), rounded_wan(ledger.total(ids)) / WAN_IN_YI)


def labels_of(name: str, cells: dict) -> list[tuple]:
    """(key, label) of the lines of a table, in the order people expect."""
    if name == "quarter":
        return [(number, _("第%(number)s季度") % {"number": number}) for number in sorted(cells)]
    labels = [(one.pk, one.name) for one in _of_table(name, cells)]
    return [*labels, (None, _("未填"))] if None in cells else labels


def _of_table(name: str, cells: dict):
    known = [pk for pk in cells if pk]
    return Region.objects.reporting() if name == "region" else Industry.objects.filter(pk__in=known)


def entries_of(where: Where, figure: Figure) -> list[tuple[Entry, dict]]:
    """Each contract of a figure with the firms behind it and the cells it falls into. One question."""
    rows = where.rows(figure).annotate(at_industry=INDUSTRY, is_part=_part_of(figure)).order_by()
    names = (
        "pk",
        "amount_wan",
        "registered_on",
        "buyer",
        "buyer_name",
        "buyer_region",
        "at_industry",
        "is_part",
    )
    found = rows.values(*names, "seller", "seller_name", seller_kind=F("seller__kind"), buyer_kind=F("buyer__kind"))
    return [(_entry(row), _cells_of(row)) for row in found]


def _part_of(figure: Figure) -> ExpressionWrapper:
    """Of a rate whether a row is in its numerator; of any other figure every row is."""
    return ExpressionWrapper(figure.part if figure.is_rate else Value(True), output_field=BooleanField())


def _entry(row: dict) -> Entry:
    """Institutions are public bodies; every other party is taken for a firm."""
    sides = (("buyer", row["buyer_kind"]), ("seller", row["seller_kind"]))
    firms = {row[f"{side}_name"].strip() for side, kind in sides if kind != "institution"}
    return Entry(row["pk"], row["amount_wan"] or Decimal(0), row["buyer_name"].strip(), frozenset(firms))


def _cells_of(row: dict) -> dict:
    return {
        "quarter": (row["registered_on"].month + 2) // 3,
        "industry": row["at_industry"],
        "region": row["buyer_region"],
        "stayed": bool(row["is_part"]),
    }
