"""What a board shows: the city's page for the mayor's meeting, a district's, an institution's. Nothing counts here."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from core.scope import scope_of
from mechanism.kpi.counting import Answers, Ask
from mechanism.kpi.figure import TIMES, WAN_IN_YI
from mechanism.kpi.period import year_of
from mechanism.kpi.reading import is_whole, progresses
from mechanism.kpi.registry import FIGURES, MONEY, QUOTED, TARGETS
from mechanism.kpi.tally import Counted, Line, Tally
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


@dataclass(frozen=True)
class Asked:
    """Everything a board asks, section by section, so that it can be asked together."""

    where: Where

    @property
    def heads(self) -> list[Ask]:
        """The figures in the strips: this part's own, and the city's beside it."""
        keys = dict.fromkeys((*TARGETS, *QUOTED, *MONEY))
        own = [Ask(FIGURES[key], self.where) for key in keys if _has_own(self.where, key)]
        return own if is_whole(self.where) else own + [Ask(FIGURES[key], self.where.city()) for key in keys]

    @property
    def trend(self) -> list[Ask]:
        """This year's turnover by month and last year's."""
        year = self.where.period.year
        return self._of("turnover", by="month", at=year) + self._of("turnover", by="month", at=year - 1)

    @property
    def years(self) -> list[Ask]:
        return self._of("turnover", by="year", at=self.where.period.year)

    @property
    def regions(self) -> list[Ask]:
        return self._of(*BY_REGION, by="region")

    @property
    def industries(self) -> list[Ask]:
        return self._of("turnover", "contracts", by="industry")

    @property
    def institutions(self) -> list[Ask]:
        return self._of("local_rate", by="institution")

    @property
    def rounds(self) -> list[Ask]:
        return self._of(*BY_ROUND, by="round")

    @property
    def funds(self) -> list[Ask]:
        return self._of("funds", by="kind") if self.where.user is None or self.where.user.scope.sees_all else []

    @property
    def agencies(self) -> list[Ask]:
        return self._of("agencies", by="kind")

    def _of(self, *keys: str, by: str, at: int | None = None) -> list[Ask]:
        where = self.where.at(year_of(at)) if at else self.where
        mine = [FIGURES[key] for key in keys if _has_own(self.where, key)]
        return [Ask(figure, where, by) for figure in mine if by in figure.ways or by in TIMES]


def _has_own(where: Where, key: str) -> bool:
    figure = FIGURES[key]
    return where.may_see(figure) and all(dimension in figure.ways for dimension, _value in where.narrowed)


def board(where: Where) -> dict:
    """Everything on the page, for a template."""
    asked = Asked(where)
    sections = {name: getattr(asked, name) for name in SECTIONS}
    answers = Answers(ask for asks in sections.values() for ask in asks)
    lines = {name: [answers.split(ask) for ask in sections[name]] for name in SECTIONS if name != "heads"}
    heads = _heads(where, {(ask.figure.key, ask.where): answers.count(ask) for ask in sections["heads"]})
    return {
        "targets": [heads[key] for key in TARGETS],
        "quoted": [heads[key] for key in QUOTED],
        "money": [heads[key] for key in MONEY if heads[key].counted],
        "trend": _trend(*lines["trend"]) if lines["trend"] else [],
        "years": _since_the_first(*lines["years"]) if lines["years"] else [],
        "regions": _columns(where, sections["regions"], lines["regions"]),
        "industries": _columns(where, sections["industries"], lines["industries"]),
        "institutions": _institutions(*lines["institutions"]) if lines["institutions"] else [],
        "rounds": _columns(where, sections["rounds"], lines["rounds"])[-MOST_ROUNDS:],
        "funds": lines["funds"][0] if lines["funds"] else [],
        "agencies": lines["agencies"][0] if lines["agencies"] else [],
    }


SECTIONS = ("heads", "trend", "years", "regions", "industries", "institutions", "rounds", "funds", "agencies")


def _heads(where: Where, counted: dict[tuple[str, Where], Counted]) -> dict[str, Head]:
    own = {key: one for (key, at), one in counted.items() if at == where}
    whole = {key: one for (key, at), one in counted.items() if at == where.city()} if not is_whole(where) else {}
    steps = progresses(own) if is_whole(where) else progresses(whole)
    return {key: Head(key, own.get(key), whole.get(key), steps.get(key)) for key in own | whole}


def _since_the_first(lines: list[Line]) -> list[Line]:
    """Without the years before anything was counted."""
    first = next((number for number, line in enumerate(lines) if line.tally.rows), len(lines) - 1)
    return lines[first:]


def _trend(this_year: list[Line], last_year: list[Line]) -> list[dict]:
    """Month by month: this year's sum, added up, and last year's added up. In 亿元."""
    last = {line.key.first.month: line.value for line in last_year}
    months, added, added_before = [], Decimal(0), Decimal(0)
    this = {line.key.first.month: line for line in this_year}
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


def _columns(where: Where, asks: list[Ask], splits: list[list[Line]]) -> list[Row]:
    """The same split of several figures side by side, without lines where nothing is, but for the districts."""
    found: dict[str, dict[str, Line]] = {}
    labels: dict[str, str] = {}
    for ask, lines in zip(asks, splits, strict=True):
        for line in lines:
            found.setdefault(line.name, {})[ask.figure.key] = line
            labels.setdefault(line.name, line.label)
    keys, by = [ask.figure.key for ask in asks], asks[0].by if asks else ""
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


def _institutions(lines: list[Line]) -> list[Institution]:
    """The watched institutions by turnover, with the rate of each by money and by number."""
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
