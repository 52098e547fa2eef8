"""The numbers behind a conflict: how many places its meetings need and how many there are."""

from dataclasses import dataclass
from typing import Literal

from scheduling.constraints import Constraint
from scheduling.event import Event, Id
from scheduling.infeasibility import find_overload
from scheduling.problem import Problem, all_constraints, compile_event


@dataclass(frozen=True, slots=True)
class Shortage:
    """`kind`: what is short. Meetings of one party (`limit`), time slots of one person (`slots`), places at tables."""

    kind: Literal["limit", "slots", "tables"]
    needed: int
    available: int
    meetings: tuple[Id, ...]

    def __str__(self) -> str:
        """A Chinese clause without a full stop."""
        if self.kind == "limit":
            return f"需要 {self.needed} 场，最多只能 {self.available} 场"
        unit = "个时段" if self.kind == "slots" else "个桌位（每桌每时段一个）"
        return f"需要 {self.needed} {unit}，只有 {self.available} 个"


def shortage_of(event: Event, conflict: tuple[Constraint, ...]) -> Shortage | None:
    """What the meetings of a conflict lack; None if counting does not show it (their times exclude each other).

    A conflict is minimal and therefore has one meeting too many; the numbers are those of all meetings that need the
    same places.
    """
    problem = compile_event(event, frozenset(conflict))
    overload = find_overload(problem)
    if overload is None:
        return None
    meetings, _ = overload
    everything = compile_event(event, frozenset(all_constraints(event)))
    for party, limit in enumerate(problem.max_meetings):
        if limit < len(meetings) and all(party in problem.parties_of[m] for m in meetings):
            same = [m for m, pair in enumerate(everything.parties_of) if party in pair]
            return Shortage("limit", len(same), limit, _ids(everything, same))
    cells = {cell for m in meetings for cell in problem.allowed[m]}
    persons = set.intersection(*(set(problem.persons_of[m]) for m in meetings))
    slots = {problem.slot_of[cell] for cell in cells}
    if persons:
        same = [
            m
            for m, attending in enumerate(everything.persons_of)
            if persons & set(attending) and slots >= {everything.slot_of[cell] for cell in everything.allowed[m]}
        ]
        return Shortage("slots", len(same), len(slots), _ids(everything, same))
    same = [m for m, allowed in enumerate(everything.allowed) if cells.issuperset(allowed)]
    return Shortage("tables", len(same), sum(problem.capacity[cell] for cell in cells), _ids(everything, same))


def _ids(problem: Problem, meetings: list[int]) -> tuple[Id, ...]:
    return tuple(problem.meeting_ids[m] for m in meetings)
