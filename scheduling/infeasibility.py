"""Explains why an event is infeasible: a minimal conflict, and which constraints to relax.

Counting comes first (more meetings than slots or tables), because SAT solvers are slow on pigeonhole problems; then an
unsatisfiable core over selector literals. The result is reduced until removing any one constraint makes the rest
feasible.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from scheduling.constraints import TABLES, Constraint, InfeasibleError, Relaxation, relaxation
from scheduling.encoding import Encoding
from scheduling.event import Event
from scheduling.problem import Problem, all_constraints, compile_event, required_meetings

MAX_CONFLICTS = 100_000
"""Conflict limit of one feasibility check. If it is reached, the constraint stays in the conflict, which then may not
be minimal."""


def find_overload_conflict(event: Event, problem: Problem) -> InfeasibleError | None:
    """A minimal conflict of an event whose meetings are too many, ready to be raised; None if counting finds none."""
    suspects = _overload_constraints(event, problem)
    return None if suspects is None else _minimized(event, suspects)


def explain_infeasible(event: Event, problem: Problem) -> InfeasibleError:
    """A minimal conflict of an event that a search has proven infeasible, ready to be raised."""
    return find_overload_conflict(event, problem) or _minimized(event, _unsatisfiable_core(event))


def is_feasible(event: Event, constraints: Iterable[Constraint]) -> bool | None:
    """Whether these constraints can hold together; None: not known within MAX_CONFLICTS."""
    from pysat.solvers import Cadical195

    problem = compile_event(event, frozenset(constraints))
    if find_overload(problem) is not None:
        return False
    with Cadical195(bootstrap_with=Encoding(problem).clauses) as solver:
        solver.conf_budget(MAX_CONFLICTS)
        answer: bool | None = solver.solve_limited()
        return answer


def suggest_relaxations(event: Event, error: InfeasibleError, *, seconds: float = 5.0) -> tuple[Relaxation, ...]:
    """For each constraint of the conflict, whether the event is feasible without it; those that help come first.

    Constraints that are not checked within `seconds` have `works` None. If no single one helps,
    `minimum_relaxation` gives the fewest that do together.
    """
    deadline = time.monotonic() + seconds
    constraints = all_constraints(event)
    relaxations = []
    for constraint in error.conflict:
        if time.monotonic() >= deadline:
            relaxations.append(relaxation(event, constraint, None))
        elif constraint == TABLES:
            relaxations.append(_more_tables(event))
        elif constraint.kind == "max_meetings":
            relaxations.append(_higher_limit(event, constraint, constraints))
        else:
            others = [other for other in constraints if other != constraint]
            relaxations.append(relaxation(event, constraint, is_feasible(event, others)))
    return tuple(sorted(relaxations, key=lambda suggestion: suggestion.works is not True))


def minimum_relaxation(event: Event) -> tuple[Constraint, ...]:
    """The fewest constraints without which the event is feasible, tables excepted (maximum satisfiability)."""
    from pysat.examples.rc2 import RC2
    from pysat.formula import WCNF

    constraints = [constraint for constraint in all_constraints(event) if constraint != TABLES]
    encoding = Encoding(compile_event(event), constraints)
    formula = WCNF()
    for clause in encoding.clauses:
        formula.append(clause)
    for constraint in constraints:
        formula.append([encoding.selectors[constraint]], weight=1)
    with RC2(formula, solver="cadical153") as search:
        model = set(search.compute() or ())
    return tuple(constraint for constraint in constraints if encoding.selectors[constraint] not in model)


def _more_tables(event: Event) -> Relaxation:
    """The smallest number of additional tables per slot that makes the event feasible, by binary search.

    `works` is False if tables alone do not help.
    """
    constraints = all_constraints(event)
    without_limit = is_feasible(event, [constraint for constraint in constraints if constraint != TABLES])
    if not without_limit:
        return Relaxation(TABLES, "增加洽谈桌", without_limit)
    low, high = 0, len(event.meetings)
    while high - low > 1:
        middle = (low + high) // 2
        hall = event.halls[0]
        tables = tuple(hall.table_count(slot) + middle for slot in range(len(event.slots)))
        larger = replace(event, halls=(replace(hall, tables=tables, lost_tables=frozenset()), *event.halls[1:]))
        low, high = (low, middle) if is_feasible(larger, constraints) else (middle, high)
    return Relaxation(TABLES, f"每个时段增加 {high} 张洽谈桌", True, high)


def _higher_limit(event: Event, constraint: Constraint, constraints: list[Constraint]) -> Relaxation:
    """The party's limit raised to the number of its required meetings, which all must be scheduled."""
    party = event.party(constraint.subject)
    required = required_meetings(event)
    needed = sum(meeting.id in required and party.id in meeting.parties for meeting in event.meetings)
    works = is_feasible(event, [other for other in constraints if other != constraint])
    text = f"{party.name or party.id}的最多场次从 {party.max_meetings} 改为 {needed}"
    return Relaxation(constraint, text, works, needed)


