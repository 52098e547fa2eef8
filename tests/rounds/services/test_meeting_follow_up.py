from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from matching.learning.decision_effects import active_effects
from matching.learning.training_examples import latest_verdicts
from matching.models import Decision, FollowUp, Match, SideResponse
from matching.services.review import accept_match
from matching.services.side_responses import answer_unwilling
from notices.models import Notice
from rounds.models import Outcome
from rounds.services.meeting_follow_up import follow_up_outcome, pair_meeting
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return make.district_officer("jinpu")


@pytest.fixture
def match(district):
    return make.match()


@pytest.fixture
def meeting(match):
    return a_talk(match)


def a_talk(match=None, docking_round=None, **fields):
    docking_round = docking_round or make.docking_round(status="running")
    firm = match.demand.firm if match else make.firm()
    office = match.achievement.institution if match else make.institution()
    parties = make.party(docking_round, firm), make.party(docking_round, office)
    return make.meeting(*parties, match=match, begun_at=timezone.now(), **fields)


def say(meeting, verdict, *, side="firm", by=None, **fields):
    outcome, _made = Outcome.objects.update_or_create(
        meeting=meeting, side=side, defaults={"verdict": verdict, "reason": "", "recorded_by": by} | fields
    )
    return follow_up_outcome(outcome, by=by)


def test_intent_creates_an_agreed_follow_up(meeting, district):
    row = say(meeting, "intent", next_step="寄样品")
    match = row.match
    assert (row.status, row.owner, match.status) == ("intent", district, "accepted")
    assert set(row.responses.values_list("status", "answered_in_person", "contact")) == {("willing", True, None)}
    assert "寄样品" in row.steps.get().note
    met_on = timezone.localdate()
    assert [(check.kind, check.due_on) for check in row.checks.all()] == [
        (days, met_on + timedelta(days=int(days))) for days in ("30", "60", "90")
    ]


def test_go_on_is_a_follow_up_in_talks_until_both_intend(meeting):
    assert say(meeting, "go_on").status == "talks"
    assert say(meeting, "intent", side="office").status == "talks"
    assert say(meeting, "intent", side="firm").status == "intent"
    assert FollowUp.objects.count() == 1


def test_repeated_call_changes_nothing(meeting):
    say(meeting, "intent")
    row = say(meeting, "intent")
    assert (row.steps.count(), row.checks.count()) == (1, 3)
    assert Decision.objects.filter(kind="met").count() == 1


def test_existing_follow_up_continues(match, district):
    accept_match(match, by=district)
    row = say(a_talk(match), "go_on")
    assert row.pk == match.follow_up.pk
    assert set(row.responses.values_list("status", flat=True)) == {"willing"}
    assert not Decision.objects.filter(kind="met").exists(), "it was accepted by an officer"


def test_refused_pair_restarts_after_a_meeting(match, district):
    accept_match(match, by=district)
    side = match.follow_up.responses.get(side="firm")
    answer_unwilling(side, reason="timing", by=make.firm_officer(match.demand.firm))
    row = say(a_talk(match), "intent")
    assert (row.pk, row.status, row.closed_reason) == (match.follow_up.pk, "intent", "")
    assert SideResponse.objects.get(pk=side.pk).reason == ""


def test_one_no_fit_is_enough(meeting, district):
    say(meeting, "intent", side="office")
    assert say(meeting, "no_fit", side="firm", reason="indicator", note="他们的人很傲慢") is None
    row = FollowUp.objects.get()
    assert (row.status, row.closed_reason) == ("closed", "no_deal")
    assert "指标不符" in row.closed_note
    assert "傲慢" not in row.closed_note


def test_own_outcomes_take_precedence_over_the_hosts(meeting):
    assert say(meeting, "no_fit", side="host", reason="price") is None
    assert say(meeting, "intent", side="firm").status == "intent"
    assert not Decision.objects.not_undone().filter(kind="unfit").exists()


def test_matching_learns_from_the_reason_whatever_the_decision(match, district):
    accept_match(match, by=district)
    say(a_talk(match), "no_fit", reason="price")
    (row,) = latest_verdicts()
    assert (row.kind, row.reason, row.is_acceptance) == ("unfit", "price", False)
    assert [effect.kind for effect in active_effects() if effect.decision == row] == ["price"]
    assert Match.objects.get().status == "accepted", "the review stands"


def test_reason_about_an_unreviewed_match_leaves_the_decision_open(meeting):
    say(meeting, "no_fit", reason="indicator")
    assert Match.objects.get().status == "proposed"
    assert [row.kind for row in latest_verdicts()] == ["unfit"]


def test_institution_reads_only_the_kind_of_reason(meeting, signed_in):
    officer = make.institution_officer(meeting.institution_party.organisation)
    other = make.institution_officer(make.institution("大连外语学院"))
    say(meeting, "no_fit", reason="indicator", note="样品发黄")
    text = Notice.objects.get(recipient=officer).text
    page = signed_in(officer).get("/workbench/feedback/").content.decode()
    for outcome in (text, page):
        assert "指标不符" in outcome
        assert "样品发黄" not in outcome
        assert meeting.firm_party.organisation.name not in outcome
    assert meeting.match.achievement.title not in signed_in(other).get("/workbench/feedback/").content.decode()


def test_institution_is_not_notified_of_its_own_outcome(meeting):
    officer = make.institution_officer(meeting.institution_party.organisation)
    say(meeting, "no_fit", side="office", reason="price")
    assert not Notice.objects.filter(recipient=officer).exists()


def test_meeting_gets_the_only_match_of_the_pair(match):
    docking_round = make.docking_round(status="running")
    meeting = make.meeting(
        make.party(docking_round, match.demand.firm),
        make.party(docking_round, match.achievement.institution),
        origin="on_site",
    )
    assert say(meeting, "intent").match == match
    meeting.refresh_from_db()
    assert meeting.match == match


def test_meeting_without_a_match_waits_for_staff(district):
    need = make.demand(firm=make.firm())
    item = make.achievement()
    docking_round = make.docking_round(status="running")
    meeting = make.meeting(
        make.party(docking_round, need.firm), make.party(docking_round, item.institution), origin="on_site"
    )
    assert say(meeting, "intent") is None
    for stranger in (make.district_officer("gaoxin"), make.firm_officer(need.firm)):
        with pytest.raises(PermissionDenied):
            pair_meeting(meeting, achievement=item, demand=need, by=stranger)
    with pytest.raises(ValidationError, match="双方自己的"):
        pair_meeting(meeting, achievement=item, demand=make.demand(), by=district)
    row = pair_meeting(meeting, achievement=item, demand=need, by=district)
    assert (row.status, row.match.run.engine, row.match.score) == ("intent", "hand", 0)
    with pytest.raises(ValidationError, match="已经对应"):
        pair_meeting(meeting, achievement=item, demand=need, by=district)


def test_second_meeting_restarts_the_deadline(meeting):
    row = say(meeting, "go_on")
    row.checks.update(met_on=timezone.localdate() - timedelta(days=10))
    say(a_talk(row.match), "go_on")
    assert row.checks.filter(dropped_at=None).count() == 3
    assert row.checks.exclude(dropped_at=None).count() == 3
