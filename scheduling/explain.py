"""Why there is no plan: a smallest-possible set of limits that cannot hold together, and what would help.

Counting comes first (more meetings than slots or tables), because a solver of clauses is bad at pigeonholes; then a
core of named assumptions. Either is shrunk until dropping any one limit makes the rest possible.
"""

import time
from collections.abc import Iterable

from scheduling.encoding import Encoding
from scheduling.event import Event
from scheduling.plan import NoPlan, Relaxation, relaxation
from scheduling.problem import Problem, all_rules, compile_event
from scheduling.rules import TABLES, Rule

CONFLICTS = 100_000
"""After so many conflicts of the solver a limit counts as needed, and the set as perhaps not minimal."""


def conflict_of(event: Event, problem: Problem, *, known: bool = False) -> NoPlan | None:
    """What cannot hold together among what must be held; None if counting finds nothing (and it is not `known`)."""
    suspects = _counted(event, problem)
    if suspects is None:
        if not known:
            return None
        suspects = _core(event)
    return _shrunk(event, suspects)


def feasible(event: Event, rules: Iterable[Rule]) -> bool | None:
    """Whether these limits can hold together; None: not known within CONFLICTS."""
    from pysat.solvers import Cadical195

    problem = compile_event(event, frozenset(rules))
    if overfull(problem) is not None:
        return False
    with Cadical195(bootstrap_with=Encoding(problem).clauses) as solver:
        solver.conf_budget(CONFLICTS)
        return solver.solve_limited()


def relaxations(event: Event, conflict: NoPlan, *, seconds: float = 5.0) -> tuple[Relaxation, ...]:
    """What to give up so that a plan exists, each tried on the whole event; those that work first.

    If no single limit is enough, the smallest number that together are, each named, all of them needed.
    """
    until = time.monotonic() + seconds
    everything = all_rules(event)
    tried = []
    for rule in conflict.conflict:
        if time.monotonic() >= until:
            tried.append(relaxation(event, rule, None))
        elif rule == TABLES:
            tried.append(_with_more_tables(event))
        else:
            tried.append(relaxation(event, rule, feasible(event, [one for one in everything if one != rule])))
    return tuple(sorted(tried, key=lambda one: one.works is not True))


def smallest_relaxation(event: Event) -> tuple[Rule, ...]:
    """The fewest limits whose giving up makes a plan possible, tables left as they are (maximum satisfiability)."""
    from pysat.examples.rc2 import RC2
    from pysat.formula import WCNF

    rules = [rule for rule in all_rules(event) if rule != TABLES]
    encoding = Encoding(compile_event(event), rules)
    formula = WCNF()
    for clause in encoding.clauses:
        formula.append(clause)
    for rule in rules:
        formula.append([encoding.selector[rule]], weight=1)
    with RC2(formula, solver="cadical153") as search:
        model = set(search.compute() or ())
    return tuple(rule for rule in rules if encoding.selector[rule] not in model)


def _with_more_tables(event: Event) -> Relaxation:
    """The fewest more tables in every slot with which a plan exists; False if tables alone do not help."""
    from dataclasses import replace

    everything = all_rules(event)
    without = feasible(event, [rule for rule in everything if rule != TABLES])
    if not without:
        return Relaxation(TABLES, "增加洽谈桌", without)
    low, high = 0, len(event.wishes)
    while high - low > 1:
        middle = (low + high) // 2
        hall = event.halls[0]
        tables = tuple(hall.tables_at(slot) + middle for slot in range(len(event.slots)))
        larger = replace(event, halls=(replace(hall, tables=tables, lost=frozenset()), *event.halls[1:]))
        low, high = (low, middle) if feasible(larger, everything) else (middle, high)
    return Relaxation(TABLES, f"每个时段增加 {high} 张洽谈桌", True)