def _overload_constraints(event: Event, problem: Problem) -> list[Constraint] | None:
    """The constraints that `find_overload` involves; None if there is no overload."""
    overload = find_overload(problem)
    if overload is None:
        return None
    overloaded, with_tables = overload
    required = [Constraint("required", problem.meeting_ids[m]) for m in overloaded]
    meetings = {problem.meeting_ids[m] for m in overloaded}
    people = {problem.person_ids[person] for m in overloaded for person in problem.persons_of[m]}
    parties = {event.parties[party].id for m in overloaded for party in problem.parties_of[m]}
    others = [
        constraint
        for constraint in all_constraints(event)
        if (constraint.kind in ("lock", "slots") and constraint.subject in meetings)
        or (constraint.kind == "availability" and constraint.subject in people)
        or (constraint.kind == "activity" and constraint.subject[1] in people)
        or (constraint.kind == "max_meetings" and constraint.subject in parties)
        or (constraint == TABLES and with_tables)
    ]
    return others + required


def find_overload(problem: Problem) -> tuple[list[int], bool] | None:
    """(meetings, whether tables are involved): meetings that are too many for a party, a person's slots or the tables.

    None if there is no overload.
    """
    for party, limit in enumerate(problem.max_meetings):
        meetings = [m for m, pair in enumerate(problem.parties_of) if party in pair]
        if len(meetings) > limit:
            return meetings[: limit + 1], False
    slot_of = problem.slot_of
    for meetings in problem.meetings_of:
        slots = [sorted({slot_of[cell] for cell in problem.allowed[m]}) for m in meetings]
        if violator := _hall_violator(slots, dict.fromkeys(range(problem.slot_count), 1)):
            return [meetings[n] for n in violator], any(not tables for tables in problem.capacity)
    violator = _hall_violator(problem.allowed, dict(enumerate(problem.capacity)))
    return (violator, True) if violator else None


def _hall_violator(choices: list[list[int]], capacity: Mapping[int, int]) -> list[int] | None:
    """Items whose choices together have less capacity than there are items; None if a matching exists.

    `choices`: places each item can have. Bipartite matching by augmenting paths; a failed search gives a set that
    violates Hall's condition.
    """
    items_at: dict[int, list[int]] = {place: [] for place in capacity}
    place_of: dict[int, int] = {}

    def free_place(item: int) -> tuple[dict[int, int], int | None]:
        """({place reached: item it was reached from}, a place with free capacity), by breadth-first search."""
        reached_from: dict[int, int] = {}
        queue = [item]
        for current in queue:
            for place in choices[current]:
                if place not in reached_from:
                    reached_from[place] = current
                    if len(items_at[place]) < capacity[place]:
                        return reached_from, place
                    queue.extend(items_at[place])
        return reached_from, None

    for item in range(len(choices)):
        reached_from, place = free_place(item)
        if place is None:
            return sorted({item, *(other for reached in reached_from for other in items_at[reached])})
        while place is not None:
            mover = reached_from[place]
            previous = place_of.get(mover)
            if previous is not None:
                items_at[previous].remove(mover)
            items_at[place].append(mover)
            place_of[mover] = place
            place = previous
    return None


def _unsatisfiable_core(event: Event) -> list[Constraint]:
    from pysat.solvers import Cadical153

    constraints = all_constraints(event)
    encoding = Encoding(compile_event(event), constraints)
    by_literal = {literal: constraint for constraint, literal in encoding.selectors.items()}
    with Cadical153(bootstrap_with=encoding.clauses) as solver:
        if solver.solve(assumptions=list(by_literal)):
            raise AssertionError("all constraints can hold together, though a search found the event infeasible")
        core = set(solver.get_core() or ())
    return [constraint for literal, constraint in by_literal.items() if literal in core]


def _minimized(event: Event, suspects: list[Constraint]) -> InfeasibleError:
    """Remove blocks of constraints, of half the size each time, as long as the rest is infeasible."""
    minimal = True

    def is_infeasible(constraints: list[Constraint]) -> bool:
        nonlocal minimal
        answer = is_feasible(event, constraints)
        minimal = minimal and answer is not None
        return answer is False

    conflict = list(suspects)
    size = max(1, len(conflict) // 2)
    while True:
        start = 0
        while start < len(conflict):
            rest = conflict[:start] + conflict[start + size :]
            if is_infeasible(rest):
                conflict = rest
            else:
                start += size
        if size == 1:
            break
        size = max(1, size // 2)
    return InfeasibleError(event, tuple(conflict), minimal)
