from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from notices.models import Notice
from rounds.models import Party
from rounds.services.invitation_answers import AttendeeInput, InvitationReply, answer_invitation, party_by_code
from tests import factories as make

PEOPLE = (AttendeeInput("王五", "总经理"),)


@pytest.fixture
def party(db):
    return make.party(make.docking_round(), answer="invited")


def coming(**fields) -> InvitationReply:
    return InvitationReply(**{"coming": True, "people": PEOPLE} | fields)


def test_a_guest_answers_by_its_code(party):
    docking_round = party.docking_round
    reply = coming(
        arrives_at=docking_round.starts_at, leaves_at=docking_round.starts_at + timedelta(hours=1), most_meetings=4
    )
    answer_invitation(party_by_code(party.code), reply, revision=0)
    party.refresh_from_db()
    assert (party.answer, party.most_meetings, party.revision, party.answered_by) == ("coming", 4, 1, None)
    assert [str(attendee) for attendee in party.attendees.all()] == ["王五"]


def test_an_answer_can_be_changed_and_people_keep_their_row(party):
    answer_invitation(party, coming(people=(*PEOPLE, AttendeeInput("赵六"))), revision=0)
    first, second = party.attendees.order_by("pk")
    answer_invitation(party, coming(people=(AttendeeInput("王小五", "总经理", first.public_id),)), revision=1)
    assert [(attendee.pk, attendee.name) for attendee in party.attendees.all()] == [(first.pk, "王小五")]
    answer_invitation(party, InvitationReply(coming=False, note="出差"), revision=2)
    assert (party.answer, party.attendees.count()) == ("declined", 0)
    assert second.pk


def test_staff_hear_of_who_does_not_come(party):
    officer, other = make.district_officer("jinpu"), make.district_officer("gaoxin")
    answer_invitation(party, InvitationReply(coming=False, note="出差"), revision=0)
    assert "出差" in Notice.objects.get(recipient=officer).text
    assert not Notice.objects.filter(recipient=other).exists()


def test_an_answer_sent_twice_is_one(party):
    answer_invitation(party, coming(), revision=0)
    answer_invitation(party, coming(), revision=0)
    assert party.revision == 1


def test_a_second_device_does_not_overwrite_what_it_has_not_seen(party):
    answer_invitation(party, coming(), revision=0)
    with pytest.raises(ValidationError, match="另一台设备") as refused:
        answer_invitation(party, InvitationReply(coming=False), revision=0)
    assert refused.value.code == "overtaken"
    party.refresh_from_db()
    assert party.answer == "coming"


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_once_leave_one_answer_and_one_told_so():
    party = make.party(make.docking_round(), answer="invited")
    start = Barrier(2)

    def send(reply):
        start.wait()
        try:
            answer_invitation(Party.objects.get(pk=party.pk), reply, revision=0)
            return "done"
        except ValidationError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(send, [coming(), InvitationReply(coming=False)]))
    party.refresh_from_db()
    assert outcomes == ["done", "overtaken"]
    assert party.revision == 1
    assert party.attendees.count() == (1 if party.answer == "coming" else 0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"people": ()}, "至少填写一位"),
        ({"people": tuple(AttendeeInput(f"人{number}") for number in range(11))}, "最多登记 10 人"),
        ({"people": (AttendeeInput("长" * 2000),)}, "30"),
        ({"most_meetings": 0}, "1"),
    ],
)
def test_what_cannot_be_is_refused(party, fields, words):
    with pytest.raises(ValidationError, match=words):
        answer_invitation(party, coming(**fields), revision=0)


def test_times_lie_within_the_event_and_in_order(party):
    docking_round = party.docking_round
    for fields in (
        {"arrives_at": docking_round.starts_at - timedelta(minutes=1)},
        {"leaves_at": docking_round.ends_at + timedelta(minutes=1)},
        {"arrives_at": docking_round.starts_at + timedelta(hours=1), "leaves_at": docking_round.starts_at},
    ):
        with pytest.raises(ValidationError):
            answer_invitation(party, coming(**fields), revision=0)


def test_after_the_timetable_only_staff_change_an_answer(party):
    type(party.docking_round).objects.filter(pk=party.docking_round_id).update(status="scheduled")
    officer = make.firm_officer(party.organisation)
    for by in (None, officer):
        with pytest.raises(ValidationError, match="日程已经发布"):
            answer_invitation(party, coming(), revision=0, by=by)
    answer_invitation(party, coming(), revision=0, by=make.district_officer("jinpu"))
    assert party.answer == "coming"


def test_a_round_that_is_over_takes_no_answer(party):
    type(party.docking_round).objects.filter(pk=party.docking_round_id).update(
        status="closed", closed_at=timezone.now(), match_run=make.match_run()
    )
    with pytest.raises(ValidationError, match="已经结束"):
        answer_invitation(party, coming(), revision=0)
    with pytest.raises(ValidationError, match="结束以前"):
        answer_invitation(party, coming(), revision=0, by=make.city_officer())


def test_nobody_else_answers_for_a_guest(party):
    for stranger in (make.firm_officer(make.firm()), make.district_officer("gaoxin"), make.auditor()):
        with pytest.raises(PermissionDenied):
            answer_invitation(party, coming(), revision=0, by=stranger)


def test_what_was_never_sent_or_is_withdrawn_has_no_code(party):
    assert party_by_code("abcdefghjk") is None
    for answer, more in (("listed", {"invited_at": None}), ("withdrawn", {"withdrawn_reason": "重名"})):
        Party.objects.filter(pk=party.pk).update(answer=answer, **more)
        assert party_by_code(party.code) is None
        with pytest.raises(ValidationError, match="没有有效的邀请"):
            answer_invitation(party, coming(), revision=0)
        Party.objects.filter(pk=party.pk).update(withdrawn_reason="", answer="listed")
