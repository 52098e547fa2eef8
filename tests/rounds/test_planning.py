"""Rows as the engine's event: every plan passes the checker, and texts about repairs are true."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rounds.models import Party, Placement
from rounds.planning.changes import changes_between, changes_by_party
from rounds.planning.messages import merge_by_party
from rounds.planning.named_id import NamedId
from rounds.planning.snapshot import read_snapshot
from rounds.planning.stored_plans import placements_of, plan_of, reasons_of
from rounds.services.publishing import publish_timetable
from rounds.services.replanning import ClosedTable, NoShow, replan
from scheduling import check
from tests.rounds.rounds import planned, small_round

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def sound(timetable) -> list[str]:
    day = read_snapshot(timetable.docking_round, lenient=True)
    return check(day.event, plan_of(day, placements_of(timetable), reasons_of(timetable)))


def lists(timetable) -> dict[int, set]:
    """What each party has on its list."""
    lists_of_parties: dict[int, set] = {}
    rows = timetable.placements.values_list(
        "meeting__firm_party", "meeting__institution_party", "meeting", "slot", "table"
    )
    for firm, office, *rest in rows:
        lists_of_parties.setdefault(firm, set()).add(tuple(rest))
        lists_of_parties.setdefault(office, set()).add(tuple(rest))
    return lists_of_parties


@settings(  # half of the usual number: an example plans two timetables
    max_examples=settings.default.max_examples // 2, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4)),
    leaving=st.none() | st.integers(0, 3),
    most=st.none() | st.integers(1, 2),
    locked=st.booleans(),
    lost=st.booleans(),
)
def test_plans_of_random_rows_are_valid(shape, leaving, most, locked, lost):
    firms, teams, tables, slots = shape
    world = small_round(firms=firms, teams=teams, tables=tables, slots=slots)
    if leaving is not None:
        leaves_at = world.slots[min(leaving, slots - 1)].ends_at
        Party.objects.filter(pk=world.firms[0].pk).update(leaves_at=leaves_at, most_meetings=most)
    first = planned(world, seconds=3)
    assert first.status == "draft"
    assert sound(first) == []
    assert first.placements.count() + first.left_out.count() == firms * teams
    if not first.placements.exists():
        return
    kept = first.placements.order_by("pk").first()
    if locked:
        Placement.objects.filter(pk=kept.pk).update(is_locked=True)
    publish_timetable(first, revision=0, by=world.by)
    change = ClosedTable(world.hall, tables) if lost else NoShow(world.firms[-1])
    draft = replan(world.round, change, by=world.by)
    before, after = lists(first), lists(draft)
    affected = {party for party in before.keys() | after.keys() if before.get(party) != after.get(party)}
    assert changes_by_party(changes_between(first, draft)).keys() == affected
    is_hit = kept.table == tables if lost else kept.meeting.firm_party_id == world.firms[-1].pk
    if locked and not is_hit:
        now = draft.placements.get(meeting=kept.meeting)
        assert (now.slot_id, now.table) == (kept.slot_id, kept.table)
    assert sound(draft) == []


def test_named_id_formats_as_name_and_compares_as_number():
    named = NamedId(7, "甲公司")
    assert (named, hash(named), f"“{named}”", {7: "x"}[named]) == (7, hash(7), "“甲公司”", "x")


def test_violations_of_two_people_of_a_party_are_merged():
    hurried = ["“王工（甲公司）”来不及从“推介”到“甲公司 × 乙大学”", "“李工（甲公司）”来不及从“推介”到“甲公司 × 乙大学”"]
    assert merge_by_party(hurried) == ["“甲公司”来不及从“推介”到“甲公司 × 乙大学”"]
