"""Meetings begin, end or are missed once; simultaneous steps refuse one."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.models import AuditRecord
from rounds.models import Meeting
from rounds.services.check_in import mark_absent
from rounds.services.meeting_status import begin_meeting, end_meeting, mark_meeting_missed, undo_meeting_step
from rounds.services.outcomes import OutcomeInput, record_outcome
from tests import factories as make
from tests.concurrency import run_both

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    docking_round = make.docking_round(status="running")
    return make.meeting(make.party(docking_round), make.party(docking_round, make.institution()))


def test_begins_and_ends(meeting):
    officer = make.district_officer()
    begin_meeting(meeting, by=officer)
    assert (meeting.status, meeting.ended_at) == ("begun", None)
    end_meeting(meeting, by=officer)
    assert meeting.status == "held"
    assert meeting.begun_at <= meeting.ended_at


def test_step_sent_twice_is_applied_once(meeting):
    officer, begun, ended = make.city_officer(), uuid4(), uuid4()
    for _ in range(2):
        begin_meeting(meeting, by=officer, key=begun)
    for _ in range(2):
        end_meeting(meeting, by=officer, key=ended)
    assert AuditRecord.objects.filter(action="记录洽谈进行").count() == 2


@pytest.mark.parametrize(
    ("status", "words"), [("begun", "已于"), ("held", "已经结束"), ("missed", "未能进行"), ("dropped", "已取消")]
)
def test_cannot_begin_twice_or_after_its_end(meeting, status, words):
    Meeting.objects.update(status=status, dropped_reason="让位" if status == "dropped" else "")
    if status == "begun":
        Meeting.objects.update(begun_at=meeting.made_at)
    with pytest.raises(ValidationError, match=words):
        begin_meeting(meeting, by=make.city_officer(), key=uuid4())


def test_does_not_begin_with_an_absent_side(meeting):
    mark_absent(meeting.firm_party, by=make.city_officer())
    with pytest.raises(ValidationError, match="先恢复到场"):
        begin_meeting(meeting, by=make.city_officer())
    meeting.refresh_from_db()
    assert meeting.status == "wanted"


@pytest.mark.parametrize(("status", "words"), [("gathering", "还没有开始"), ("scheduled", "活动还没有开始")])
def test_does_not_begin_before_the_round(meeting, status, words):
    meeting.docking_round.status = status
    meeting.docking_round.save()
    with pytest.raises(ValidationError, match=words):
        begin_meeting(meeting, by=make.city_officer())


def test_does_not_end_before_it_began(meeting):
    with pytest.raises(ValidationError, match="还没有开始"):
        end_meeting(meeting, by=make.city_officer())


def test_only_responsible_staff(meeting):
    for user in (make.auditor(), make.firm_officer(meeting.firm_party.organisation), make.district_officer("gaoxin")):
        with pytest.raises(PermissionDenied):
            begin_meeting(meeting, by=user)


def test_step_can_be_undone(meeting):
    officer, key = make.city_officer(), uuid4()
    mark_meeting_missed(meeting, by=officer)
    undo_meeting_step(meeting, by=officer, key=key)
    undo_meeting_step(meeting, by=officer, key=key)
    assert meeting.status == "wanted"
    begin_meeting(meeting, by=officer)
    end_meeting(meeting, by=officer)
    undo_meeting_step(meeting, by=officer)
    assert meeting.status == "begun"
    undo_meeting_step(meeting, by=officer)
    assert (meeting.status, meeting.begun_at) == ("wanted", None)
    with pytest.raises(ValidationError, match="还没有开始"):
        undo_meeting_step(meeting, by=officer)


def test_meeting_with_an_outcome_stays_held(meeting):
    officer = make.city_officer()
    record_outcome(meeting, OutcomeInput("go_on"), side="host", by=officer)
    with pytest.raises(ValidationError, match="已有结果"):
        undo_meeting_step(meeting, by=officer)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_simultaneous_begin_and_drop_exclude_each_other(meeting, turn):
    officer = make.city_officer()

    def begin():
        try:
            return bool(begin_meeting(Meeting.objects.get(pk=meeting.pk), by=officer))
        except ValidationError:
            return False

    def drop():
        rows = Meeting.objects.filter(pk=meeting.pk, status="wanted")
        return bool(rows.update(status="dropped", dropped_reason="让位"))

    assert sorted(run_both(begin, drop)) == [False, True]
