"""What a district's staff see of a round's timetable: the meetings of their firms, and how many there are in all."""

from dataclasses import dataclass, field

from rounds.models import DockingRound, LeftOut, Meeting, Placement, Timetable


@dataclass
class Part:
    """Of the published version; nothing is in it while there is none. `left_out`: with the reason."""

    timetable: Timetable | None
    placements: list[Placement] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    all_placed: int = 0
    """Of every district, as a number only."""


def part_of(docking_round: DockingRound, user) -> Part:
    """A fixed number of queries."""
    timetable = Timetable.objects.visible_to(user).published().filter(docking_round=docking_round).first()
    if timetable is None:
        return Part(None)
    names = ("meeting__firm_party__organisation", "meeting__institution_party__organisation", "meeting__match")
    places = Placement.objects.managed_by(user).current().filter(timetable=timetable)
    left = timetable.left_out.filter(
        meeting__in=Meeting.objects.managed_by(user).filter(docking_round=docking_round, status="wanted")
    )
    return Part(
        timetable,
        list(places.select_related("slot", "hall", *names).order_by("slot__starts_at", "hall__order", "table")),
        list(left.select_related(*names).order_by("-meeting__priority", "pk")),
        Placement.objects.current().filter(timetable=timetable).count(),
    )
