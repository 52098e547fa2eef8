"""A schedule under construction: incremental assignment, conflicts of a move, and undo."""

from scheduling.problem import Problem

UNASSIGNED = -1


class PartialSchedule:
    """Assignments of the meetings of a problem to cells, with the resource usage kept up to date."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.cell_of = [UNASSIGNED] * len(problem.persons_of)
        """Cell of each meeting."""
        self.meeting_at = [[UNASSIGNED] * problem.slot_count for _ in problem.person_ids]
        """Meeting by person and slot."""
        self.busy_slots = [0] * len(problem.person_ids)
        """Slots of each person as a bit mask."""
        self.meetings_in: list[list[int]] = [[] for _ in problem.cells]
        self.meeting_count = [0] * len(problem.max_meetings)
        """Scheduled meetings of each party."""
        self.undo_log: list[tuple[int, int]] = []
        """(meeting, previous cell) since the last commit."""
        self.predecessors: list[list[int]] = [[] for _ in problem.persons_of]
        self.successors: list[list[int]] = [[] for _ in problem.persons_of]
        for before, after in problem.precedences:
            self.predecessors[after].append(before)
            self.successors[before].append(after)

    def assign(self, meeting: int, cell: int) -> None:
        """Move a meeting to a cell or to UNASSIGNED. Can be undone until `commit`."""
        self.undo_log.append((meeting, self.cell_of[meeting]))
        self._assign(meeting, cell)

    def commit(self) -> None:
        self.undo_log.clear()

    def rollback(self, length: int = 0) -> None:
        """Undo assignments until the undo log has this length."""
        while len(self.undo_log) > length:
            self._assign(*self.undo_log.pop())

    def _assign(self, meeting: int, cell: int) -> None:
        problem = self.problem
        previous = self.cell_of[meeting]
        if previous != UNASSIGNED:
            slot = problem.slot_of[previous]
            for person in problem.persons_of[meeting]:
                if self.meeting_at[person][slot] == meeting:
                    self.meeting_at[person][slot] = UNASSIGNED
                    self.busy_slots[person] &= ~(1 << slot)
            self.meetings_in[previous].remove(meeting)
        if cell != UNASSIGNED:
            slot = problem.slot_of[cell]
            for person in problem.persons_of[meeting]:
                self.meeting_at[person][slot] = meeting
                self.busy_slots[person] |= 1 << slot
            self.meetings_in[cell].append(meeting)
        self.cell_of[meeting] = cell
        change = (cell != UNASSIGNED) - (previous != UNASSIGNED)
        if change:
            for party in problem.parties_of[meeting]:
                self.meeting_count[party] += change

    def conflicting_meetings(self, meeting: int, cell: int) -> list[int] | None:
        """Meetings whose persons or precedences conflict with the meeting in this cell.

        None if a predecessor is not scheduled earlier, which moving other meetings away cannot repair. Does not
        consider tables or the limits of parties.
        """
        problem = self.problem
        slot = problem.slot_of[cell]
        for before in self.predecessors[meeting]:
            other_cell = self.cell_of[before]
            if other_cell == UNASSIGNED or problem.slot_of[other_cell] >= slot:
                return None
        conflicts: list[int] = []
        for person in problem.persons_of[meeting]:
            other = self.meeting_at[person][slot]
            if other != UNASSIGNED and other != meeting and other not in conflicts:
                conflicts.append(other)
            for far in problem.incompatible.get(cell, ()):
                other = self.meeting_at[person][problem.slot_of[far]]
                if other not in (UNASSIGNED, meeting) and self.cell_of[other] == far and other not in conflicts:
                    conflicts.append(other)
        for after in self.successors[meeting]:
            other_cell = self.cell_of[after]
            if other_cell != UNASSIGNED and problem.slot_of[other_cell] <= slot and after not in conflicts:
                conflicts.append(after)
        return conflicts

    def is_full(self, cell: int) -> bool:
        return len(self.meetings_in[cell]) >= self.problem.capacity[cell]

    def saturated_parties(self, meeting: int) -> list[int]:
        """Parties of an unassigned meeting that have reached their maximum number of meetings."""
        if self.cell_of[meeting] != UNASSIGNED:
            return []
        return [
            party
            for party in self.problem.parties_of[meeting]
            if self.meeting_count[party] >= self.problem.max_meetings[party]
        ]

    def free_cells(self, meeting: int) -> list[int]:
        """Cells the meeting can be assigned to without moving other meetings."""
        if self.saturated_parties(meeting):
            return []
        if not self.problem.incompatible and not self.predecessors[meeting] and not self.successors[meeting]:
            busy = 0
            for person in self.problem.persons_of[meeting]:
                busy |= self.busy_slots[person]
            slot_of = self.problem.slot_of
            return [
                cell
                for cell in self.problem.allowed[meeting]
                if not busy >> slot_of[cell] & 1 and not self.is_full(cell)
            ]
        return [
            cell
            for cell in self.problem.allowed[meeting]
            if cell != self.cell_of[meeting]
            and not self.is_full(cell)
            and self.conflicting_meetings(meeting, cell) == []
        ]

    def has_scheduled_successor(self, meeting: int) -> bool:
        """Whether removing the meeting would violate a precedence."""
        return any(self.cell_of[after] != UNASSIGNED for after in self.successors[meeting])

    def assigned_cells(self) -> dict[int, int]:
        """{meeting: cell} of the assigned meetings."""
        return {m: cell for m, cell in enumerate(self.cell_of) if cell != UNASSIGNED}

    def gaps_of(self, person: int) -> int:
        busy = self.busy_slots[person]
        return _runs(busy) - 1 if busy else 0

    def runs_with(self, meeting: int, cell: int) -> int:
        """Runs of consecutive busy slots of the meeting's persons if the meeting were in this cell as well."""
        bit = 1 << self.problem.slot_of[cell]
        return sum(_runs(self.busy_slots[person] | bit) for person in self.problem.persons_of[meeting])

    def gaps(self) -> int:
        return sum(map(self.gaps_of, range(len(self.busy_slots))))

    def served_parties(self) -> int:
        return sum(map(bool, self.meeting_count))

    def total_weight(self) -> float:
        weights = zip(self.problem.weights, self.cell_of, strict=True)
        return sum(weight for weight, cell in weights if cell != UNASSIGNED)


def _runs(busy: int) -> int:
    """Runs of consecutive ones in a bit mask."""
    return (busy & ~(busy << 1)).bit_count()
