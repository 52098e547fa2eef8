"""Outcomes: the latest of each side counts, and only the own side records it."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.models import AuditRecord
from matching.models import FollowUp
from rounds.models import Meeting, Outcome
from rounds.services.outcomes import OutcomeInput, record_outcome
from tests import factories as make
from tests.concurrency import run_both

pytestmark = pytest.mark.django_db
INTENT = OutcomeInput("intent", next_step="来厂交流", intent_wan=Decimal(30), is_signed=True)


@pytest.fixture
def meeting():
    docking_round = make.docking_round(status="running")
    return make.meeting(make.party(docking_round), make.party(docking_round, make.institution()))


def test_recorded_by_code_by_user_and_by_host(meeting):
    firm = make.firm_officer(meeting.firm_party.organisation)
    record_outcome(meeting, INTENT, side="firm", by=firm)
    record_outcome(meeting, OutcomeInput("go_on"), side="office", party=meeting.institution_party)
    record_outcome(meeting, OutcomeInput("no_fit", reason="price"), side="host", by=make.district_officer())
    kept = Outcome.objects.order_by("pk").values_list("side", "verdict", "reason")
    assert list(kept) == [("firm", "intent", ""), ("office", "go_on", ""), ("host", "no_fit", "price")]
    meeting.refresh_from_db()
    assert meeting.status == "held"
    assert Outcome.objects.signed().get().intent_wan == 30


@pytest.mark.parametrize("side", ["firm", "office", "host", "nobody"])
def test_other_users_cannot_record(meeting, side):
    stranger = make.party(meeting.docking_round)
    others = [
        {"by": make.auditor()},
        {"by": make.firm_officer()},
        {"by": make.district_officer("gaoxin")},
        {"party": stranger},
        {"party": None},
    ]
    if side != "firm":
        others += [{"party": meeting.firm_party}, {"by": make.firm_officer(meeting.firm_party.organisation)}]
    for speaker in others:
        with pytest.raises(PermissionDenied):
            record_outcome(meeting, OutcomeInput("go_on"), side=side, **speaker)
    assert not Outcome.objects.exists()


def test_latest_outcome_counts_and_the_trail_keeps_earlier_ones(meeting):
    party = meeting.firm_party
    for data in (INTENT, OutcomeInput("no_fit", reason="price", next_step="写了也不留")):
        record_outcome(meeting, data, side="firm", party=party, key=uuid4())
    outcome = Outcome.objects.get()
    assert (outcome.verdict, outcome.next_step, outcome.intent_wan, outcome.is_signed) == ("no_fit", "", None, False)
    trail = AuditRecord.objects.filter(action="记录洽谈结果").latest("pk").changes
    assert trail["verdict"] == ["intent", "no_fit"]
    assert trail["intent_wan"] == ["30.00", None]
    assert trail["from"] == [None, str(party)]


def test_outcomes_of_both_sides_are_followed_up():
    docking_round = make.docking_round(status="running")
    match = make.match(status="accepted", reviewed_by=make.city_officer(), reviewed_at=timezone.now())
    firm = make.party(docking_round, match.demand.firm)
    school = make.party(docking_round, match.achievement.institution)
    meeting = make.meeting(firm, school, match=match)
    record_outcome(meeting, INTENT, side="firm", party=firm)
    record_outcome(meeting, OutcomeInput("go_on"), side="office", party=school)
    follow_up = FollowUp.objects.get(match=match)
    assert follow_up.agreed_at
    record_outcome(meeting, OutcomeInput("no_fit", reason="price"), side="office", party=school)
    assert Outcome.objects.get(side="office").reason == "price"


def test_same_key_is_applied_once(meeting):
    key = uuid4()
    first = [record_outcome(meeting, INTENT, side="firm", party=meeting.firm_party, key=key) for _ in range(2)]
    assert first[0] == first[1]
    assert AuditRecord.objects.filter(action="记录洽谈结果").count() == 1


def test_older_outcome_that_arrives_later_changes_nothing(meeting):
    party, now = meeting.firm_party, timezone.now()
    record_outcome(meeting, INTENT, side="firm", party=party, at=now - timedelta(minutes=5))
    late = record_outcome(meeting, OutcomeInput("go_on"), side="firm", party=party, at=now - timedelta(minutes=9))
    assert late.verdict == "intent"
    assert AuditRecord.objects.filter(action="收到较早的洽谈结果").exists()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (OutcomeInput("perhaps"), "verdict"),
        (OutcomeInput("no_fit"), "__all__"),
        (OutcomeInput("no_fit", reason="weather"), "reason"),
        (OutcomeInput("intent", intent_wan=Decimal(-1)), "__all__"),
        (OutcomeInput("intent", intent_wan=Decimal("1e15")), "intent_wan"),
        (OutcomeInput("go_on", next_step="长" * 101), "next_step"),
        (OutcomeInput("go_on", next_on=timezone.localdate() - timedelta(days=400)), "next_on"),
        (OutcomeInput("go_on", next_on=timezone.localdate() + timedelta(days=4000)), "next_on"),
    ],
)
def test_invalid_outcomes_are_refused(meeting, data, field):
    with pytest.raises(ValidationError) as error:
        record_outcome(meeting, data, side="firm", party=meeting.firm_party)
    assert field in error.value.message_dict
    meeting.refresh_from_db()
    assert meeting.status == "wanted"


@pytest.mark.parametrize(("status", "words"), [("scheduled", "还没有开始"), ("archived", "已归档")])
def test_refused_before_and_after_the_round(meeting, status, words):
    meeting.docking_round.status = status
    if status == "archived":
        meeting.docking_round.closed_at, meeting.docking_round.match_run = timezone.now(), make.match_run()
    meeting.docking_round.save()
    with pytest.raises(ValidationError, match=words):
        record_outcome(meeting, INTENT, side="firm", party=meeting.firm_party)


@pytest.mark.parametrize(("status", "words"), [("dropped", "已取消"), ("missed", "未能进行")])
def test_refused_for_missed_and_dropped_meetings(meeting, status, words):
    Meeting.objects.update(status=status, dropped_reason="让位" if status == "dropped" else "")
    with pytest.raises(ValidationError, match=words):
        record_outcome(meeting, INTENT, side="firm", party=meeting.firm_party)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_outcomes_of_one_side_leave_one(meeting):
    def say(data):
        row = Meeting.objects.get(pk=meeting.pk)
        return record_outcome(row, data, side="firm", party=row.firm_party, key=uuid4())

    run_both(lambda: say(INTENT), lambda: say(OutcomeInput("go_on")))
    assert Outcome.objects.count() == 1
    assert AuditRecord.objects.filter(action="记录洽谈结果").count() >= 1
