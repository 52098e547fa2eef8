"""A timetable in the making: who sits where, what a change would displace, and how to take it back."""

from scheduling.problem import Problem

NOWHERE = -1


class Board:
    def __init__(self, problem: Problem):
        self.problem = problem
        self.cell = [NOWHERE] * len(problem.of)
        self.occupied = [[NOWHERE] * problem.slots for _ in problem.persons]
        self.busy = [0] * len(problem.persons)
        """Slots of each person as bits."""
        self.members: list[list[int]] = [[] for _ in problem.cells]
        self.held = [0] * len(problem.most)
        self.log: list[tuple[int, int]] = []
        self.befores: list[list[int]] = [[] for _ in problem.of]
        self.afters: list[list[int]] = [[] for _ in problem.of]
        for before, after in problem.orders:
            self.befores[after].append(before)
            self.afters[before].append(after)

    def put(self, meeting: int, cell: int) -> None:
        """Move a meeting to a cell, or NOWHERE. Remembered until `keep` or `undo`."""
        self.log.append((meeting, self.cell[meeting]))
        self._put(meeting, cell)

    def keep(self) -> None:
        self.log.clear()

    def undo(self) -> None:
        while self.log:
            self._put(*self.log.pop())

    def _put(self, meeting: int, cell: int) -> None:
        problem = self.problem
        was = self.cell[meeting]
        if was != NOWHERE:
            slot = problem.slot_of[was]
            for person in problem.of[meeting]:
                if self.occupied[person][slot] == meeting:
                    self.occupied[person][slot] = NOWHERE
                    self.busy[person] &= ~(1 << slot)
            self.members[was].remove(meeting)
        if cell != NOWHERE:
            slot = problem.slot_of[cell]
            for person in problem.of[meeting]:
                self.occupied[person][slot] = meeting
                self.busy[person] |= 1 << slot
            self.members[cell].append(meeting)
        self.cell[meeting] = cell
        change = (cell != NOWHERE) - (was != NOWHERE)
        if change:
            for party in problem.parties[meeting]:
                self.held[party] += change

    def in_the_way(self, meeting: int, cell: int) -> list[int] | None:
        """Meetings whose people, or whose order, forbid this cell; None if nothing can be moved out of the way.

        Tables and the most meetings of a party are not looked at.
        """
        problem = self.problem
        slot = problem.slot_of[cell]
        for before in self.befores[meeting]:
            where = self.cell[before]
            if where == NOWHERE or problem.slot_of[where] >= slot:
                return None
        found: list[int] = []
        for person in problem.of[meeting]:
            other = self.occupied[person][slot]
            if other != NOWHERE and other != meeting and other not in found:
                found.append(other)
            for elsewhere in problem.far.get(cell, ()):
                other = self.occupied[person][problem.slot_of[elsewhere]]
                if other not in (NOWHERE, meeting) and self.cell[other] == elsewhere and other not in found:
                    found.append(other)
        for after in self.afters[meeting]:
            where = self.cell[after]
            if where != NOWHERE and problem.slot_of[where] <= slot and after not in found:
                found.append(after)
        return found

    def is_full(self, cell: int) -> bool:
        return len(self.members[cell]) >= self.problem.room[cell]

    def wants_no_more(self, meeting: int) -> list[int]:
        """Parties of a meeting, not yet held, that have as many as they want."""
        if self.cell[meeting] != NOWHERE:
            return []
        return [party for party in self.problem.parties[meeting] if self.held[party] >= self.problem.most[party]]

    def free_cells(self, meeting: int) -> list[int]:
        """Cells it could go to at once."""
        if self.wants_no_more(meeting):
            return []
        if not self.problem.far and not self.befores[meeting] and not self.afters[meeting]:
            busy = 0
            for person in self.problem.of[meeting]:
                busy |= self.busy[person]
            slot_of = self.problem.slot_of
            return [
                cell
                for cell in self.problem.allowed[meeting]
                if not busy >> slot_of[cell] & 1 and not self.is_full(cell)
            ]
        return [
            cell
            for cell in self.problem.allowed[meeting]
            if cell != self.cell[meeting] and not self.is_full(cell) and self.in_the_way(meeting, cell) == []
        ]

    def is_bound(self, meeting: int) -> bool:
        """Another meeting that is held must come after it, so it cannot be taken away."""
        return any(self.cell[after] != NOWHERE for after in self.afters[meeting])

    def gaps_of(self, person: int) -> int:
        busy = self.busy[person]
        return (busy & ~(busy << 1)).bit_count() - 1 if busy else 0

    def gaps(self) -> int:
        return sum(map(self.gaps_of, range(len(self.busy))))

    def served(self) -> int:
        return sum(map(bool, self.held))

    def weight(self) -> float:
        return sum(weight for weight, cell in zip(self.problem.weight, self.cell, strict=True) if cell != NOWHERE)
