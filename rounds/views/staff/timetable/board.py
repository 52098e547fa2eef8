"""What stands on the page of a round's timetable, for one version."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rounds.models import DockingRound, Hall, LeftOut, Meeting, Party, Placement, Slot, Timetable
from rounds.planning.changes import changes_between, changes_by_party
from rounds.planning.versions import placements_of
from rounds.services.replanning import replacement_offers

Status = Timetable.Status
MOST_OFFERS = 5
ORDER = (Status.SOLVING, Status.DRAFT, Status.PUBLISHED, Status.IMPOSSIBLE)
"""Which version is shown unless one is asked for: the newest of the first of these states that there is."""


@dataclass(frozen=True)
class Cell:
    table: int
    place: Placement | None
    is_gone: bool

    @property
    def sits(self) -> bool:
        """Whether it is held already or being held, so that it stays."""
        return self.place is not None and self.place.meeting.status in self.place.meeting.SAT_DOWN


@dataclass(frozen=True)
class Grid:
    """One hall: a column per table, a row per slot."""

    hall: Hall
    tables: list[int]
    rows: list[tuple[Slot, list[Cell]]]


@dataclass
class Board:
    docking_round: DockingRound
    timetable: Timetable | None
    versions: list[Timetable]
    grids: list[Grid] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    parties: list[tuple[Party, list[Cell]]] = field(default_factory=list)
    changes: list = field(default_factory=list)
    offers: list = field(default_factory=list)
    wanted: int = 0
    later: int = 0
    told: int = 0

    @property
    def status(self) -> str:
        return self.timetable.status if self.timetable else ""

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def is_solving(self) -> bool:
        return self.status == Status.SOLVING

    @property
    def is_impossible(self) -> bool:
        return self.status == Status.IMPOSSIBLE

    @property
    def has_plan(self) -> bool:
        """Whether there is anything to show of it: not while its first plan is looked for, nor if there is none."""
        row = self.timetable
        return row is not None and not row.problems and not (self.is_solving and not row.best)

    @property
    def causes(self) -> list[dict]:
        """Why there is no plan, each with the page that mends it."""
        found = [one for one in self.timetable.problems if one["kind"] != "relax"]
        return [one | {"url": _mending(self.docking_round, one.get("link"))} for one in found]

    @property
    def relaxations(self) -> list[dict]:
        return [one for one in self.timetable.problems if one["kind"] == "relax"]

    @property
    def below(self) -> float | None:
        """By how many per cent the weight is under what no plan can surpass."""
        best = self.timetable.best
        bound = best.get("weight_bound")
        return round(100 * (bound - best["weight"]) / bound, 1) if bound else None


def board_of(docking_round: DockingRound, asked: str = "") -> Board:
    """`asked`: the number of a version; anything else gives the one to work with. A fixed number of queries for one
    that has a plan, few for another."""
    versions = list(docking_round.timetables.select_related("made_by", "published_by", "based_on").order_by("-number"))
    timetable = next((one for one in versions if str(one.number) == asked), None) or _first(versions)
    board = Board(docking_round, timetable, versions)
    board.wanted = docking_round.meetings.wanted().count()
    if not board.has_plan:
        return board
    places = placements_of(timetable)
    board.grids = _grids(docking_round, places)
    board.left_out = list(
        timetable.left_out.select_related(
            "meeting__match", "meeting__firm_party__organisation", "meeting__office_party__organisation"
        ).order_by("-meeting__priority", "pk")
    )
    board.parties = _by_party(places)
    known = {place.meeting_id for place in places} | {row.meeting_id for row in board.left_out}
    wanted = docking_round.meetings.filter(status=Meeting.Status.WANTED).values_list("pk", flat=True)
    board.later = len(set(wanted) - known)
    if board.is_draft:
        published = next((one for one in versions if one.status == Status.PUBLISHED), None)
        if published is not None:
            board.changes = changes_between(published, timetable)
            board.told = len(changes_by_party(board.changes))
        board.offers = replacement_offers(timetable, most=MOST_OFFERS) if board.left_out else []
    return board


def _first(versions: list[Timetable]) -> Timetable | None:
    for status in ORDER:
        found = [one for one in versions if one.status == status]
        if found and not (status == Status.DRAFT and _is_older_than_published(found[0], versions)):
            return found[0]
    return versions[0] if versions else None


def _is_older_than_published(draft: Timetable, versions: list[Timetable]) -> bool:
    return any(one.status == Status.PUBLISHED and one.number > draft.number for one in versions)


def _grids(docking_round: DockingRound, places: list[Placement]) -> list[Grid]:
    by_place = {(place.slot_id, place.hall_id, place.table): place for place in places}
    slots = list(docking_round.slots.all())
    grids = []
    for hall in docking_round.halls.filter(tables__gt=0).prefetch_related("lost_tables"):
        lost = {one.table: one.lost_at for one in hall.lost_tables.all()}
        tables = list(range(1, hall.tables + 1))
        rows = [
            (slot, [Cell(n, by_place.get((slot.pk, hall.pk, n)), _is_gone(hall, lost, slot, n)) for n in tables])
            for slot in slots
        ]
        grids.append(Grid(hall, tables, rows))
    return grids


def _is_gone(hall: Hall, lost: dict, slot: Slot, table: int) -> bool:
    if hall.closed_at and slot.starts_at >= hall.closed_at:
        return True
    return table in lost and (lost[table] is None or slot.starts_at >= lost[table])


def _by_party(places: list[Placement]) -> list[tuple[Party, list[Cell]]]:
    found = defaultdict(list)
    for place in places:
        for party in (place.meeting.firm_party, place.meeting.office_party):
            found[party].append(Cell(place.table, place, is_gone=False))
    return sorted(found.items(), key=lambda pair: (pair[0].side, str(pair[0])))


def _mending(docking_round: DockingRound, link: str | None) -> str:
    pages = {
        "slots": ("rounds_dockinground_change", "#slots"),
        "halls": ("rounds_dockinground_change", "#halls"),
        "parties": ("rounds_guests", ""),
        "agenda": ("rounds_dockinground_change", ""),
    }
    name, rest = pages.get(link or "", ("", ""))
    try:
        return reverse(f"admin:{name}", args=[docking_round.pk]) + rest if name else ""
    except NoReverseMatch:
        return reverse("admin:rounds_dockinground_change", args=[docking_round.pk])


def progress_words(timetable: Timetable) -> str:
    """For the live region while it is being planned."""
    best = timetable.best
    if not best:
        waited = int((timezone.now() - timetable.made_at).total_seconds())
        return _("正在读取，已等 %(seconds)d 秒。") % {"seconds": waited}
    return _("已安排 %(placed)d / %(wanted)d 场，%(served)d 家有洽谈，空档 %(gaps)d 处。") % best


def outcome_words(timetable: Timetable) -> str:
    """How its planning ended, for who watched it."""
    return _("排不出日程，原因列在下面。") if timetable.status == Status.IMPOSSIBLE else _("排期完成。")
