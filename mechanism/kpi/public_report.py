"""The public report of figures: a year up to the end of a closed month; sums of contracts only where safe."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import BooleanField, ExpressionWrapper, F, QuerySet, Value

from accounts.models import Region
from deals.models import Contract
from mechanism.kpi.contract_figures import INDUSTRY
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.definitions import WAN_IN_YI, FigureDefinition
from mechanism.kpi.disclosure_control import (
    ContractEntry,
    PublishedContracts,
    has_unsafe_difference,
    rounded_wan,
    suppressed_cells,
)
from mechanism.kpi.formatting import format_number, format_value
from mechanism.kpi.period import Period
from mechanism.kpi.public_parts import PUBLIC_PARTS, PartEntry, PublicPart, part_expressions, public_parts
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.totals import FigureValue
from mechanism.models import Target
from taxonomy.models import Industry

PLAIN_COUNTS = ("agencies", "items", "rounds", "featured", "firms", "meetings", "intents", "signed")
"""Figures without amounts, published without disclosure control."""
MIN_FUNDS = 3
HIDDEN = "—"
TABLES = {
    "quarter": "按季度",
    "industry": "按产业链",
    "region": "按吸纳的区市县",
}
ENTRY_FIELDS = ("pk", "amount_wan", "buyer", "buyer_name", "seller", "seller_name")
PARTY_KINDS = {"seller_kind": F("seller__kind"), "buyer_kind": F("buyer__kind")}
TOO_FEW_FIRMS = "单位太少或过于集中，不公布"


@dataclass(frozen=True)
class PublicFigure:
    """A published figure as texts. `text` is a dash if the value must not be shown."""

    key: str
    label: str
    unit: str
    formula: str
    text: str
    note: str = ""
    target: str = ""

    @property
    def is_published(self) -> bool:
        return self.text != HIDDEN


@dataclass(frozen=True)
class PublicCell:
    """A table cell: number of contracts and sum in 亿元, both None if suppressed."""

    label: str
    contracts: int | None
    yi: Decimal | None

    @property
    def text(self) -> str:
        return HIDDEN if self.yi is None else f"{self.yi:,.2f}"


@dataclass(frozen=True)
class PublicReport:
    """`tables`: (name, label, cells). `parts`: of the turnover. `total`: what the tables divide, if there are any."""

    figures: list[PublicFigure]
    tables: list[tuple[str, str, list[PublicCell]]] = field(default_factory=list)
    parts: list[PublicPart] = field(default_factory=list)
    total: PublicCell | None = None


def build_report(period: Period) -> PublicReport:
    """Count the report of a year up to the end of a month. It is published with the signed version of that month."""
    scope = FigureScope(period)
    contracts = part_entries(scope)
    figures, (tables, absorbed, sums) = _figures(scope, contracts), _tables(scope)
    turnover = next(figure for figure in figures if figure.key == "turnover")
    parts = public_parts(contracts, absorbed, sums) if turnover.is_published else []
    return PublicReport(figures, tables, parts, _total(contracts, absorbed) if tables else None)


def _total(turnover: list[PartEntry], absorbed: PublishedContracts) -> PublicCell | None:
    """What the tables divide. Not if its difference from the turnover, which is public too, would tell too much."""
    everything = PublishedContracts([*(row.entry for row in turnover), *absorbed.entries])
    if has_unsafe_difference(everything, absorbed.all_ids, [frozenset(row.entry.pk for row in turnover)]):
        return None
    return _sum_cell(str(FIGURES["absorbed"].label), absorbed, absorbed.all_ids)


def part_entries(scope: FigureScope) -> list[PartEntry]:
    """The contracts of the turnover. One SQL query."""
    rows = scope.rows(FIGURES["turnover"]).annotate(**part_expressions(), **PARTY_KINDS).order_by()
    fields = (*ENTRY_FIELDS, *PARTY_KINDS, *part_expressions())
    return [
        PartEntry(
            _entry(row),
            frozenset(key for key in PUBLIC_PARTS if row.get(f"in_{key}")),
            min(row["unpaid_wan"] or Decimal(0), row["amount_wan"] or Decimal(0)),
        )
        for row in rows.values(*fields)
    ]


def _figures(scope: FigureScope, contracts: list[PartEntry]) -> list[PublicFigure]:
    targets = {row.figure: row for row in Target.objects.filter(year=scope.period.year)}
    queries = {key: FigureQuery(FIGURES[key], scope) for key in ("local_rate", "funds", *PLAIN_COUNTS)}
    results = FigureResults(queries.values())
    counted = {key: results.count(query) for key, query in queries.items()}
    texts = {"turnover": _turnover(contracts)}
    texts |= {"local_rate": _local_rate(scope, counted["local_rate"]), "funds": _funds(scope, counted["funds"])}
    texts |= {key: (format_value(counted[key].value, FIGURES[key]), "") for key in PLAIN_COUNTS}
    return [_figure(FIGURES[key], text, note, targets.get(key)) for key, (text, note) in texts.items()]


def _figure(figure: FigureDefinition, text: str, note: str, target: Target | None) -> PublicFigure:
    label, unit, formula = str(figure.label), str(figure.unit.label), str(figure.formula)
    return PublicFigure(figure.key, label, unit, formula, text, note, _target(target, figure))


def _target(target: Target | None, figure: FigureDefinition) -> str:
    if target is None:
        return ""
    word = "超过" if target.is_over else "达到"
    return "%(year)s 年目标：%(word)s %(value)s %(unit)s" % {
        "year": target.year,
        "word": word,
        "value": format_number(target.value),
        "unit": figure.unit.label,
    }


def _turnover(rows: list[PartEntry]) -> tuple[str, str]:
    """(text, note), as in the following functions."""
    contracts = PublishedContracts(row.entry for row in rows)
    if not contracts.is_safe(contracts.all_ids):
        return HIDDEN, TOO_FEW_FIRMS
    total = rounded_wan(contracts.total(contracts.all_ids)) / WAN_IN_YI
    return format_number(total.quantize(Decimal("0.01"))), ""


def _local_rate(scope: FigureScope, counted: FigureValue) -> tuple[str, str]:
    """Published if all contracts, those that stayed and those that left are each safe; empty sets are safe."""
    entries = contract_entries(scope, FIGURES["local_rate"])
    contracts = PublishedContracts(entry for entry, _cells in entries)
    stayed = frozenset(entry.pk for entry, cells in entries if cells["stayed"])
    sets = (contracts.all_ids, stayed, contracts.all_ids - stayed)
    if not contracts.all_ids or not all(contracts.is_safe(ids) for ids in sets):
        return HIDDEN, TOO_FEW_FIRMS
    totals, precision = counted.totals, Decimal("0.1")
    note = "按合同项数为 %(number)s%%" % {"number": totals.by_number.quantize(precision)}
    return str(totals.by_amount.quantize(precision)), note


def _funds(scope: FigureScope, counted: FigureValue) -> tuple[str, str]:
    amounts = scope.rows(FIGURES["funds"]).order_by("-subscribed_then_wan")
    largest = amounts.values_list("subscribed_then_wan", flat=True)
    if counted.totals.rows < MIN_FUNDS or sum(largest[:2]) == counted.totals.total:
        return HIDDEN, TOO_FEW_FIRMS
    return format_value(counted.value, FIGURES["funds"]), "认缴规模"


def _tables(
    scope: FigureScope,
) -> tuple[list[tuple[str, str, list[PublicCell]]], PublishedContracts, list[frozenset[int]]]:
    """The turnover absorbed by firms of the city, by quarter, industry and district; its contracts; the published sums.

    A published sum is the set of its contracts.
    """
    entries = contract_entries(scope, FIGURES["absorbed"])
    contracts = PublishedContracts(entry for entry, _cells in entries)
    collected: dict[str, dict] = {name: defaultdict(set) for name in TABLES}
    for entry, cells in entries:
        for name in TABLES:
            collected[name][cells[name]].add(entry.pk)
    tables = {name: {cell: frozenset(ids) for cell, ids in cells.items()} for name, cells in collected.items()}
    suppressed = suppressed_cells(contracts, tables)
    if suppressed is None or not entries:
        return [], contracts, []
    published: list[tuple[str, str, list[PublicCell]]] = []
    for name, label in TABLES.items():
        labels = cell_labels(name, tables[name])
        line = [_cell(contracts, word, tables[name], key, suppressed[name]) for key, word in labels]
        published.append((name, str(label), line))
    shown = [ids for name, cells in tables.items() for cell, ids in cells.items() if cell not in suppressed[name]]
    return published, contracts, [contracts.all_ids, *shown]


def _cell(contracts: PublishedContracts, label: str, cells: dict, key: object, suppressed: set) -> PublicCell:
    if key in suppressed:
        return PublicCell(label, None, None)
    return _sum_cell(label, contracts, cells.get(key, frozenset()))


def _sum_cell(label: str, contracts: PublishedContracts, ids: frozenset[int]) -> PublicCell:
    return PublicCell(label, len(ids), rounded_wan(contracts.total(ids)) / WAN_IN_YI)


def cell_labels(name: str, cells: dict) -> list[tuple]:
    """(key, label) of the lines of a table, in display order. No quarter is left out before the last one."""
    if name == "quarter":
        return [(number, "第%(number)s季度" % {"number": number}) for number in range(1, max(cells, default=0) + 1)]
    labels = [(row.pk, row.name) for row in _line_objects(name, cells)]
    return [*labels, (None, "未填")] if None in cells else labels


def _line_objects(name: str, cells: dict) -> QuerySet:
    known = [pk for pk in cells if pk]
    return Region.objects.reporting() if name == "region" else Industry.objects.filter(pk__in=known)


def contract_entries(scope: FigureScope, figure: FigureDefinition) -> list[tuple[ContractEntry, dict]]:
    """Each contract of a figure with {table: its cell}. One SQL query."""
    rows = scope.rows(figure).annotate(at_industry=INDUSTRY, is_part=_numerator_expression(figure)).order_by()
    values = rows.values(*ENTRY_FIELDS, "registered_on", "buyer_region", "at_industry", "is_part", **PARTY_KINDS)
    return [(_entry(row), _cells_of(row)) for row in values]


def entries_of(pks: Iterable[int]) -> list[ContractEntry]:
    """The contracts with these keys, whether they count or not. One SQL query."""
    rows = Contract.objects.filter(pk__in=pks).order_by()
    return [_entry(row) for row in rows.values(*ENTRY_FIELDS, **PARTY_KINDS)]


def _numerator_expression(figure: FigureDefinition) -> ExpressionWrapper:
    """Whether a row is in the numerator of a rate; true for all rows of other figures."""
    return ExpressionWrapper(figure.numerator if figure.is_rate else Value(True), output_field=BooleanField())


def _entry(row: dict) -> ContractEntry:
    """Institutions are public bodies; every other party counts as a firm."""
    parties = (("buyer", row["buyer_kind"]), ("seller", row["seller_kind"]))
    firms = {row[f"{party}_name"].strip() for party, kind in parties if kind != "institution"}
    return ContractEntry(row["pk"], row["amount_wan"] or Decimal(0), row["buyer_name"].strip(), frozenset(firms))


def _cells_of(row: dict) -> dict:
    return {
        "quarter": (row["registered_on"].month + 2) // 3,
        "industry": row["at_industry"],
        "region": row["buyer_region"],
        "stayed": bool(row["is_part"]),
    }
