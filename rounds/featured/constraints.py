"""Constraints of the selection, solved as an integer programme; if infeasible, a minimal conflict and relaxations.

The programme is small (one binary variable for each candidate) and its constraint matrix is that of a network, so
the solver proves optimality in a few milliseconds.
"""

from collections import Counter
from dataclasses import dataclass, replace

from rounds.featured.rules import SIDES, SelectionRules

GROUP_LABELS = {"institutions": "每所院校", "industries": "每个产业"}


@dataclass(frozen=True, slots=True)
class SelectionConstraint:
    """`kind`: number, least, most or pin; `side` and `key` name the group or candidate."""

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
    """A change that was tested to make the rules feasible. `rules` are the changed rules; None: remove the pin of
    `key`."""

    words: str
    rules: SelectionRules | None
    key: str = ""
    cost: str = ""
    """What is given up, as text."""


def build_constraints(
    candidates, rules: SelectionRules, pins, names: dict[str, dict[str, str]]
) -> list[SelectionConstraint]:
    """Return all constraints. `names` has the names of groups that may have no candidate."""
    constraints = [
        SelectionConstraint("pin", 1, key=candidate.key, name=candidate.title)
        for candidate in candidates
        if candidate.key in pins
    ]
    for side in SIDES:
        there = {candidate.group(side): candidate.group_name(side) for candidate in candidates}
        # A group with a minimum of its own must reach it, even without candidates.
        named = {key: names.get(side, {}).get(key, key) for key in getattr(rules, side).special}
        for key, name in sorted((named | there).items()):
            quota = getattr(rules, side).of(key)
            if quota.least:
                constraints.append(SelectionConstraint("least", quota.least, side, key, name))
            if quota.most is not None:
                constraints.append(SelectionConstraint("most", quota.most, side, key, name))
    return [*constraints, SelectionConstraint("number", rules.number)]


