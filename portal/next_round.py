"""The next round on the home page: the days until it begins, and a strip of its places by time slot.

A place is a table in a slot. Which are taken is public from the day on which the timetable is published.
"""

from collections import Counter
from dataclasses import dataclass

from django.utils import timezone

from portal.drawings.cells import CellDrawing, draw_column
from rounds.models import DockingRound, Hall, Placement, Slot, Timetable

PER_ROW = 5
MOST_CELLS = 60
"""Cells above each other for the tables of one slot; more tables are drawn as a bar."""
BAR_LENGTH = 118
TAKEN, FREE = "sq-taken", "sq-free"


@dataclass(frozen=True)
class SlotPlaces:
    slot: Slot
    taken: int
    free: int
    drawing: CellDrawing


@dataclass(frozen=True)
class NextRound:
    """`is_planned`: the timetable is published, so that it is known which places are taken."""

    round: DockingRound
    days: int
    slots: list[SlotPlaces]
    is_planned: bool

    @property
    def places(self) -> int:
        return sum(row.taken + row.free for row in self.slots)

    @property
    def taken(self) -> int:
        return sum(row.taken for row in self.slots)

    @property
    def free(self) -> int:
        return self.places - self.taken


def next_round(rounds: list[DockingRound]) -> NextRound | None:
    """Of the first of these rounds, which are in order of time. At most four queries."""
    if not rounds:
        return None
    docking_round = rounds[0]
    days = max((timezone.localdate(docking_round.starts_at) - timezone.localdate()).days, 0)
    tables = sum(Hall.objects.filter(docking_round=docking_round, closed_at=None).values_list("tables", flat=True))
    slots = list(Slot.objects.filter(docking_round=docking_round)) if tables else []
    taken: Counter[int] = Counter()
    published = None
    if slots:
        timetables = Timetable.objects.published().filter(docking_round=docking_round)
        published = timetables.order_by().values_list("pk", flat=True).first()
    if published:
        taken.update(Placement.objects.filter(timetable=published).values_list("slot", flat=True))
    return NextRound(docking_round, days, [_places(slot, taken[slot.pk], tables) for slot in slots], bool(published))


def _places(slot: Slot, taken: int, tables: int) -> SlotPlaces:
    taken = min(taken, tables)
    counts = ((TAKEN, taken), (FREE, tables - taken))
    drawing = draw_column(counts, most=tables, most_cells=MOST_CELLS, per_row=PER_ROW, length=BAR_LENGTH)
    return SlotPlaces(slot, taken, tables - taken, drawing)
