"""The figures of a round as JSON: totals, by district, industry and institution, and those of earlier rounds."""

from decimal import Decimal

from django.db.models import F
from django.utils.timezone import localdate

from rounds.models import DockingRound
from rounds.report.figures import FIGURES, GROUPINGS, RECORD_KINDS, grouped

EARLIER_ROUNDS = 3
"""Number of earlier rounds shown for comparison."""


def count_figures(docking_round: DockingRound) -> dict:
    """Return {"totals": {figure: number}, "by": {grouping: [{"key", "name", figure: number…}]}, "earlier": […]}.

    Sums are texts with two decimals. The number of queries does not depend on the round.
    """
    earlier = DockingRound.objects.filter(starts_at__lt=docking_round.starts_at).exclude(pk=docking_round.pk)
    unheld = [DockingRound.Status.PREPARING, DockingRound.Status.CANCELLED]
    shown = earlier.exclude(status__in=unheld).order_by("-starts_at", "-pk")[:EARLIER_ROUNDS]
    rounds = [docking_round, *shown]
    totals = _totals(rounds)
    return {
        "totals": totals[docking_round.pk],
        "by": {by: _groups_of(docking_round, by) for by in GROUPINGS},
        "earlier": [
            {
                "name": docking_round.name,
                "on": localdate(docking_round.starts_at).isoformat(),
                "totals": totals[docking_round.pk],
            }
            for docking_round in rounds[1:]
        ],
    }


def _of_kind(name: str) -> dict:
    return {figure: definition.aggregate for figure, definition in FIGURES.items() if definition.kind == name}


def _totals(rounds: list[DockingRound]) -> dict[int, dict]:
    """Return {round: {figure: number}} with one query for each kind of record."""
    totals = {docking_round.pk: {name: _as_json(0, name) for name in FIGURES} for docking_round in rounds}
    for name, kind in RECORD_KINDS.items():
        rows = kind.all_of().filter(**{f"{kind.of_round}__in": totals}).order_by().values(at=F(kind.of_round))
        for row in rows.annotate(**_of_kind(name)):
            at = row.pop("at")
            totals[at] |= {figure: _as_json(value, figure) for figure, value in row.items()}
    return totals


def _groups_of(docking_round: DockingRound, by: str) -> list[dict]:
    """Return one line for each group with a figure other than zero, by descending number of held meetings."""
    lines: dict = {}
    for name, kind in RECORD_KINDS.items():
        if by not in kind.groups:
            continue
        rows = kind.all_of().filter(**{kind.of_round: docking_round})
        for row in grouped(kind, by, rows).annotate(**_of_kind(name)):
            key = "" if row["group"] is None else str(row["group"])
            line = lines.setdefault(key, {"key": key, "name": row["group_name"] or ""})
            line.update({figure: _as_json(row[figure], figure) for figure in _of_kind(name)})
    for line in lines.values():
        for figure in figures_by(by):
            line.setdefault(figure, _as_json(0, figure))
    full = [line for line in lines.values() if any(Decimal(line[figure]) for figure in figures_by(by))]
    return sorted(full, key=lambda line: (-line["held"], not line["name"], line["name"]))


def figures_by(by: str) -> list[str]:
    """Return the figures that this grouping can split."""
    return [name for name, figure in FIGURES.items() if by in RECORD_KINDS[figure.kind].groups]


def _as_json(value, figure: str):
    return f"{Decimal(value):.2f}" if FIGURES[figure].money else int(value)


def differences(before: dict, now: dict) -> list[str]:
    """Return which figures changed, as text; empty if none did."""
    texts = [
        f"{FIGURES[name].label} {number_text(before['totals'][name], name)} → {number_text(number, name)}"
        for name, number in sorted(now["totals"].items(), key=lambda pair: list(FIGURES).index(pair[0]))
        if name in before["totals"] and before["totals"][name] != number
    ]
    texts += [f"{label}分项" for by, label in GROUPINGS.items() if _differ(before["by"].get(by, []), now["by"][by])]
    earlier = ([line["totals"] | {"name": line["name"]} for line in figures["earlier"]] for figures in (before, now))
    return [*texts, *(["往场数字"] if _differ(*earlier) else [])]


def _differ(before: list[dict], now: list[dict]) -> bool:
    """Whether lines differ in a figure that both have: one that was defined later has no value to differ from."""
    if len(before) != len(now):
        return True
    lines = [{line.get("key", line["name"]): line for line in side} for side in (before, now)]
    return lines[0].keys() != lines[1].keys() or any(
        line[name] != lines[1][key][name] for key, line in lines[0].items() for name in line.keys() & lines[1][key]
    )


def number_text(value, figure: str) -> str:
    """Format a number: thousands separators, sums without trailing zeros."""
    if not FIGURES[figure].money:
        return f"{int(value):,}"
    return f"{Decimal(value):,.2f}".rstrip("0").rstrip(".")