def _counted(event: Event, problem: Problem) -> list[Rule] | None:
    """Limits that already fail when counted: of one meeting, one person, one party, or the tables."""
    found = overfull(problem)
    if found is None:
        return None
    meetings, with_tables = found
    held = [Rule("hold", problem.wishes[m]) for m in meetings]
    about = {problem.wishes[m] for m in meetings}
    people = {problem.persons[person] for m in meetings for person in problem.of[m]}
    parties = {event.parties[party].id for m in meetings for party in problem.parties[m]}
    others = [
        rule
        for rule in all_rules(event)
        if (rule.kind in ("lock", "slots") and rule.subject in about)
        or (rule.kind == "presence" and rule.subject in people)
        or (rule.kind == "item" and rule.subject[1] in people)
        or (rule.kind == "most" and rule.subject in parties)
        or (rule == TABLES and with_tables)
    ]
    return others + held


def overfull(problem: Problem) -> tuple[list[int], bool] | None:
    """Meetings that are too many for a party, for a person's slots, or for the tables (then True)."""
    for party, most in enumerate(problem.most):
        mine = [m for m, pair in enumerate(problem.parties) if party in pair]
        if len(mine) > most:
            return mine[: most + 1], False
    slot_of = problem.slot_of
    for mine in problem.meetings_of:
        slots = [sorted({slot_of[cell] for cell in problem.allowed[m]}) for m in mine]
        if tight := _unmatched(slots, dict.fromkeys(range(problem.slots), 1)):
            return [mine[n] for n in tight], any(not room for room in problem.room)
    tight = _unmatched(problem.allowed, dict(enumerate(problem.room)))
    return (tight, True) if tight else None


def _unmatched(choices: list[list[int]], room: dict[int, int]) -> list[int] | None:
    """Rows that want more places than their choices have, a Hall violator; None if all find one (augmenting paths)."""
    inside: dict[int, list[int]] = {place: [] for place in room}

    def reached_from(row: int) -> tuple[dict[int, int], int | None]:
        came: dict[int, int] = {}
        queue = [row]
        for one in queue:
            for place in choices[one]:
                if place not in came:
                    came[place] = one
                    if len(inside[place]) < room[place]:
                        return came, place
                    queue.extend(inside[place])
        return came, None

    where: dict[int, int] = {}
    for row in range(len(choices)):
        came, place = reached_from(row)
        if place is None:
            return sorted({row, *(other for seen in came for other in inside[seen])})
        while place is not None:
            mover = came[place]
            before = where.get(mover)
            if before is not None:
                inside[before].remove(mover)
            inside[place].append(mover)
            where[mover] = place
            place = before
    return None


def _core(event: Event) -> list[Rule]:
    """Limits from an unsatisfiable core over named assumptions."""
    from pysat.solvers import Cadical153

    rules = all_rules(event)
    encoding = Encoding(compile_event(event), rules)
    by_literal = {literal: rule for rule, literal in encoding.selector.items()}
    with Cadical153(bootstrap_with=encoding.clauses) as solver:
        if solver.solve(assumptions=list(by_literal)):
            raise AssertionError("the named limits hold together, though the problem has no plan")
        core = set(solver.get_core() or ())
    return [rule for literal, rule in by_literal.items() if literal in core]


def _shrunk(event: Event, suspects: list[Rule]) -> NoPlan:
    """Drop pieces, halves first, then one by one, as long as the rest still cannot hold together."""
    minimal = True

    def impossible(rules: list[Rule]) -> bool:
        nonlocal minimal
        answer = feasible(event, rules)
        minimal = minimal and answer is not None
        return answer is False

    kept = list(suspects)
    size = max(1, len(kept) // 2)
    while True:
        at = 0
        while at < len(kept):
            rest = kept[:at] + kept[at + size :]
            if impossible(rest):
                kept = rest
            else:
                at += size
        if size == 1:
            break
        size = max(1, size // 2)
    return NoPlan(event, tuple(kept), minimal)
