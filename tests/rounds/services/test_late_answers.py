"""Answers stay open until the event: a late yes waits for the planner, a late no frees its places, a full one waits."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from notices.models import Notice
from rounds.models import GuestMessage, GuestTerms, LateAnswer, Meeting, Party, Timetable
from rounds.planning.snapshot import read_snapshot
from rounds.services.guests import guests_to_remind, withdraw_party
from rounds.services.invitation_answers import AttendeeInput, InvitationReply, answer_invitation
from rounds.services.late_answers import accept_late_answer, decline_late_answer, open_for
from rounds.services.publishing import publish_timetable
from tests import factories as make
from tests.rounds.rounds import planned, small_round

pytestmark = [pytest.mark.django_db, pytest.mark.long]
NO = InvitationReply(coming=False, note="出差")


def yes(*names: str, **values) -> InvitationReply:
    return InvitationReply(coming=True, people=tuple(AttendeeInput(name) for name in names or ("王五",)), **values)


@pytest.fixture
def world():
    """A published plan of two firms and two teams, and a third firm that was invited and has not answered."""
    world = small_round(firms=2, teams=2, tables=2, slots=4)
    world.late = make.party(world.round, make.firm("大连迟到有限公司"), answer="invited")
    publish_timetable(planned(world), revision=0, by=world.by)
    return world


def test_a_late_yes_is_a_proposal_that_the_planner_decides(world):
    busy = ((world.slots[0].starts_at, world.slots[0].ends_at),)
    assert answer_invitation(world.late, yes("王五", busy=busy), revision=0) == "proposed"
    late = open_for(world.round).get()
    assert (late.party, late.kind, world.late.answer) == (world.late, "yes", "invited")
    assert Notice.objects.filter(recipient=world.by, path__endswith="/late-answers/").exists()
    with pytest.raises(PermissionDenied):
        accept_late_answer(late, by=make.district_officer())
    accept_late_answer(late, by=world.by)
    party = Party.objects.get(pk=world.late.pk)
    assert (party.answer, [person.name for person in party.attendees.all()]) == ("coming", ["王五"])
    assert LateAnswer.objects.get().reply == {}  # what it said is now the party's own answer
    assert GuestMessage.objects.get(party=party).kind == "answer"
    (there,) = [each for each in read_snapshot(world.round).event.parties if each.id == party.pk]
    first = world.slots[0]
    assert there.availability and not any(start <= 13 * 60 + 30 < end for start, end in there.availability), first
    with pytest.raises(ValidationError, match="已接受"):
        decline_late_answer(late, reason="太晚", by=world.by)


def test_a_declined_proposal_leaves_the_answer_and_says_why(world):
    answer_invitation(world.late, yes(), revision=0)
    answer_invitation(world.late, yes("赵六"), revision=0)  # changed its mind before the decision: one proposal
    late = open_for(world.round).get()
    with pytest.raises(ValidationError, match="原因"):
        decline_late_answer(late, reason=" ", by=world.by)
    decline_late_answer(late, reason="座位已满", by=world.by)
    world.late.refresh_from_db()
    assert (world.late.answer, GuestMessage.objects.get(party=world.late).text.count("座位已满")) == ("invited", 1)


def test_other_times_wait_and_other_names_do_not(world):
    party = world.firms[0]
    assert answer_invitation(party, yes("王五"), revision=0) == "saved"
    assert answer_invitation(party, yes("王五", most_meetings=1), revision=1) == "proposed"
    assert open_for(world.round).get().kind == "times"
    assert answer_invitation(party, NO, revision=1) == "saved"  # the no takes the place of what it proposed
    assert not open_for(world.round).exists()


def test_a_late_no_frees_its_places_as_an_absence(world, django_capture_on_commit_callbacks):
    party = world.firms[0]
    before = set(Timetable.objects.values_list("pk", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        assert answer_invitation(party, NO, revision=0) == "saved"
    draft = Timetable.objects.exclude(pk__in=before).get()
    assert draft.status == "draft" and "未到" in draft.why
    placed = Meeting.objects.filter(placements__timetable=draft)
    assert placed.exists() and not placed.filter(firm_party=party).exists()


def test_reminders_stop_when_nobody_can_answer(world):
    Party.objects.filter(pk=world.late.pk).update(invited_at=world.round.starts_at.replace(year=2020))
    assert guests_to_remind(world.round, world.by).count() == 1
    type(world.round).objects.filter(pk=world.round.pk).update(status="running")
    assert not guests_to_remind(world.round, world.by).exists()


def test_a_full_round_waits_and_who_waits_longest_moves_up(django_capture_on_commit_callbacks):
    docking_round, city = make.docking_round(), make.city_officer()
    GuestTerms.objects.create(docking_round=docking_round, most_firms=1)
    first, second, third = (make.party(docking_round, answer="invited") for _number in range(3))
    assert [answer_invitation(party, yes(), revision=0) for party in (first, second, third)] == [
        "saved",
        "waiting",
        "waiting",
    ]
    answer_invitation(first, NO, revision=1)
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.answer, third.answer) == ("coming", "waiting")
    assert GuestMessage.objects.get().party == second
    withdraw_party(second, reason="企业注销", by=city)
    third.refresh_from_db()
    assert third.answer == "coming"
