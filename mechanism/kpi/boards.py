"""What a board shows: the city's page for the mayor's meeting, a district's, an institution's. Nothing counts here."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.scope import scope_of
from mechanism.kpi.counting import Counted, Line, Tally, count, split
from mechanism.kpi.figure import WAN_IN_YI
from mechanism.kpi.period import year_of
from mechanism.kpi.reading import is_whole, progresses
from mechanism.kpi.registry import FIGURES, MONEY, QUOTED, TARGETS
from mechanism.kpi.targets import Progress
from mechanism.kpi.where import Where

MOST_INSTITUTIONS = 10
MOST_ROUNDS = 6
BY_REGION = ("absorbed", "absorbed_contracts", "signed", "intents", "meetings", "firms")
BY_ROUND = ("featured", "firms", "meetings", "intents", "signed")


@dataclass(frozen=True)
class Head:
    """A figure in the strip. `whole`: the city's, where the board is of a part of it; `counted` None where that part
    has no rows of its own."""

    key: str
    counted: Counted | None
    whole: Counted | None
    step: Progress | None

    @property
    def told(self) -> Counted:
        return self.counted or self.whole


def has_board(user) -> bool:
    scope = scope_of(user)
    return scope.sees_all or scope.is_district or bool(scope.institution_ids)


def heads(where: Where, keys) -> list[Head]:
    own = {key: count(FIGURES[key], where) for key in keys if _has_own(where, key)}
    whole = {} if is_whole(where) else {key: count(FIGURES[key], where.city()) for key in keys}
    steps = progresses(own) if is_whole(where) else progresses(whole)
    return [Head(key, own.get(key), whole.get(key), steps.get(key)) for key in keys]


def _has_own(where: Where, key: str) -> bool:
    figure = FIGURES[key]
    return where.may_see(figure) and all(dimension in figure.ways for dimension, _value in where.narrowed)


def board(where: Where) -> dict:
    """Everything on the page, for a template."""
    year = where.at(year_of(where.period.year))
    return {
        "targets": heads(where, TARGETS),
        "quoted": heads(where, QUOTED),
        "money": [one for one in heads(where, MONEY) if one.counted],
        "trend": _trend(year),
        "years": _since_the_first(_lines(year, "turnover", "year")),
        "regions": _columns(where, BY_REGION, "region"),
        "industries": _columns(where, ("turnover", "contracts"), "industry"),
        "institutions": _institutions(where),
        "rounds": _columns(where, BY_ROUND, "round")[-MOST_ROUNDS:],
        "funds": _lines(where, "funds", "kind") if where.user is None or where.user.scope.sees_all else [],
        "agencies": _lines(where, "agencies", "kind"),
    }


def _lines(where: Where, key: str, by: str) -> list[Line]:
    return split(FIGURES[key], where, by) if _has_own(where, key) else []


def _since_the_first(lines: list[Line]) -> list[Line]:
    """Without the years before anything was counted."""
    first = next((number for number, line in enumerate(lines) if line.tally.rows), len(lines) - 1)
    return lines[first:]


def _trend(where: Where) -> list[dict]:
    """Month by month: this year's sum, added up, and last year's added up. In 亿元."""
    if not _has_own(where, "turnover"):
        return []
    before = where.at(year_of(where.period.year - 1))
    last = {line.key.first.month: line.value for line in split(FIGURES["turnover"], before, "month")}
    months, added, added_before = [], Decimal(0), Decimal(0)
    this = {line.key.first.month: line for line in split(FIGURES["turnover"], where, "month")}
    for number in range(1, 13):
        line = this.get(number)
        added += line.value if line else 0
        added_before += last.get(number, Decimal(0))
        months.append(
            {
                "month": number,
                "line": line,
                "value": line.value if line else None,
                "added": added if line else None,
                "before": added_before,
            }
        )
    return months


@dataclass(frozen=True)
class Row:
    """One line of a table with a column for each figure: (key, line of that figure or None)."""

    name: str
    label: str
    cells: list[tuple[str, Line | None]]

    @property
    def is_empty(self) -> bool:
        return not any(line and line.tally.rows for _key, line in self.cells)


def _columns(where: Where, keys, by: str) -> list[Row]:
    """The same split of several figures side by side, without lines where nothing is, but for the districts."""
    keys = [key for key in keys if _has_own(where, key) and by in FIGURES[key].ways]
    found: dict[str, dict[str, Line]] = {}
    labels: dict[str, str] = {}
    for key in keys:
        for line in split(FIGURES[key], where, by):
            found.setdefault(line.name, {})[key] = line
            labels.setdefault(line.name, line.label)
    rows = [Row(name, labels[name], [(key, lines.get(key)) for key in keys]) for name, lines in found.items()]
    rows.sort(key=lambda row: row.name == "none")
    rows = rows if by == "region" and is_whole(where) else [row for row in rows if not row.is_empty]
    return _by_day(rows) if by == "round" else rows


def _by_day(rows: list[Row]) -> list[Row]:
    def day(row):
        key = next((line.key for _key, line in row.cells if line and line.key), None)
        return (key is None, key.starts_at if key else None)

    known = [row for row in rows if not day(row)[0]]
    return sorted(known, key=lambda row: day(row)[1]) + [row for row in rows if day(row)[0]]


@dataclass(frozen=True)
class Institution:
    label: str
    name: str
    turnover: Decimal
    tally: Tally


def _institutions(where: Where) -> list[Institution]:
    """The watched institutions by turnover, with the rate of each by money and by number."""
    if not _has_own(where, "local_rate"):
        return []
    lines = split(FIGURES["local_rate"], where, "institution")
    found = [Institution(_short(line), line.name, line.tally.total / WAN_IN_YI, line.tally) for line in lines]
    found.sort(key=lambda one: one.turnover, reverse=True)
    if len(found) <= MOST_INSTITUTIONS:
        return found
    kept, others = found[: MOST_INSTITUTIONS - 1], found[MOST_INSTITUTIONS - 1 :]
    rest = sum((one.tally for one in others), start=Tally())
    return [*kept, Institution(_("其他 %(count)s 家") % {"count": len(others)}, "", rest.total / WAN_IN_YI, rest)]


def _short(line: Line) -> str:
    return getattr(line.key, "short_name", "") or line.label


def charts(shown: dict) -> dict:
    """The numbers of the charts as JSON values, the same as in the tables beside them."""
    return {
        "trend": {
            "months": [_("%(month)s月") % {"month": one["month"]} for one in shown["trend"]],
            "added": [_number(one["added"]) for one in shown["trend"]],
            "before": [_number(one["before"]) for one in shown["trend"]],
        },
        "regions": _bars(shown["regions"], "absorbed"),
        "industries": _bars(shown["industries"], "turnover"),
        "institutions": [[one.label, _number(one.tally.by_amount or 0)] for one in shown["institutions"]],
    }


def _bars(rows: list[Row], key: str) -> list[list]:
    return [
        [row.label, _number(line.value)] for row in rows for name, line in row.cells if name == key and line is not None
    ]


def _number(value) -> float | None:
    return None if value is None else float(value)
