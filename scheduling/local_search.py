"""Local search: greedy construction of a schedule and its improvement by simulated annealing.

A move assigns one meeting to one cell; displaced meetings move to a free cell or become unassigned. The search is
limited by the number of moves and not by time, so that the same seed gives the same result on every machine.
"""

import math
import random
from collections.abc import Callable, Iterable, Iterator

from scheduling.objective import SERVED_PARTY_VALUE, SPREAD_PENALTY
from scheduling.partial_schedule import UNASSIGNED, PartialSchedule
from scheduling.problem import Problem

REPORT_INTERVAL = 1000
"""Moves between two yields, in which the caller can stop the search."""
MAX_CHAIN = 30
"""Longest Kempe chain."""


class LocalSearch:
    """Improves a PartialSchedule in place.

    `fractions` has the value of each meeting, 0–1, in the linear programme (`selection.Selection.fractions`).
    """

    def __init__(
        self, schedule: PartialSchedule, fractions: list[float], seed: int, *, serve_first: bool = True
    ) -> None:
        self.schedule, self.problem = schedule, schedule.problem
        self.fractions = fractions
        self.served_value = SERVED_PARTY_VALUE if serve_first else 0.0
        self.random = random.Random(seed)  # noqa: S311  reproducible, not for security
        self.best = list(schedule.cell_of)
        """Cell of each meeting in the best schedule so far."""
        self.weight_scale = max(self.problem.weights, default=1.0) or 1.0
        self.attainable = _attainable_meetings(self.problem)
        self.movable = [m for m in range(len(self.problem.persons_of)) if self.problem.allowed[m]]

    def construct(self) -> None:
        """Assign meetings greedily: highest fraction first, then fewest allowed cells, then highest weight."""
        problem = self.problem
        order = sorted(
            (m for m in self.movable if self.schedule.cell_of[m] == UNASSIGNED),
            key=lambda m: (-round(self.fractions[m], 3), len(problem.allowed[m]), -problem.weights[m], m),
        )
        failed = [m for m in order if not self._insert(m)]
        for m in failed:  # a predecessor may have been assigned since
            self._insert(m)
        self.schedule.commit()

    def _insert(self, meeting: int) -> bool:
        schedule = self.schedule
        cells = schedule.free_cells(meeting)
        if cells:
            best = min(cells, key=lambda cell: (schedule.runs_with(meeting, cell), -self._free_tables(cell)))
            schedule.assign(meeting, best)
        return bool(cells)

    def _free_tables(self, cell: int) -> int:
        return self.problem.capacity[cell] - len(self.schedule.meetings_in[cell])

    def improve_weight(self, moves: int) -> Iterator[float]:
        """Serve more parties if they come first, then increase the weight.

        Yields the best objective every REPORT_INTERVAL moves; at the end the schedule is the best one.
        """
        yield from self._anneal(moves, self._weight_move, self._weight_objective, 0.02, 0.001)

    def improve_gaps(self, moves: int) -> Iterator[float]:
        """Reduce the gaps of the scheduled meetings. Yields as `improve_weight` does."""
        yield from self._anneal(moves, self._gap_move, self._gap_objective, 0.9, 0.05)

    def _anneal(
        self, moves: int, move: Callable[[], float | None], objective: Callable[[], float], hot: float, cold: float
    ) -> Iterator[float]:
        """Geometric cooling from `hot` to `cold`. `move` returns its gain, or None if it is not possible."""
        schedule = self.schedule
        current = best = objective()
        saved = list(schedule.cell_of)
        for n in range(moves):
            temperature = hot * (cold / hot) ** (n / moves)
            gain = move()
            if gain is None or (gain < 0 and self.random.random() >= math.exp(gain / temperature)):
                schedule.rollback()
            else:
                schedule.commit()
                current += gain
                if current > best + 1e-9:
                    best, saved = current, list(schedule.cell_of)
            if n % REPORT_INTERVAL == REPORT_INTERVAL - 1:
                self.best = saved
                yield best
        self.best = saved
        self.restore(saved)

    def restore(self, cells: list[int]) -> None:
        """Make the schedule equal to these cells of the meetings."""
        schedule = self.schedule
        for m, cell in enumerate(cells):
            if schedule.cell_of[m] != cell:
                schedule.assign(m, UNASSIGNED)
        for m, cell in enumerate(cells):
            if schedule.cell_of[m] != cell:
                schedule.assign(m, cell)
        schedule.commit()

    def _pick(self, options: list[int]) -> int:
        return options[int(self.random.random() * len(options))]

    def _weight_objective(self) -> float:
        """Parties served, then weight, then an even spread over the parties."""
        schedule = self.schedule
        counts = zip(schedule.meeting_count, self.attainable, strict=True)
        spread = sum((count / attainable) ** 2 for count, attainable in counts)
        weight = schedule.total_weight() / self.weight_scale
        return self.served_value * schedule.served_parties() + weight - SPREAD_PENALTY * spread

    def _party_objective(self, parties: Iterable[int]) -> float:
        """The part of `_weight_objective` that depends on these parties, without weight."""
        count, attainable = self.schedule.meeting_count, self.attainable
        return sum(
            (self.served_value if count[p] else 0.0) - SPREAD_PENALTY * (count[p] / attainable[p]) ** 2 for p in parties
        )

    def _weight_move(self) -> float | None:
        """Assign a random meeting to a random cell; the gain in `_weight_objective`."""
        schedule, problem = self.schedule, self.problem
        meeting = self._pick(self.movable)
        cell = self._pick(problem.allowed[meeting])
        if schedule.cell_of[meeting] == cell:
            return None
        displaced = self._displaced(meeting, cell)
        if displaced is None:
            return None
        affected = {party for m in (meeting, *displaced) for party in problem.parties_of[m]}
        before = self._party_objective(affected)
        weight = self._reassign(meeting, cell, displaced)
        if weight is None:
            return None
        return weight / self.weight_scale + self._party_objective(affected) - before

    def _displaced(self, meeting: int, cell: int) -> list[int] | None:
        """Meetings to remove so that the meeting fits; where there is a choice, one of low weight."""
        schedule, problem = self.schedule, self.problem
        displaced = schedule.conflicting_meetings(meeting, cell)
        if displaced is None:
            return None
        for party in schedule.saturated_parties(meeting):
            if not any(party in problem.parties_of[other] for other in displaced):
                others = [
                    m for m, c in enumerate(schedule.cell_of) if c != UNASSIGNED and party in problem.parties_of[m]
                ]
                if not others:
                    return None
                displaced.append(min(others, key=problem.weights.__getitem__))
        members = schedule.meetings_in[cell]
        if schedule.is_full(cell) and not any(schedule.cell_of[other] == cell for other in displaced):
            candidates = self.random.sample(members, min(3, len(members)))
            displaced.append(min(candidates, key=problem.weights.__getitem__))
        if any(schedule.has_scheduled_successor(other) for other in displaced):
            return None
        return displaced

    def _reassign(self, meeting: int, cell: int, displaced: list[int]) -> float | None:
        """Carry out the move; the weight gained, or None if a required meeting cannot be placed."""
        schedule, problem = self.schedule, self.problem
        gained = 0.0 if schedule.cell_of[meeting] != UNASSIGNED else problem.weights[meeting]
        for other in displaced:
            schedule.assign(other, UNASSIGNED)
        schedule.assign(meeting, cell)
        for other in sorted(displaced, key=problem.weights.__getitem__, reverse=True):
            cells = schedule.free_cells(other)
            if cells:
                schedule.assign(other, self._pick(cells))
            elif problem.required[other]:
                return None
            else:
                gained -= problem.weights[other]
        return gained

    def _gap_objective(self) -> float:
        return -sum(map(self._gap_penalty, range(len(self.schedule.busy_slots))))

    def _gap_penalty(self, person: int) -> float:
        """The gaps of a person; the quadratic part prefers gaps that are spread over persons."""
        gaps = self.schedule.gaps_of(person)
        return gaps + 0.01 * gaps * gaps

    def _gap_move(self) -> float | None:
        """Exchange two cells along a Kempe chain, so that no meeting becomes unassigned; the gain in penalty."""
        schedule, problem = self.schedule, self.problem
        meeting = self._pick(self.movable)
        source = schedule.cell_of[meeting]
        target = self._pick(problem.allowed[meeting])
        if source == UNASSIGNED or target == source:
            return None
        chain = self._kempe_chain(meeting, source, target)
        if chain is None:
            return None
        people = {person for m, _ in chain for person in problem.persons_of[m]}
        before = sum(map(self._gap_penalty, people))
        for m, _ in chain:
            schedule.assign(m, UNASSIGNED)
        for m, cell in chain:
            if problem.incompatible or problem.precedences:
                if schedule.conflicting_meetings(m, cell) != []:
                    return None
                if any(schedule.cell_of[a] == UNASSIGNED for a in schedule.predecessors[m]):
                    return None
            schedule.assign(m, cell)
        return before - sum(map(self._gap_penalty, people))

    def _kempe_chain(self, meeting: int, source: int, target: int) -> list[tuple[int, int]] | None:
        """(meeting, new cell) pairs of the meetings that share persons, alternating between the two cells.

        None if the chain is too long, leaves the two cells, or exceeds the tables.
        """
        schedule, problem = self.schedule, self.problem
        source_slot, target_slot = problem.slot_of[source], problem.slot_of[target]
        if source_slot == target_slot:
            return None
        chain = {meeting: target}
        queue = [meeting]
        balance = 1  # meetings that `target` gains
        while queue:
            m = queue.pop()
            slot = problem.slot_of[chain[m]]
            for person in problem.persons_of[m]:
                other = schedule.meeting_at[person][slot]
                if other != UNASSIGNED and other not in chain:
                    cell = source if slot == target_slot else target
                    if schedule.cell_of[other] not in (source, target) or cell not in problem.allowed[other]:
                        return None
                    chain[other] = cell
                    balance += 1 if cell == target else -1
                    queue.append(other)
                    if len(chain) > MAX_CHAIN:
                        return None
        if len(schedule.meetings_in[target]) + balance > problem.capacity[target]:
            return self._balanced_chain(chain, source, target) if balance == 1 else None
        if len(schedule.meetings_in[source]) - balance > problem.capacity[source]:
            return None
        return list(chain.items())

    def _balanced_chain(self, chain: dict[int, int], source: int, target: int) -> list[tuple[int, int]] | None:
        """The chain with a further meeting that moves from the full target to the source."""
        schedule, problem = self.schedule, self.problem
        slot = problem.slot_of[source]
        arriving = {person for m, cell in chain.items() if cell == source for person in problem.persons_of[m]}

        def can_move(m: int) -> bool:
            return source in problem.allowed[m] and all(
                person not in arriving
                and (schedule.meeting_at[person][slot] in chain or schedule.meeting_at[person][slot] == UNASSIGNED)
                for person in problem.persons_of[m]
            )

        candidates = [m for m in schedule.meetings_in[target] if m not in chain and can_move(m)]
        if not candidates:
            return None
        return [*chain.items(), (self._pick(candidates), source)]


def _attainable_meetings(problem: Problem) -> list[float]:
    """For each party the number of meetings it can have at most, at least 1."""
    requested = [0] * len(problem.max_meetings)
    for pair in problem.parties_of:
        for party in pair:
            requested[party] += 1
    limits = zip(requested, problem.max_meetings, strict=True)
    return [max(1.0, min(*pair, problem.slot_count)) for pair in limits]
