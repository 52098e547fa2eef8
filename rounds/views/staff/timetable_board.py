"""What the page of a round's timetable shows: one version for planners, the published one for district staff."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from rounds.models import DockingRound, Hall, LeftOut, Meeting, Party, Placement, Slot, Timetable
from rounds.planning.changes import changes_between, changes_by_party
from rounds.planning.hand_moves import HandMove, hand_moves_of
from rounds.planning.snapshot import reason_now
from rounds.planning.stored_plans import placements_of
from rounds.services import late_answers
from rounds.services.accepted_talks import accepted_talks
from rounds.services.replanning import replacement_offers
from rounds.services.unserved_parties import UnservedParty, unserved_parties
from rounds.views.staff.checklist_links import checklist_link

Status = Timetable.Status
MAX_OFFERS = 5
MIN_FOLDED = 3
"""Fewest empty tables of a hall that are folded; beside used tables one empty table always stays on show."""
STATUS_PREFERENCE = (Status.SOLVING, Status.DRAFT, Status.PUBLISHED, Status.IMPOSSIBLE)
"""Without a requested version, the newest one of the first status that some version has is shown."""


@dataclass(frozen=True)
class TableCell:
    """One table in one slot. `is_gone`: the table or its hall is closed then."""

    table: int
    place: Placement | None
    is_gone: bool

    @property
    def sits(self) -> bool:
        """Whether the meeting has begun or is over, so that it cannot move."""
        return self.place is not None and self.place.meeting.status in self.place.meeting.SAT_DOWN


@dataclass(frozen=True)
class HallGrid:
    """One hall: a column for each table, a row for each slot."""

    hall: Hall
    tables: list[int]
    rows: list[tuple[Slot, list[TableCell]]]

    @property
    def folded(self) -> list[int]:
        """Tables without a meeting in any slot, which the page shows on demand."""
        used = {cell.table for _slot, cells in self.rows for cell in cells if cell.place is not None}
        empty = [table for table in self.tables if table not in used]
        empty = empty[1:] if used else empty
        return empty if len(empty) >= MIN_FOLDED else []

    @property
    def is_unused(self) -> bool:
        return len(self.folded) == len(self.tables)


@dataclass
class TimetableBoard:
    """One version with its grids, its changes against the published version and offers for free tables.

    `wanted`: meetings to plan in all; `later`: those added since this version was planned; `notified`: parties that
    publishing would notify; `placed`: meetings with a place; `coming`: parties that come; `late_answers`: answers of
    guests after publication; `accepted`: talks that both sides accept and that have no place yet.
    """

    docking_round: DockingRound
    timetable: Timetable | None
    versions: list[Timetable]
    grids: list[HallGrid] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    parties: list[tuple[Party, list[TableCell]]] = field(default_factory=list)
    changes: list = field(default_factory=list)
    offers: list = field(default_factory=list)
    wanted: int = 0
    later: int = 0
    notified: int = 0
    coming: int = 0
    placed: int = 0
    unserved: list[UnservedParty] = field(default_factory=list)
    hand_moves: list[HandMove] = field(default_factory=list)
    late_answers: list = field(default_factory=list)
    accepted: list[Meeting] = field(default_factory=list)

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
        """Whether the version has placements: not before the solver has a first plan, nor when it proved there is
        none."""
        version = self.timetable
        return version is not None and not version.problems and not (self.is_solving and not version.best)

    @property
    def requested(self) -> int:
        """Meetings that the version places or leaves out."""
        return self.placed + len(self.left_out)

    @property
    def goal(self) -> str:
        """The order of the objectives in use: `served` or `weight` first."""
        parameters = self.timetable.parameters if self.timetable else {}
        return "served" if parameters.get("serve_first", True) else "weight"

    @property
    def unserved_with_partner(self) -> int:
        return sum(bool(row.partners) for row in self.unserved)

    @property
    def price(self) -> str:
        """What serving more parties costs against more weight, by the bounds of both orders; empty if unknown."""
        outlook = (self.timetable.best if self.timetable else {}).get("outlook") or {}
        if not outlook:
            return ""
        (served, weight, meetings), (other_served, other_weight, other_meetings) = (
            outlook["served_first"],
            outlook["weight_first"],
        )
        if served <= other_served:
            return "让更多单位有洽谈不需要付出匹配度：两种排法都能让 %d 家有洽谈。" % served
        lost = 100 * (other_weight - weight) / other_weight if other_weight else 0.0
        return (
            "按上限估算：先让更多单位有洽谈，可有 %d 家、%d 场；先求匹配度，可有 %d 家、%d 场。"
            "多照顾 %d 家，匹配度合计少 %.1f%%。"
        ) % (served, meetings, other_served, other_meetings, served - other_served, lost)

    @property
    def causes(self) -> list[dict]:
        """Why there is no plan; `url` is the page on which staff change the cause."""
        problems = [problem for problem in self.timetable.problems if problem["kind"] != "relax"]
        return [problem | {"url": _problem_url(self.docking_round, problem.get("link"))} for problem in problems]

    @property
    def relaxations(self) -> list[dict]:
        """Constraints that the solver tried to leave out, each with whether a plan exists without it (those that
        do not help are left out if others may); `number` is the
        position that `adopt_relaxation` takes, `url` the page that changes what cannot be adopted at once."""
        ways = [
            problem | {"number": number, "url": _problem_url(self.docking_round, problem.get("link"))}
            for number, problem in enumerate(self.timetable.problems)
            if problem["kind"] == "relax"
        ]
        return [way for way in ways if way["works"] is not False] or ways

    @property
    def gap_percent(self) -> float | None:
        """Distance of the weight from its upper bound, in per cent of the bound."""
        best = self.timetable.best
        bound = best.get("weight_bound")
        return round(100 * (bound - best["weight"]) / bound, 1) if bound else None


def timetable_board(docking_round: DockingRound, number: str = "") -> TimetableBoard:
    """`number` of a version; anything else gives the version to work with. The number of queries does not depend on the
    size of the plan."""
    versions = list(docking_round.timetables.select_related("made_by", "published_by", "based_on").order_by("-number"))
    timetable = next((row for row in versions if str(row.number) == number), None) or _default_version(versions)
    board = TimetableBoard(docking_round, timetable, versions)
    board.wanted = docking_round.meetings.wanted().count()
    board.late_answers = list(late_answers.open_for(docking_round))
    if not board.has_plan:
        return board
    places = placements_of(timetable)
    board.placed = len(places)
    board.grids = _hall_grids(docking_round, places)
    board.left_out = list(
        timetable.left_out.select_related(
            "meeting__match", "meeting__firm_party__organisation", "meeting__institution_party__organisation"
        ).order_by("-meeting__priority", "pk")
    )
    for row in board.left_out:
        row.reason = reason_now(row)
    board.parties = _cells_by_party(places)
    known = {place.meeting_id for place in places} | {row.meeting_id for row in board.left_out}
    wanted = docking_round.meetings.filter(status=Meeting.Status.WANTED).values_list("pk", flat=True)
    board.later = len(set(wanted) - known)
    board.coming = docking_round.parties.present().count()
    if not board.is_solving:
        board.unserved = unserved_parties(timetable)
    if board.is_draft or board.status == Status.PUBLISHED:
        board.hand_moves = hand_moves_of(timetable)
        board.accepted = list(accepted_talks(timetable))
    if board.is_draft:
        published = next((row for row in versions if row.status == Status.PUBLISHED), None)
        if published is not None:
            board.changes = changes_between(published, timetable)
            board.notified = len(changes_by_party(board.changes))
        board.offers = replacement_offers(timetable, most=MAX_OFFERS) if board.left_out else []
    return board


def _default_version(versions: list[Timetable]) -> Timetable | None:
    for status in STATUS_PREFERENCE:
        newest = next((row for row in versions if row.status == status), None)
        if newest and not (status == Status.DRAFT and _is_older_than_published(newest, versions)):
            return newest
    return versions[0] if versions else None


def _is_older_than_published(draft: Timetable, versions: list[Timetable]) -> bool:
    return any(row.status == Status.PUBLISHED and row.number > draft.number for row in versions)


def _hall_grids(docking_round: DockingRound, places: list[Placement]) -> list[HallGrid]:
    by_place = {(place.slot_id, place.hall_id, place.table): place for place in places}
    slots = list(docking_round.slots.all())
    grids = []
    for hall in docking_round.halls.filter(tables__gt=0).prefetch_related("lost_tables"):
        closed = {row.table: row.lost_at for row in hall.lost_tables.all()}
        tables = list(range(1, hall.tables + 1))
        rows = [
            (
                slot,
                [
                    TableCell(table, by_place.get((slot.pk, hall.pk, table)), _is_gone(hall, closed, slot, table))
                    for table in tables
                ],
            )
            for slot in slots
        ]
        grids.append(HallGrid(hall, tables, rows))
    return grids


def _is_gone(hall: Hall, closed: dict[int, datetime | None], slot: Slot, table: int) -> bool:
    """`closed`: {table: from when}, None for the whole round."""
    if hall.closed_at and slot.starts_at >= hall.closed_at:
        return True
    return table in closed and (closed[table] is None or slot.starts_at >= closed[table])


def _cells_by_party(places: list[Placement]) -> list[tuple[Party, list[TableCell]]]:
    cells = defaultdict(list)
    for place in places:
        for party in (place.meeting.firm_party, place.meeting.institution_party):
            cells[party].append(TableCell(place.table, place, is_gone=False))
    return sorted(cells.items(), key=lambda pair: (pair[0].side, str(pair[0])))


def _problem_url(docking_round: DockingRound, link: str | None) -> str:
    pages = {"slots": "halls", "halls": "halls", "parties": "guests", "agenda": "agenda"}
    return checklist_link(pages.get(link or "", ""), docking_round)


def planning_progress(timetable: Timetable) -> str:
    """A sentence for the live region while the solver works."""
    best = timetable.best
    if not best:
        waited = int((timezone.now() - timetable.made_at).total_seconds())
        return "正在读取，已等 %(seconds)d 秒。" % {"seconds": waited}
    return "已安排 %(placed)d / %(wanted)d 场，%(served)d 家有洽谈，空档 %(gaps)d 处。" % best


def planning_outcome(timetable: Timetable) -> str:
    """A sentence for the live region when the solver has finished."""
    return "排不出日程，原因列在下面。" if timetable.status == Status.IMPOSSIBLE else "排期完成。"


@dataclass
class DistrictTimetable:
    """Of the published version the placements and left-out meetings of the district's firms; empty without one."""

    timetable: Timetable | None
    placements: list[Placement] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    all_placed: int = 0
    """Number of placements of all districts."""


def district_timetable(docking_round: DockingRound, user: User) -> DistrictTimetable:
    """A fixed number of queries."""
    timetable = Timetable.objects.visible_to(user).published().filter(docking_round=docking_round).first()
    if timetable is None:
        return DistrictTimetable(None)
    related = ("meeting__firm_party__organisation", "meeting__institution_party__organisation", "meeting__match")
    placements = Placement.objects.managed_by(user).current().filter(timetable=timetable)
    left_out = timetable.left_out.filter(
        meeting__in=Meeting.objects.managed_by(user).filter(docking_round=docking_round, status="wanted")
    )
    return DistrictTimetable(
        timetable,
        list(placements.select_related("slot", "hall", *related).order_by("slot__starts_at", "hall__order", "table")),
        list(left_out.select_related(*related).order_by("-meeting__priority", "pk")),
        Placement.objects.current().filter(timetable=timetable).count(),
    )
