"""Where no proof is within reach: put wishes onto the board, then improve it move by move.

A move takes one meeting to one cell; whom it displaces goes to a free cell or off the board. Better boards are kept,
worse ones now and then, less often as time goes by (simulated annealing). Time is counted in moves, so the same seed
does the same on every machine.
"""

import math
import random
from collections.abc import Iterator

from scheduling.board import NOWHERE, Board
from scheduling.problem import Problem

STRIDE = 1000
"""Moves between two looks at the clock."""


class Placing:
    def __init__(self, board: Board, share: list[float], seed: int):
        self.board, self.problem = board, board.problem
        self.share = share
        self.random = random.Random(seed)  # noqa: S311  nothing secret: the same seed, the same plan
        problem = self.problem
        self.best = list(board.cell)
        self.scale = max(problem.weight, default=1.0) or 1.0
        self.could = _could(problem)
        self.movable = [m for m in range(len(problem.of)) if problem.allowed[m]]

    def fill(self) -> None:
        """Put what the programme chose, the hardest to place first, then whatever else has room."""
        problem = self.problem
        order = sorted(
            (m for m in self.movable if self.board.cell[m] == NOWHERE),
            key=lambda m: (-round(self.share[m], 3), len(problem.allowed[m]), -problem.weight[m], m),
        )
        waiting = [m for m in order if not self._settle(m)]
        for m in waiting:
            self._settle(m)
        self.board.keep()

    def _settle(self, meeting: int) -> bool:
        cells = self.board.free_cells(meeting)
        if cells:
            self.board.put(meeting, min(cells, key=lambda cell: (self._gaps_with(meeting, cell), -self._left(cell))))
        return bool(cells)

    def _left(self, cell: int) -> int:
        return self.problem.room[cell] - len(self.board.members[cell])

    def _gaps_with(self, meeting: int, cell: int) -> int:
        """Gaps of its people if it were there as well."""
        bit = 1 << self.problem.slot_of[cell]
        gaps = 0
        for person in self.problem.of[meeting]:
            busy = self.board.busy[person] | bit
            gaps += (busy & ~(busy << 1)).bit_count()
        return gaps

    def improve_weight(self, moves: int) -> Iterator[float]:
        """Serve more parties, then take more weight. Yields the objective every STRIDE moves; ends on the best."""
        yield from self._anneal(moves, self._weight_move, self._worth, 0.02, 0.001)

    def improve_gaps(self, moves: int) -> Iterator[float]:
        """The same meetings with fewer gaps."""
        yield from self._anneal(moves, self._gap_move, self._evenly_gapless, 0.9, 0.05)

    def _anneal(self, moves: int, move, worth, hot: float, cold: float) -> Iterator[float]:
        board = self.board
        now = best = worth()
        saved = list(board.cell)
        for n in range(moves):
            heat = hot * (cold / hot) ** (n / moves)
            gain = move()
            if gain is None or (gain < 0 and self.random.random() >= math.exp(gain / heat)):
                board.undo()
            else:
                board.keep()
                now += gain
                if now > best + 1e-9:
                    best, saved = now, list(board.cell)
            if n % STRIDE == STRIDE - 1:
                self.best = saved
                yield best
        self.best = saved
        self.restore(saved)

    def restore(self, cells: list[int]) -> None:
        for m, cell in enumerate(cells):
            if self.board.cell[m] != cell:
                self.board.put(m, NOWHERE)
        for m, cell in enumerate(cells):
            if self.board.cell[m] != cell:
                self.board.put(m, cell)
        self.board.keep()

    def _worth(self) -> float:
        """Parties served before weight; of equal weight the more evenly spread."""
        board = self.board
        spread = sum((held / could) ** 2 for held, could in zip(board.held, self.could, strict=True))
        return 100.0 * board.served() + board.weight() / self.scale - 1e-3 * spread

    def _party_worth(self, parties) -> float:
        held, could = self.board.held, self.could
        return sum((100.0 if held[p] else 0.0) - 1e-3 * (held[p] / could[p]) ** 2 for p in parties)

    def _weight_move(self) -> float | None:
        """Bring in a wish, or shift a meeting to make room; gain in `_worth`, None if impossible."""
        board, problem = self.board, self.problem
        meeting = self.movable[int(self.random.random() * len(self.movable))]
        cells = problem.allowed[meeting]
        cell = cells[int(self.random.random() * len(cells))]
        if board.cell[meeting] == cell:
            return None
        displaced = self._displaced(meeting, cell)
        if displaced is None:
            return None
        touched = {party for m in (meeting, *displaced) for party in problem.parties[m]}
        before = self._party_worth(touched)
        weight = self._exchange(meeting, cell, displaced)
        if weight is None:
            return None
        return weight / self.scale + self._party_worth(touched) - before

    def _displaced(self, meeting: int, cell: int) -> list[int] | None:
        """Whom a meeting in this cell displaces, with the lightest where a table or a party's limit asks for one."""
        board, problem = self.board, self.problem
        displaced = board.in_the_way(meeting, cell)
        if displaced is None:
            return None
        for party in board.wants_no_more(meeting):
            if not any(party in problem.parties[other] for other in displaced):
                others = [m for m, c in enumerate(board.cell) if c != NOWHERE and party in problem.parties[m]]
                if not others:
                    return None
                displaced.append(min(others, key=problem.weight.__getitem__))
        members = board.members[cell]
        if len(members) >= problem.room[cell] and not any(board.cell[other] == cell for other in displaced):
            candidates = self.random.sample(members, min(3, len(members)))
            displaced.append(min(candidates, key=problem.weight.__getitem__))
        if any(board.is_bound(other) for other in displaced):
            return None
        return displaced

    def _exchange(self, meeting: int, cell: int, displaced: list[int]) -> float | None:
        """Do it; the weight gained, None if something that must be held found no place."""
        board, problem = self.board, self.problem
        gained = 0.0 if board.cell[meeting] != NOWHERE else problem.weight[meeting]
        for other in displaced:
            board.put(other, NOWHERE)
        board.put(meeting, cell)
        for other in sorted(displaced, key=problem.weight.__getitem__, reverse=True):
            cells = board.free_cells(other)
            if cells:
                board.put(other, cells[int(self.random.random() * len(cells))])
            elif problem.must[other]:
                return None
            else:
                gained -= problem.weight[other]
        return gained

    def _evenly_gapless(self) -> float:
        return -sum(map(self._discontent, range(len(self.board.busy))))

    def _discontent(self, person: int) -> float:
        gaps = self.board.gaps_of(person)
        return gaps + 0.01 * gaps * gaps

    def _gap_move(self) -> float | None:
        """Two slots change places for the people tied to one meeting (a Kempe chain): nobody is left out."""
        board, problem = self.board, self.problem
        meeting = self.movable[int(self.random.random() * len(self.movable))]
        source = board.cell[meeting]
        cells = problem.allowed[meeting]
        target = cells[int(self.random.random() * len(cells))]
        if source == NOWHERE or target == source:
            return None
        chain = self._chain(meeting, source, target)
        if chain is None:
            return None
        people = {person for m, _ in chain for person in problem.of[m]}
        before = sum(map(self._discontent, people))
        for m, _ in chain:
            board.put(m, NOWHERE)
        for m, cell in chain:
            if problem.far or problem.orders:
                if board.in_the_way(m, cell) != []:
                    return None
                if any(board.cell[a] == NOWHERE for a in board.befores[m]):
                    return None
            board.put(m, cell)
        return before - sum(map(self._discontent, people))

    def _chain(self, meeting: int, source: int, target: int) -> list[tuple[int, int]] | None:
        board, problem = self.board, self.problem
        here, there = problem.slot_of[source], problem.slot_of[target]
        if here == there:
            return None
        chain = {meeting: target}
        queue = [meeting]
        balance = 1
        while queue:
            m = queue.pop()
            slot = problem.slot_of[chain[m]]
            for person in problem.of[m]:
                other = board.occupied[person][slot]
                if other != NOWHERE and other not in chain:
                    cell = source if slot == there else target
                    if board.cell[other] not in (source, target) or cell not in problem.allowed[other]:
                        return None
                    chain[other] = cell
                    balance += 1 if cell == target else -1
                    queue.append(other)
                    if len(chain) > 30:
                        return None
        if len(board.members[target]) + balance > problem.room[target]:
            return self._and_one_back(chain, source, target) if balance == 1 else None
        if len(board.members[source]) - balance > problem.room[source]:
            return None
        return list(chain.items())

    def _and_one_back(self, chain: dict[int, int], source: int, target: int) -> list[tuple[int, int]] | None:
        """The target is full: somebody there who is free in the other slot goes the other way."""
        board, problem = self.board, self.problem
        slot = problem.slot_of[source]
        arriving = {person for m, cell in chain.items() if cell == source for person in problem.of[m]}

        def can_go(m: int) -> bool:
            return source in problem.allowed[m] and all(
                person not in arriving
                and (board.occupied[person][slot] in chain or board.occupied[person][slot] == NOWHERE)
                for person in problem.of[m]
            )

        candidates = [m for m in board.members[target] if m not in chain and can_go(m)]
        if not candidates:
            return None
        return [*chain.items(), (candidates[int(self.random.random() * len(candidates))], source)]


def _could(problem: Problem) -> list[float]:
    """Most meetings each party could have, at least 1."""
    wished = [0] * len(problem.most)
    for pair in problem.parties:
        for party in pair:
            wished[party] += 1
    return [max(1.0, min(*pair, problem.slots)) for pair in zip(wished, problem.most, strict=True)]
