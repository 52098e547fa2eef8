"""Reasons why meetings are not scheduled, as Chinese sentences without a full stop."""

from scheduling.constraints import describe
from scheduling.event import Id
from scheduling.problem import Problem


def left_out_reasons(problem: Problem, cells: dict[int, int]) -> dict[Id, str]:
    """{meeting id: reason} of the meetings that are not in `cells`, {scheduled meeting: cell}."""
    usage = _ResourceUsage(problem, cells)
    return {problem.meeting_ids[m]: usage.reason(m) for m in range(len(problem.persons_of)) if m not in cells}


class _ResourceUsage:
    def __init__(self, problem: Problem, cells: dict[int, int]) -> None:
        self.problem = problem
        self.busy_slots = [0] * len(problem.person_ids)
        """Bit mask per person."""
        self.meeting_count = [0] * len(problem.max_meetings)
        self.tables_used = [0] * len(problem.cells)
        self.without_predecessor = {after for before, after in problem.precedences if before not in cells}
        for m, cell in cells.items():
            self.tables_used[cell] += 1
            for person in problem.persons_of[m]:
                self.busy_slots[person] |= 1 << problem.slot_of[cell]
            for party in problem.parties_of[m]:
                self.meeting_count[party] += 1

    def reason(self, m: int) -> str:
        problem = self.problem
        if not problem.allowed[m]:
            constraints = dict.fromkeys(
                constraint for constraints in problem.blocked[m].values() for constraint in constraints
            )
            sentences = (describe(problem.event, constraint) for constraint in constraints)
            return "没有双方都能到的时段：" + "；".join(sentences)
        for party in problem.parties_of[m]:
            if self.meeting_count[party] >= problem.max_meetings[party]:
                return f"{self._name(party)}已排满最多 {problem.max_meetings[party]} 场"
        if m in self.without_predecessor:
            return "须在它之前的洽谈没有安排"
        return self._no_free_cell(m)

    def _no_free_cell(self, m: int) -> str:
        problem = self.problem
        slots = 0
        for cell in problem.allowed[m]:
            slots |= 1 << problem.slot_of[cell]
        for party in problem.parties_of[m]:
            if not slots & ~self._party_busy_slots(m, party):
                return f"{self._name(party)}在双方都能到的时段已有更合适的洽谈"
        first, second = problem.parties_of[m]
        busy = self._party_busy_slots(m, first) | self._party_busy_slots(m, second)
        free = [cell for cell in problem.allowed[m] if not busy >> problem.slot_of[cell] & 1]
        if not free:
            return "双方各有空闲，但时段不重合"
        if all(self.tables_used[cell] >= problem.capacity[cell] for cell in free):
            return "双方都空闲的时段，洽谈桌已满"
        return "与双方其他洽谈的先后或换场地时间冲突"

    def _party_busy_slots(self, m: int, party_index: int) -> int:
        """Bit mask of slots in which a person of the party who must attend meeting m is at another table."""
        party = self.problem.event.parties[party_index]
        people = {person.id for person in party.people} or {f"party {party.id}"}
        busy = 0
        for person in self.problem.persons_of[m]:
            if self.problem.person_ids[person] in people:
                busy |= self.busy_slots[person]
        return busy

    def _name(self, party_index: int) -> str:
        party = self.problem.event.parties[party_index]
        return party.name or str(party.id)
