"""Gathering, adding and dropping meetings, and their priorities."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from rounds.models import Meeting, Party
from rounds.services.meetings import add_meeting, drop_meeting, gather_meetings, set_priorities, set_priority
from tests import factories as make
from tests.concurrency import run_both
from tests.rounds.rounds import small_round


@pytest.fixture
def world(db):
    world = small_round(firms=2, teams=1, pairs=[])
    firm, office = world.firms[0].organisation, world.teams[0].organisation
    world.match = make.match(
        achievement=make.achievement(institution=office),
        demand=make.demand(firm=firm),
        status="accepted",
        reviewed_by=world.by,
        reviewed_at=timezone.now(),
    )
    return world


def test_gathering_is_idempotent(world):
    assert gather_meetings(world.round, by=world.by).new == 1
    again = gather_meetings(world.round, by=world.by)
    assert (again.new, again.known) == (0, 1)
    meeting = Meeting.objects.get()
    assert (meeting.firm_party, meeting.institution_party) == (world.firms[0], world.teams[0])
    assert (meeting.origin, meeting.priority, meeting.status) == ("match", 2, "wanted")


def test_agreed_matches_have_priority(world):
    make.follow_up(world.match, owner=world.by, status="talks")
    gather_meetings(world.round, by=world.by)
    assert Meeting.objects.get().priority == 3


@pytest.mark.parametrize("answer", ["invited", "declined"])
def test_matches_of_absent_sides_are_not_gathered(world, answer):
    answered = None if answer == "invited" else timezone.now()
    Party.objects.filter(pk=world.firms[0].pk).update(answer=answer, answered_at=answered)
    assert gather_meetings(world.round, by=world.by).new == 0


def test_matches_no_longer_on_offer_are_skipped_with_a_reason(world):
    type(world.match.demand).objects.filter(pk=world.match.demand.pk).update(status="solved")
    gathered = gather_meetings(world.round, by=world.by)
    assert gathered.new == 0
    assert "需求现在是“已解决”" in gathered.skipped[0]


def test_meeting_of_a_withdrawn_match_is_dropped_with_a_reason(world):
    gather_meetings(world.round, by=world.by)
    type(world.match).objects.filter(pk=world.match.pk).update(status="proposed", reviewed_by=None, reviewed_at=None)
    gathered = gather_meetings(world.round, by=world.by)
    assert len(gathered.dropped) == 1
    assert Meeting.objects.get().dropped_reason == "匹配已撤回"


def test_dropped_meeting_is_not_gathered_again(world):
    gather_meetings(world.round, by=world.by)
    drop_meeting(Meeting.objects.get(), reason="双方已在会前谈过", by=world.by)
    assert gather_meetings(world.round, by=world.by).new == 0


def test_only_city_staff_gather(world):
    with pytest.raises(PermissionDenied):
        gather_meetings(world.round, by=make.district_officer())


def test_sides_add_own_meetings_and_staff_any(world):
    firm_user = make.firm_officer(world.firms[0].organisation)
    office_user = make.institution_officer(world.teams[0].organisation)
    assert add_meeting(world.round, world.firms[0], world.teams[0], by=firm_user, topic="一").origin == "firm"
    assert add_meeting(world.round, world.firms[1], world.teams[0], by=office_user).origin == "office"
    with pytest.raises(PermissionDenied):
        add_meeting(world.round, world.firms[1], world.teams[0], by=firm_user)


def test_impossible_meetings_are_refused(world):
    firm, team = world.firms[0], world.teams[0]
    stranger = make.party(make.docking_round(), make.firm())
    refused = {
        "同一个单位": (firm, firm),
        "不在“": (stranger, team),
        "一方应是企业": (team, firm),
    }
    for words, pair in refused.items():
        with pytest.raises(ValidationError, match=words):
            add_meeting(world.round, *pair, by=world.by)
    Party.objects.filter(pk=firm.pk).update(answer="declined")
    firm.refresh_from_db()
    with pytest.raises(ValidationError, match="还没有答复参加"):
        add_meeting(world.round, firm, team, by=world.by)


def test_duplicate_meeting_is_refused(world):
    add_meeting(world.round, world.firms[0], world.teams[0], by=world.by)
    with pytest.raises(ValidationError, match="已有一场洽谈"):
        add_meeting(world.round, world.firms[0], world.teams[0], by=world.by)


def test_meeting_is_dropped_once_with_a_reason(world):
    meeting = add_meeting(world.round, world.firms[0], world.teams[0], by=world.by)
    with pytest.raises(ValidationError, match="请说明原因"):
        drop_meeting(meeting, reason=" ", by=world.by)
    drop_meeting(meeting, reason="企业改期", by=world.by)
    with pytest.raises(ValidationError, match="现在是“已取消”"):
        drop_meeting(meeting, reason="再来一次", by=world.by)


def test_only_city_staff_set_must(world):
    meeting = add_meeting(world.round, world.firms[0], world.teams[0], by=world.by)
    with pytest.raises(PermissionDenied):
        set_priority(meeting, priority=3, is_must=True, by=make.firm_officer(world.firms[0].organisation))
    set_priority(meeting, priority=3, is_must=True, by=world.by)
    with pytest.raises(ValidationError):
        set_priority(meeting, priority=9, is_must=True, by=world.by)


def test_match_held_at_an_earlier_round_is_not_gathered(world):
    earlier = make.docking_round(name="春季专场")
    firm, team = (make.party(earlier, side.organisation) for side in (world.firms[0], world.teams[0]))
    make.meeting(firm, team, match=world.match, status="held")
    gathered = gather_meetings(world.round, by=world.by)
    assert gathered.new == 0
    assert gathered.skipped[0].endswith("已在“春季专场”洽谈")


# --- Priorities of many, and what cannot be added --------------------------------------------------------------------
def test_bulk_priorities_skip_rows_changed_by_others(world):
    first, other = (add_meeting(world.round, firm, world.teams[0], by=world.by) for firm in world.firms)
    set_priority(other, priority=1, is_must=False, by=world.by)
    seen = {first.pk: (2, False), other.pk: (2, False)}
    done = set_priorities([first, other], priority=3, by=world.by, seen=seen)
    assert (done.changed, len(done.refused)) == (1, 1)
    assert "刚由别人改为“低”，没有覆盖" in done.refused[0]
    assert set(Meeting.objects.values_list("pk", "priority")) == {(first.pk, 3), (other.pk, 1)}


def test_bulk_must_keeps_priorities(world):
    first, other = (add_meeting(world.round, firm, world.teams[0], by=world.by) for firm in world.firms)
    set_priorities([first, other], is_must=True, by=world.by)
    assert set(Meeting.objects.values_list("priority", "is_must")) == {(2, True)}


def test_invalid_priorities_and_finished_meetings_are_refused(world):
    meeting = add_meeting(world.round, world.firms[0], world.teams[0], by=world.by)
    for values, words in (({}, "请选择新的优先级"), ({"priority": 9}, "优先级只有高、中、低")):
        with pytest.raises(ValidationError, match=words):
            set_priorities([meeting], by=world.by, **values)
    with pytest.raises(PermissionDenied):
        set_priorities([meeting], priority=3, by=make.district_officer())
    drop_meeting(meeting, reason="企业改期", by=world.by)
    done = set_priorities([meeting], priority=3, by=world.by)
    assert (done.changed, "已经开始或取消" in done.refused[0]) == (0, True)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_priority_changes_refuse_one():
    world = small_round(firms=2, teams=1)
    seen = {meeting.pk: (2, False) for meeting in world.meetings}
    answers = run_both(
        lambda: set_priorities(world.meetings, priority=3, by=world.by, seen=seen),
        lambda: set_priorities(world.meetings[::-1], priority=1, by=world.by, seen=seen),
    )
    assert sorted(first.changed for first in answers) == [0, 2]
    second = next(result for result in answers if not result.changed)
    assert all("刚由别人改为" in words for words in second.refused)
    assert len(set(Meeting.objects.values_list("priority", flat=True))) == 1


@pytest.mark.long
def test_staff_restore_a_dropped_meeting_with_a_reason(world):
    pair = world.firms[0], world.teams[0]
    meeting = add_meeting(world.round, *pair, by=world.by)
    drop_meeting(meeting, reason="企业改期", by=world.by)
    again = add_meeting(world.round, *pair, by=world.by, why="企业又来电", priority=3)
    assert again.pk == meeting.pk
    assert (again.status, again.why, again.priority, again.dropped_reason) == ("wanted", "企业又来电", 3, "")
    drop_meeting(again, reason="再改期", by=world.by)
    with pytest.raises(ValidationError, match="已有一场洽谈"):
        add_meeting(world.round, *pair, by=make.firm_officer(world.firms[0].organisation))


def test_unavailable_or_inactive_parties_get_no_meeting(world):
    firm, team = world.firms[0], world.teams[0]
    firm.leaves_at = world.slots[0].starts_at
    with pytest.raises(ValidationError, match="“甲公司”在所有洽谈时段都不在场（13:30 离场）"):
        add_meeting(world.round, firm, team, by=world.by)
    firm.leaves_at, firm.absent_at = None, timezone.now()
    with pytest.raises(ValidationError, match="已记为未到"):
        add_meeting(world.round, firm, team, by=world.by)
    firm.absent_at, firm.organisation.is_active = None, False
    with pytest.raises(ValidationError, match="已在单位名录中停用"):
        add_meeting(world.round, firm, team, by=world.by)