def solve(candidates, constraints: list[SelectionConstraint], worth: list[int]) -> list[int] | None:
    """Return the positions of the candidates with the greatest total worth within the constraints; None if
    infeasible."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    if not candidates:
        return [] if all(constraint.kind == "most" or not constraint.value for constraint in constraints) else None
    pinned = {constraint.key for constraint in constraints if constraint.kind == "pin"}
    lower = np.array([float(candidate.key in pinned) for candidate in candidates])
    rows, columns, least, most = [], [], [], []
    wanted = [constraint for constraint in constraints if constraint.kind != "pin"]
    for row, constraint in enumerate(wanted):
        members = members_of(candidates, constraint)
        rows += [row] * len(members)
        columns += members
        least.append(constraint.value if constraint.kind in {"number", "least"} else 0)
        most.append(constraint.value if constraint.kind in {"number", "most"} else len(candidates))
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(wanted), len(candidates)))
    solution = milp(
        c=-np.array(worth, dtype=float),
        integrality=np.ones(len(candidates)),
        bounds=Bounds(lower, np.ones(len(candidates))),
        constraints=LinearConstraint(matrix, least, most) if wanted else None,
        options={"mip_rel_gap": 0},
    )
    return None if solution.x is None else [at for at, value in enumerate(solution.x) if value > 0.5]


def members_of(candidates, constraint: SelectionConstraint) -> list[int]:
    """Return the positions of the candidates that a constraint counts."""
    if constraint.kind == "number":
        return list(range(len(candidates)))
    return [at for at, candidate in enumerate(candidates) if candidate.group(constraint.side) == constraint.key]


def smallest_conflict(candidates, constraints: list[SelectionConstraint]) -> list[SelectionConstraint]:
    """Return an irreducible infeasible subset of the constraints."""
    nothing = [0] * len(candidates)
    conflict = list(constraints)
    for kind in ("pin", "most", "least"):  # drop whole kinds first: most conflicts need only one or two
        rest = [constraint for constraint in conflict if constraint.kind != kind]
        if solve(candidates, rest, nothing) is None:
            conflict = rest
    for constraint in tuple(conflict):
        rest = [other for other in conflict if other is not constraint]
        if solve(candidates, rest, nothing) is None:
            conflict = rest
    return conflict


def relaxations(
    candidates, rules: SelectionRules, constraints: list[SelectionConstraint], conflict: list[SelectionConstraint]
) -> list[RuleRelaxation]:
    """Return, for each conflicting constraint, the nearest feasible value while the others stay unchanged."""
    for_all = [
        way
        for side in SIDES
        for way in (
            _raise_default_maximum(candidates, rules, constraints, conflict, side),
            _lower_default_minimum(candidates, rules, constraints, conflict, side),
        )
        if way is not None
    ]
    ways = []
    for constraint in conflict:
        rest = [other for other in constraints if other is not constraint]
        if constraint.side and for_all and _is_default(constraint, rules, "most", constraint.side):
            continue  # the rule wants the same of all: it changes for all
        if constraint.kind == "pin":
            if solve(candidates, rest, [0] * len(candidates)) is not None:
                ways.append(
                    RuleRelaxation(
                        f"取消必选“{constraint.name}”", None, constraint.key, cost="这一项按得分决定是否入选"
                    )
                )
            continue
        nearest = _nearest_value(candidates, constraint, rest)
        if nearest is not None:
            ways.append(_relax_constraint(rules, constraint, nearest))
    return [*for_all, *ways]


def _is_default(constraint: SelectionConstraint, rules: SelectionRules, kind: str, side: str) -> bool:
    """Whether it is the limit of a group that has none of its own."""
    return (constraint.kind, constraint.side) == (kind, side) and constraint.key not in getattr(rules, side).special


def _raise_default_maximum(
    candidates,
    rules: SelectionRules,
    constraints: list[SelectionConstraint],
    conflict: list[SelectionConstraint],
    side: str,
) -> RuleRelaxation | None:
    """Return the smallest feasible default maximum of a side if a default maximum conflicts."""
    quotas = getattr(rules, side)
    if quotas.each.most is None or not any(_is_default(limit, rules, "most", side) for limit in conflict):
        return None
    for most in range(quotas.each.most + 1, rules.number + 1):
        more = [
            replace(limit, value=most) if _is_default(limit, rules, "most", side) else limit for limit in constraints
        ]
        if solve(candidates, more, [0] * len(candidates)) is not None:
            words = f"把{GROUP_LABELS[side]}的至多从 {quotas.each.most} 项改为 {most} 项"
            changed = replace(rules, **{side: replace(quotas, each=replace(quotas.each, most=most))})
            return RuleRelaxation(words, changed, cost=f"{GROUP_LABELS[side]}最多会有 {most} 项")
    return None


def _lower_default_minimum(
    candidates,
    rules: SelectionRules,
    constraints: list[SelectionConstraint],
    conflict: list[SelectionConstraint],
    side: str,
) -> RuleRelaxation | None:
    """Return the largest feasible default minimum of a side if several default minima conflict."""
    quotas = getattr(rules, side)
    if sum(_is_default(limit, rules, "least", side) for limit in conflict) < 2:
        return None
    for least in range(quotas.each.least - 1, -1, -1):
        fewer = [
            replace(limit, value=least) if _is_default(limit, rules, "least", side) else limit for limit in constraints
        ]
        if solve(candidates, fewer, [0] * len(candidates)) is not None:
            words = f"把{GROUP_LABELS[side]}的至少从 {quotas.each.least} 项改为 {least} 项"
            changed = replace(rules, **{side: replace(quotas, each=replace(quotas.each, least=least))})
            return RuleRelaxation(words, changed, cost=f"{GROUP_LABELS[side]}只保证 {least} 项")
    return None


def _nearest_value(candidates, constraint: SelectionConstraint, rest: list[SelectionConstraint]) -> int | None:
    """Return the value nearest to the constraint's own that the rest allows."""
    members = set(members_of(candidates, constraint))
    counted = []
    for sign in (1, -1):
        chosen = solve(candidates, rest, [sign * (at in members) for at in range(len(candidates))])
        if chosen is None:
            return None
        counted.append(len(members.intersection(chosen)))
    most, fewest = counted
    if constraint.kind == "least":
        return most
    if constraint.kind == "most":
        return fewest
    nearest = min(max(constraint.value, fewest), most)
    return nearest or None


def _relax_constraint(rules: SelectionRules, constraint: SelectionConstraint, value: int) -> RuleRelaxation:
    if constraint.kind == "number":
        words = f"把推介数量从 {constraint.value} 项改为 {value} 项"
        difference = value - constraint.value
        cost = f"多推介 {difference} 项" if difference > 0 else f"少推介 {-difference} 项"
        return RuleRelaxation(words, replace(rules, number=value), cost=cost)
    quota = getattr(rules, constraint.side).of(constraint.key)
    bound = "至少" if constraint.kind == "least" else "至多"
    words = f"把{constraint.name}的{bound}从 {constraint.value} 项改为 {value} 项"
    changes = {constraint.kind: value}
    if constraint.kind == "most":
        changes["least"] = min(quota.least, value)
    cost = f"{constraint.name}{'最多会有' if constraint.kind == 'most' else '只保证'} {value} 项"
    return RuleRelaxation(words, rules.with_quota(constraint.side, constraint.key, **changes), cost=cost)


def group_counts(chosen, side: str) -> Counter:
    return Counter(candidate.group(side) for candidate in chosen)
