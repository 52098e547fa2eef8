"""Why a wish was left out, in words."""

from scheduling.event import Id
from scheduling.problem import Problem
from scheduling.rules import words


def reasons(problem: Problem, cells: dict[int, int]) -> dict[Id, str]:
    """A sentence for each wish that is not in `cells` (the cell of each meeting held)."""
    day = _Day(problem, cells)
    return {problem.wishes[m]: day.reason(m) for m in range(len(problem.of)) if m not in cells}


class _Day:
    def __init__(self, problem: Problem, cells: dict[int, int]):
        self.problem = problem
        self.busy = [0] * len(problem.persons)
        self.held = [0] * len(problem.most)
        self.load = [0] * len(problem.cells)
        self.waiting = {after for before, after in problem.orders if before not in cells}
        for m, cell in cells.items():
            self.load[cell] += 1
            for person in problem.of[m]:
                self.busy[person] |= 1 << problem.slot_of[cell]
            for party in problem.parties[m]:
                self.held[party] += 1

    def reason(self, m: int) -> str:
        problem = self.problem
        if not problem.allowed[m]:
            rules = dict.fromkeys(rule for rules in problem.blocked[m].values() for rule in rules)
            return "没有双方都能到的时段：" + "；".join(words(problem.event, rule) for rule in rules)
        for party in problem.parties[m]:
            if self.held[party] >= problem.most[party]:
                return f"{self._name(party)}已排满最多 {problem.most[party]} 场"
        if m in self.waiting:
            return "须在它之前的洽谈没有安排"
        return self._no_room(m)

    def _no_room(self, m: int) -> str:
        problem = self.problem
        slots = 0
        for cell in problem.allowed[m]:
            slots |= 1 << problem.slot_of[cell]
        for party in problem.parties[m]:
            if not slots & ~self._busy(m, party):
                return f"{self._name(party)}在双方都能到的时段已有更合适的洽谈"
        taken = self._busy(m, problem.parties[m][0]) | self._busy(m, problem.parties[m][1])
        free = [cell for cell in problem.allowed[m] if not taken >> problem.slot_of[cell] & 1]
        if not free:
            return "双方各有空闲，但时段不重合"
        if all(self.load[cell] >= problem.room[cell] for cell in free):
            return "双方都空闲的时段，洽谈桌已满"
        return "与双方其他洽谈的先后或换场地时间冲突"

    def _busy(self, m: int, party: int) -> int:
        """Slots, as bits, in which somebody of the party who must sit at this table is at another."""
        one = self.problem.event.parties[party]
        own = {person.id for person in one.people} or {f"party {one.id}"}
        busy = 0
        for person in self.problem.of[m]:
            if self.problem.persons[person] in own:
                busy |= self.busy[person]
        return busy

    def _name(self, party: int) -> str:
        one = self.problem.event.parties[party]
        return one.name or str(one.id)
