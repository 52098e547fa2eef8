"""The limits of a choice, solved as a whole-number programme; and where they cannot hold together, which and why.

The programme is small (one yes or no for each candidate) and its limits are those of a transport network, so that the
solver proves the best list in a few milliseconds.
"""

from collections import Counter
from dataclasses import dataclass, replace

from rounds.featured.rules import SIDES, SelectionRules

GROUP_LABELS = {"institutions": "每所院校", "industries": "每个产业"}


@dataclass(frozen=True, slots=True)
class SelectionConstraint:
    """One rule that can be broken. `kind`: number, least, most, pin; `side` and `key` say of what."""

    kind: str
    value: int
    side: str = ""
    key: str = ""
    name: str = ""

    @property
    def words(self) -> str:
        if self.kind == "number":
            return f"推介 {self.value} 项"
        if self.kind == "pin":
            return f"必选“{self.name}”"
        return f"{self.name}{'至少' if self.kind == 'least' else '至多'} {self.value} 项"


@dataclass(frozen=True, slots=True)
class RuleRelaxation:
    """One change after which a list exists (tried). `rules` are the changed ones; None: lift the pin of `key`."""

    words: str
    rules: SelectionRules | None
    key: str = ""


def build_constraints(
    candidates, rules: SelectionRules, pins, names: dict[str, dict[str, str]]
) -> list[SelectionConstraint]:
    """All that must hold. `names` are those of sides' keys that may have no candidate at all."""
    constraints = [
        SelectionConstraint("pin", 1, key=candidate.key, name=candidate.title)
        for candidate in candidates
        if candidate.key in pins
    ]
    for side in SIDES:
        there = {candidate.group(side): candidate.group_name(side) for candidate in candidates}
        # Who is named with a minimum of its own must have it, candidates or not
        named = {key: names.get(side, {}).get(key, key) for key in getattr(rules, side).special}
        for key, name in sorted((named | there).items()):
            span = getattr(rules, side).of(key)
            if span.least:
                constraints.append(SelectionConstraint("least", span.least, side, key, name))
            if span.most is not None:
                constraints.append(SelectionConstraint("most", span.most, side, key, name))
    return [*constraints, SelectionConstraint("number", rules.number)]


def solve(candidates, limits: list[SelectionConstraint], worth: list[int]) -> list[int] | None:
    """Positions of those candidates that together are worth most within the limits; None if there is no such list."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    if not candidates:
        return [] if all(limit.kind == "most" or not limit.value for limit in limits) else None
    pinned = {limit.key for limit in limits if limit.kind == "pin"}
    lower = np.array([float(candidate.key in pinned) for candidate in candidates])
    rows, columns, least, most = [], [], [], []
    wanted = [limit for limit in limits if limit.kind != "pin"]
    for row, limit in enumerate(wanted):
        members = members_of(candidates, limit)
        rows += [row] * len(members)
        columns += members
        least.append(limit.value if limit.kind in {"number", "least"} else 0)
        most.append(limit.value if limit.kind in {"number", "most"} else len(candidates))
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(wanted), len(candidates)))
    solution = milp(
        c=-np.array(worth, dtype=float),
        integrality=np.ones(len(candidates)),
        bounds=Bounds(lower, np.ones(len(candidates))),
        constraints=LinearConstraint(matrix, least, most) if wanted else None,
        options={"mip_rel_gap": 0},
    )
    return None if solution.x is None else [at for at, value in enumerate(solution.x) if value > 0.5]


def members_of(candidates, limit: SelectionConstraint) -> list[int]:
    """Positions of the candidates that a limit counts."""
    if limit.kind == "number":
        return list(range(len(candidates)))
    return [at for at, candidate in enumerate(candidates) if candidate.group(limit.side) == limit.key]


def smallest_conflict(candidates, limits: list[SelectionConstraint]) -> list[SelectionConstraint]:
    """A part of the limits that cannot hold, and of which none can be left out."""
    nothing = [0] * len(candidates)
    conflict = list(limits)
    for kind in ("pin", "most", "least"):  # whole kinds first: most conflicts need only one or two of them
        rest = [limit for limit in conflict if limit.kind != kind]
        if solve(candidates, rest, nothing) is None:
            conflict = rest
    for limit in tuple(conflict):
        rest = [other for other in conflict if other is not limit]
        if solve(candidates, rest, nothing) is None:
            conflict = rest
    return conflict


def relaxations(
    candidates, rules: SelectionRules, limits: list[SelectionConstraint], conflict: list[SelectionConstraint]
) -> list[RuleRelaxation]:
    """Of each conflicting limit the nearest value with which a list exists, the others unchanged."""
    ways = []
    for limit in conflict:
        rest = [other for other in limits if other is not limit]
        if limit.kind == "pin":
            if solve(candidates, rest, [0] * len(candidates)) is not None:
                ways.append(RuleRelaxation(f"取消必选“{limit.name}”", None, limit.key))
            continue
        nearest = _nearest_value(candidates, limit, rest)
        if nearest is not None:
            ways.append(_relax_constraint(rules, limit, nearest))
    return [
        *ways,
        *(way for side in SIDES if (way := _lower_default_minimum(candidates, rules, limits, conflict, side))),
    ]


def _lower_default_minimum(
    candidates, rules: SelectionRules, limits: list[SelectionConstraint], conflict: list[SelectionConstraint], side: str
) -> RuleRelaxation | None:
    """The largest minimum for each of a side with which a list exists, where several of these minima conflict."""
    spans = getattr(rules, side)

    def is_default(limit: SelectionConstraint) -> bool:
        return limit.kind == "least" and limit.side == side and limit.key not in spans.special

    if sum(map(is_default, conflict)) < 2:
        return None
    for least in range(spans.each.least - 1, -1, -1):
        fewer = [replace(limit, value=least) if is_default(limit) else limit for limit in limits]
        if solve(candidates, fewer, [0] * len(candidates)) is not None:
            words = f"把{GROUP_LABELS[side]}的至少从 {spans.each.least} 项改为 {least} 项"
            return RuleRelaxation(
                words, replace(rules, **{side: replace(spans, each=replace(spans.each, least=least))})
            )
    return None


def _nearest_value(candidates, limit: SelectionConstraint, rest: list[SelectionConstraint]) -> int | None:
    """The value next to the limit's own that the rest allows, by counting as few or as many as possible."""
    members = set(members_of(candidates, limit))
    counted = []
    for sign in (1, -1):
        chosen = solve(candidates, rest, [sign * (at in members) for at in range(len(candidates))])
        if chosen is None:
            return None
        counted.append(len(members.intersection(chosen)))
    most, fewest = counted
    if limit.kind == "least":
        return most
    if limit.kind == "most":
        return fewest
    nearest = min(max(limit.value, fewest), most)
    return nearest or None


def _relax_constraint(rules: SelectionRules, limit: SelectionConstraint, value: int) -> RuleRelaxation:
    if limit.kind == "number":
        return RuleRelaxation(f"把推介数量从 {limit.value} 项改为 {value} 项", replace(rules, number=value))
    span = getattr(rules, limit.side).of(limit.key)
    words = f"把{limit.name}的{'至少' if limit.kind == 'least' else '至多'}从 {limit.value} 项改为 {value} 项"
    changes = {limit.kind: value}
    if limit.kind == "most":
        changes["least"] = min(span.least, value)
    return RuleRelaxation(words, rules.with_span(limit.side, limit.key, **changes))


def group_counts(chosen, side: str) -> Counter:
    return Counter(candidate.group(side) for candidate in chosen)
