"""Moves in a draft, publishing and replanning."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from notices.models import Notice
from rounds.models import LostTable, Meeting, Party, Placement, Slot, Timetable
from rounds.own_plan import own_plan
from rounds.services.meeting_moves import lock_meeting, move_meeting, remove_meeting
from rounds.services.meetings import add_meeting, drop_meeting
from rounds.services.publishing import preview_publishing, publish_timetable, rebase_timetable
from rounds.services.replanning import (
    AddedMeeting,
    ClosedHall,
    ClosedTable,
    LateArrival,
    NoShow,
    ReturnedParty,
    replacement_offers,
    replan,
)
from tests import factories as make
from tests.concurrency import run_both
from tests.rounds.rounds import accept_all, planned, small_round


@pytest.fixture
def world(db):
    """Two firms, two teams, one table too many in each of four slots."""
    return small_round(firms=2, teams=2, tables=3)


def place_of(timetable, meeting) -> Placement:
    return timetable.placements.select_related("slot", "hall").get(meeting=meeting)


def where(timetable) -> dict:
    rows = timetable.placements.values_list("meeting", "slot", "hall", "table")
    return {meeting: tuple(rest) for meeting, *rest in rows}


def free_table(timetable, slot) -> int:
    taken = set(timetable.placements.filter(slot=slot).values_list("table", flat=True))
    return next(table for table in (1, 2, 3) if table not in taken)


def published(world) -> Timetable:
    timetable = planned(world)
    publish_timetable(timetable, revision=timetable.revision, by=world.by)
    return timetable


def test_move_to_a_free_table_increments_the_revision(world):
    timetable = planned(world)
    meeting = world.meetings[0]
    here = place_of(timetable, meeting)
    table = free_table(timetable, here.slot)
    moved = move_meeting(timetable, meeting, slot=here.slot, hall=here.hall, table=table, revision=0, by=world.by)
    assert moved.revision == 1
    assert place_of(timetable, meeting).table == table


def test_stale_revision_is_refused(world):
    timetable = planned(world)
    here = place_of(timetable, world.meetings[0])
    target = {"slot": here.slot, "hall": here.hall, "table": free_table(timetable, here.slot)}
    move_meeting(timetable, world.meetings[0], **target, revision=0, by=world.by)
    with pytest.raises(ValidationError, match="刚被别人改过"):
        lock_meeting(timetable, world.meetings[0], revision=0, by=world.by)


def test_move_violating_a_constraint_is_refused_by_name(world):
    timetable = planned(world)
    first = world.meetings[0]
    other = next(row for row in world.meetings[1:] if row.firm_party_id == first.firm_party_id)
    there = place_of(timetable, other)
    target = {"slot": there.slot, "hall": there.hall, "table": free_table(timetable, there.slot)}
    before = where(timetable)
    with pytest.raises(ValidationError, match="“甲公司”来不及从"):
        move_meeting(timetable, first, **target, revision=0, by=world.by)
    timetable.refresh_from_db()
    assert (where(timetable), timetable.revision) == (before, 0)


def test_swap_needs_confirmation(world):
    timetable = planned(world)
    slot = next(slot for slot in world.slots if timetable.placements.filter(slot=slot).count() == 2)
    here, there = timetable.placements.select_related("meeting", "hall", "slot").filter(slot=slot)
    first = here.meeting
    target = {"slot": here.slot, "hall": here.hall, "table": there.table}
    with pytest.raises(ValidationError, match="已安排"):
        move_meeting(timetable, first, **target, revision=0, by=world.by)
    move_meeting(timetable, first, **target, revision=0, by=world.by, swap=True)
    assert place_of(timetable, first).table == there.table
    assert place_of(timetable, there.meeting).table == here.table


def test_locked_or_begun_meeting_does_not_move(world):
    timetable = planned(world)
    first, other = world.meetings[0], world.meetings[1]
    lock_meeting(timetable, first, revision=0, by=world.by)
    Meeting.objects.filter(pk=other.pk).update(status="begun", begun_at=timezone.now())
    for meeting, words in ((first, "已锁定"), (other, "已经开始")):
        meeting.refresh_from_db()
        here = place_of(timetable, meeting)
        table = free_table(timetable, here.slot)
        with pytest.raises(ValidationError, match=words):
            move_meeting(timetable, meeting, slot=here.slot, hall=here.hall, table=table, revision=1, by=world.by)


def test_remove_and_place_again(world):
    timetable = planned(world)
    first = world.meetings[0]
    here = place_of(timetable, first)
    remove_meeting(timetable, first, revision=0, by=world.by)
    assert timetable.left_out.get().reason == "工作人员移出"
    move_meeting(timetable, first, slot=here.slot, hall=here.hall, table=here.table, revision=1, by=world.by)
    assert not timetable.left_out.exists()


def test_only_city_staff_change_and_publish(world):
    timetable = planned(world)
    for user in (make.district_officer(), make.auditor()):
        with pytest.raises(PermissionDenied):
            lock_meeting(timetable, world.meetings[0], revision=0, by=user)
        with pytest.raises(PermissionDenied):
            publish_timetable(timetable, revision=0, by=user)


def test_publishing_notifies_everybody_with_a_meeting(world):
    users = [make.firm_officer(party.organisation) for party in world.firms]
    timetable = planned(world)
    preview = preview_publishing(timetable)
    assert (preview.parties, preview.ways.noticed, preview.ways.to_call, preview.problems) == (4, 2, 2, [])
    assert publish_timetable(timetable, revision=0, by=world.by) == 4
    assert timetable.status == "published"
    assert Notice.objects.filter(recipient__in=users, kind="meetings").count() == 2
    assert "您有 2 场洽谈" in Notice.objects.first().text
    with pytest.raises(ValidationError, match="不能再发布"):
        publish_timetable(timetable, revision=0, by=world.by)


def test_only_parties_with_changes_are_notified(world):
    users = {party.pk: make.firm_officer(party.organisation) for party in world.firms}
    first = published(world)
    Notice.objects.all().delete()
    second = planned(world, based_on=first)
    moved = world.meetings[0]
    here = place_of(second, moved)
    move_meeting(
        second, moved, slot=here.slot, hall=here.hall, table=free_table(second, here.slot), revision=0, by=world.by
    )
    assert publish_timetable(second, revision=1, by=world.by) == 2
    assert [notice.recipient for notice in Notice.objects.filter(kind="meetings")] == [users[moved.firm_party_id]]
    first.refresh_from_db()
    assert first.status == "replaced"


def test_invalid_plan_is_not_published(world):
    timetable = planned(world)
    Party.objects.filter(pk=world.firms[0].pk).update(leaves_at=world.slots[0].starts_at + timedelta(minutes=1))
    with pytest.raises(ValidationError, match="不在场"):
        publish_timetable(timetable, revision=0, by=world.by)
    assert not Timetable.objects.published().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False])
def test_simultaneous_publishing_refuses_one(same):
    world = small_round(firms=2, teams=1)
    first = planned(world)
    other = first if same else planned(world)

    def publishing(timetable):
        row = Timetable.objects.get(pk=timetable.pk)
        try:
            return publish_timetable(row, revision=0, by=world.by)
        except ValidationError as refusal:
            return refusal.messages[0]

    answers = run_both(lambda: publishing(first), lambda: publishing(other))
    assert Timetable.objects.published().count() == 1
    assert answers.count(3) == 1
    words = next(answer for answer in answers if answer != 3)
    assert ("不能再发布" in words) if same else ("不是在它的基础上做的" in words)


@pytest.mark.django_db(transaction=True)
def test_readers_never_see_half_a_plan(monkeypatch):
    """While the second version is being published a reader finds the first one whole, and after it the second."""
    from rounds.services import publishing

    world = small_round(firms=3, teams=1)
    published(world)
    second = planned(world)
    seen = []

    def look(*args, **options):
        from concurrent.futures import ThreadPoolExecutor

        from django.db import connection

        def reading():
            try:
                return list(Placement.objects.current().values_list("timetable", flat=True))
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            seen.append(pool.submit(reading).result())
        return 0

    monkeypatch.setattr(publishing.timetable_notifications, "notify_timetable_published", look)
    publish_timetable(second, revision=0, by=world.by)
    assert [len(set(slots)) for slots in seen] == [1]
    assert len(seen[0]) == 3
    assert second.pk not in seen[0]
    assert set(Placement.objects.current().values_list("timetable", flat=True)) == {second.pk}


def test_outdated_draft_is_rebased_and_published(world):
    first, other = planned(world), planned(world)
    publish_timetable(first, revision=0, by=world.by)
    with pytest.raises(ValidationError, match="已发布第 1 版"):
        publish_timetable(other, revision=0, by=world.by)
    rebase_timetable(other, revision=0, by=world.by)
    publish_timetable(other, revision=1, by=world.by)
    assert other.status == "published"


def test_dropping_a_published_meeting_notifies_both_sides_only(world):
    users = [make.firm_officer(party.organisation) for party in world.firms]
    published(world)
    Notice.objects.all().delete()
    drop_meeting(world.meetings[0], reason="企业改期", by=world.by)
    (notice,) = Notice.objects.filter(kind="meetings")
    assert notice.recipient == users[0]
    assert "已取消" in notice.text
    assert "企业改期" not in notice.text
    assert len(own_plan(world.firms[0]).lines) == 1


# --- On the day --------------------------------------------------------------------------------------------------
def changed_parties(before: dict, after: dict) -> set:
    changed = {meeting for meeting in before.keys() | after.keys() if before.get(meeting) != after.get(meeting)}
    rows = Meeting.objects.filter(pk__in=changed).values_list("firm_party", "institution_party")
    return {party for pair in rows for party in pair}


def test_no_show_frees_its_tables_and_the_preview_is_exact(world):
    first = published(world)
    lock_target = world.meetings[2]
    Placement.objects.filter(timetable=first, meeting=lock_target).update(is_locked=True)
    draft = replan(world.round, NoShow(world.firms[0]), by=world.by)
    assert (draft.status, draft.why) == ("draft", "甲公司未到")
    assert not draft.placements.filter(meeting__firm_party=world.firms[0]).exists()
    assert where(draft)[lock_target.pk] == where(first)[lock_target.pk]
    preview = preview_publishing(draft).parties
    assert preview == len(changed_parties(where(first), where(draft)))
    assert publish_timetable(draft, revision=0, by=world.by) == preview


def test_consecutive_no_shows_leave_one_draft(world):
    published(world)
    for party in (world.firms[0], world.teams[0]):
        draft = replan(world.round, NoShow(party), by=world.by)
    assert list(Timetable.objects.filter(status="draft")) == [draft]
    assert draft.why == f"{world.teams[0]}未到；甲公司未到"
    gone = {world.firms[0].pk, world.teams[0].pk}
    assert not changed_parties(where(draft), {}) & gone


def test_returned_party_gets_meetings_again(world):
    published(world)
    draft = replan(world.round, NoShow(world.firms[0]), by=world.by)
    publish_timetable(draft, revision=0, by=world.by)
    again = replan(world.round, ReturnedParty(world.firms[0]), by=world.by)
    assert again.placements.filter(meeting__firm_party=world.firms[0]).count() == 2


def test_draft_lists_all_incidents(world):
    published(world)
    replan(world.round, ClosedTable(world.hall, 3), by=world.by)
    Party.objects.filter(pk=world.firms[0].pk).update(absent_at=timezone.now())
    draft = replan(world.round, NoShow(world.firms[1]), by=world.by)
    assert draft.why == f"乙公司未到；{world.hall} 3 号桌停用；甲公司未到"
    Party.objects.filter(pk=world.firms[0].pk).update(absent_at=None)
    again = replan(world.round, ReturnedParty(world.firms[1]), by=world.by)
    assert again.why == f"乙公司已到；{world.hall} 3 号桌停用"


def test_late_party_is_moved_after_its_arrival(world):
    starts = timezone.now() + timedelta(minutes=5)
    Timetable.objects.all().delete()
    for number, slot in enumerate(world.slots):
        begins = starts + timedelta(minutes=30 * number)
        Slot.objects.filter(pk=slot.pk).update(starts_at=begins, ends_at=begins + timedelta(minutes=20))
        slot.refresh_from_db()
    first = published(world)
    draft = replan(world.round, LateArrival(world.firms[0], world.slots[2].starts_at), by=world.by)
    own = draft.placements.filter(meeting__firm_party=world.firms[0]).select_related("slot")
    assert all(place.slot.starts_at >= world.slots[2].starts_at for place in own)
    assert own.count() == 2
    assert first.placements.count() == draft.placements.count()
    with pytest.raises(ValidationError, match="已过"):
        replan(world.round, LateArrival(world.firms[0], timezone.now() - timedelta(minutes=1)), by=world.by)


def test_begun_meetings_stay_when_the_party_leaves(world):
    first = published(world)
    begun = world.meetings[0]
    Meeting.objects.filter(pk=begun.pk).update(status="begun", begun_at=timezone.now())
    draft = replan(world.round, NoShow(begun.firm_party), by=world.by)
    assert where(draft)[begun.pk] == where(first)[begun.pk]
    assert preview_publishing(draft).problems == []


def test_missed_meeting_keeps_its_place_without_notices(world):
    first = published(world)
    missed = world.meetings[0]
    Meeting.objects.filter(pk=missed.pk).update(status="missed")
    draft = replan(world.round, ReturnedParty(world.firms[1]), by=world.by)
    assert where(draft)[missed.pk] == where(first)[missed.pk]
    assert preview_publishing(draft).changes == []


def test_lost_table_and_closed_hall_move_meetings(world):
    other = make.hall(world.round, tables=3, name="二号厅")
    published(world)
    draft = replan(world.round, ClosedTable(world.hall, 1), by=world.by)
    assert LostTable.objects.get().table == 1
    assert not draft.placements.filter(hall=world.hall, table=1, slot__starts_at__gte=timezone.now()).exists()
    draft = replan(world.round, ClosedHall(world.hall), by=world.by)
    assert set(draft.placements.values_list("hall", flat=True)) == {other.pk}
    assert draft.placements.count() == 4
    with pytest.raises(ValidationError, match="没有 9 号桌"):
        replan(world.round, ClosedTable(world.hall, 9), by=world.by)


def test_added_meeting_gets_a_place_and_others_stay(world):
    first = published(world)
    added = add_meeting(world.round, world.firms[0], world.teams[0], by=world.by, topic="再谈一次", match=make.match())
    accept_all(world.round)
    draft = replan(world.round, AddedMeeting(added), by=world.by)
    after = where(draft)
    assert added.pk in after
    assert {pk: place for pk, place in after.items() if pk != added.pk} == where(first)


def test_best_meeting_is_offered_for_a_free_place(db):
    world = small_round(firms=3, teams=1, tables=1, slots=2)
    published(world)
    gone = Placement.objects.current().select_related("meeting__firm_party").first().meeting.firm_party
    draft = replan(world.round, NoShow(gone), by=world.by)
    (offer,) = replacement_offers(draft)
    assert offer.meeting.firm_party_id not in {gone.pk}
    assert "双方都有空" in offer.words
    place = offer.place
    move_meeting(draft, offer.meeting, slot=place.slot, hall=place.hall, table=place.table, revision=0, by=world.by)
    assert draft.placements.filter(meeting=offer.meeting).exists()


def test_incident_before_publishing_counts_in_the_next_plan(world):
    assert replan(world.round, NoShow(world.firms[0]), by=world.by) is None
    assert not planned(world).placements.filter(meeting__firm_party=world.firms[0]).exists()


def test_district_reports_only_its_own_firms(world):
    published(world)
    assert replan(world.round, NoShow(world.firms[0]), by=make.district_officer()).status == "draft"
    refused = [
        (NoShow(world.firms[1]), make.district_officer("gaoxin")),
        (NoShow(world.firms[1]), make.auditor()),
        (ClosedHall(world.hall), make.district_officer()),
    ]
    for change, user in refused:
        with pytest.raises(PermissionDenied):
            replan(world.round, change, by=user)
