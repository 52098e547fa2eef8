"""Which table: one assignment per slot, so that as few people as possible go elsewhere for their next meeting."""

from collections import defaultdict

from scheduling.event import Event, Id
from scheduling.plan import Meeting
from scheduling.problem import Problem

STAYED = 16
SAME_HALL = 1
TOLD = 1024


def seat(problem: Problem, cells: dict[int, int], earlier: dict[Id, Meeting] | None = None) -> list[Meeting]:
    """Tables for meetings in their cells. `earlier`: tables people were told before, which come first."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    event = problem.event
    zones = _halls_of_zones(problem)
    locks = {lock.wish: lock for lock in event.locks}
    by_cell: dict[int, list[int]] = defaultdict(list)
    for meeting, cell in cells.items():
        by_cell[cell].append(meeting)
    last: dict[int, tuple[Id, int]] = {}
    seated = []
    for cell in sorted(by_cell):
        slot, zone = problem.cells[cell]
        meetings = sorted(by_cell[cell])
        places = [(hall.id, n) for hall in zones[zone] for n in hall.numbers_at(slot)]
        liking = np.zeros((len(meetings), len(places)))
        for row, meeting in enumerate(meetings):
            told = (earlier or {}).get(problem.wishes[meeting])
            lock = locks.get(problem.wishes[meeting])
            for column, place in enumerate(places):
                liking[row, column] = _liking(place, [last.get(person) for person in problem.of[meeting]])
                if told and told.slot == slot and place == (told.hall, told.table):
                    liking[row, column] += TOLD
                if lock and lock.hall is not None:
                    right = place[0] == lock.hall and lock.table in (None, place[1])
                    liking[row, column] += 0 if right else -1e6
        for row, column in zip(*linear_sum_assignment(liking, maximize=True), strict=True):
            hall, table = places[column]
            seated.append(Meeting(problem.wishes[meetings[row]], slot, hall, table))
            last.update(dict.fromkeys(problem.of[meetings[row]], (hall, table)))
    return sorted(seated, key=lambda meeting: (meeting.slot, str(meeting.hall), meeting.table))


def _liking(place: tuple[Id, int], lasts: list) -> int:
    return sum(STAYED if last == place else SAME_HALL if last and last[0] == place[0] else 0 for last in lasts)


def _halls_of_zones(problem: Problem) -> list[list]:
    event: Event = problem.event
    count = 1 + max(zone for _, zone in problem.cells)
    return [list(event.halls)] if count == 1 else [[hall] for hall in event.halls]
