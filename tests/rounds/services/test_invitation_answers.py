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


def test_guest_answers_by_code(party):
    docking_round = party.docking_round
    reply = coming(
        arrives_at=docking_round.starts_at, leaves_at=docking_round.starts_at + timedelta(hours=1), most_meetings=4
    )
    answer_invitation(party_by_code(party.code), reply, revision=0)
    party.refresh_from_db()
    assert (party.answer, party.most_meetings, party.revision, party.answered_by) == ("coming", 4, 1, None)
    assert [str(attendee) for attendee in party.attendees.all()] == ["王五"]


def test_changed_answer_keeps_the_people_rows(party):
    answer_invitation(party, coming(people=(*PEOPLE, AttendeeInput("赵六"))), revision=0)
    first, second = party.attendees.order_by("pk")
    answer_invitation(party, coming(people=(AttendeeInput("王小五", "总经理", first.public_id),)), revision=1)
    assert [(attendee.pk, attendee.name) for attendee in party.attendees.all()] == [(first.pk, "王小五")]
    answer_invitation(party, InvitationReply(coming=False, note="出差"), revision=2)
    assert (party.answer, party.attendees.count()) == ("declined", 0)
    assert second.pk


def test_staff_are_notified_of_a_declined_invitation(party):
    officer, other = make.district_officer("jinpu"), make.district_officer("gaoxin")
    answer_invitation(party, InvitationReply(coming=False, note="出差"), revision=0)
    assert "出差" in Notice.objects.get(recipient=officer).text
    assert not Notice.objects.filter(recipient=other).exists()


def test_answer_sent_twice_is_recorded_once(party):
    answer_invitation(party, coming(), revision=0)
    answer_invitation(party, coming(), revision=0)
    assert party.revision == 1


def test_second_device_does_not_overwrite_an_unseen_answer(party):
    answer_invitation(party, coming(), revision=0)
    with pytest.raises(ValidationError, match="另一台设备") as refused:
        answer_invitation(party, InvitationReply(coming=False), revision=0)
    assert refused.value.code == "overtaken"
    party.refresh_from_db()
    assert party.answer == "coming"


@pytest.mark.django_db(transaction=True)
def test_simultaneous_answers_refuse_one():
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
def test_invalid_answers_are_refused(party, fields, words):
    with pytest.raises(ValidationError, match=words):
        answer_invitation(party, coming(**fields), revision=0)


def test_times_must_be_within_the_event_and_ordered(party):
    docking_round = party.docking_round
    for fields in (
        {"arrives_at": docking_round.starts_at - timedelta(minutes=1)},
        {"leaves_at": docking_round.ends_at + timedelta(minutes=1)},
        {"arrives_at": docking_round.starts_at + timedelta(hours=1), "leaves_at": docking_round.starts_at},
    ):
        with pytest.raises(ValidationError):
            answer_invitation(party, coming(**fields), revision=0)


def test_once_the_event_has_begun_only_staff_change_answers(party):
    type(party.docking_round).objects.filter(pk=party.docking_round_id).update(status="running")
    officer = make.firm_officer(party.organisation)
    for by in (None, officer):
        with pytest.raises(ValidationError, match="活动已经开始"):
            answer_invitation(party, coming(), revision=0, by=by)
    answer_invitation(party, coming(), revision=0, by=make.district_officer("jinpu"))
    assert party.answer == "coming"


def test_closed_round_takes_no_answer(party):
    type(party.docking_round).objects.filter(pk=party.docking_round_id).update(
        status="closed", closed_at=timezone.now(), match_run=make.match_run()
    )
    with pytest.raises(ValidationError, match="已经结束"):
        answer_invitation(party, coming(), revision=0)
    with pytest.raises(ValidationError, match="结束以前"):
        answer_invitation(party, coming(), revision=0, by=make.city_officer())


def test_other_users_cannot_answer(party):
    for stranger in (make.firm_officer(make.firm()), make.district_officer("gaoxin"), make.auditor()):
        with pytest.raises(PermissionDenied):
            answer_invitation(party, coming(), revision=0, by=stranger)


def test_unsent_and_withdrawn_codes_are_invalid(party):
    assert party_by_code("abcdefghjk") is None
    for answer, more in (("listed", {"invited_at": None}), ("withdrawn", {"withdrawn_reason": "重名"})):
        Party.objects.filter(pk=party.pk).update(answer=answer, **more)
        assert party_by_code(party.code) is None
        with pytest.raises(ValidationError, match="没有有效的邀请"):
            answer_invitation(party, coming(), revision=0)
        Party.objects.filter(pk=party.pk).update(withdrawn_reason="", answer="listed")
