from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from matching.learning.decision_effects import active_effects
from matching.learning.training_examples import latest_verdicts
from matching.models import Decision, FollowUp, Match
from matching.services.review import accept_match
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
    """One outcome, as its side records it with its code."""
    values = {"verdict": verdict, "reason": "", "recorded_by": by, "recorded_at": timezone.now()} | fields
    outcome, _made = Outcome.objects.update_or_create(meeting=meeting, side=side, defaults=values)
    return follow_up_outcome(outcome, by=by)


def both_say(meeting, verdict, **fields):
    say(meeting, verdict, side="office", **fields)
    return say(meeting, verdict, side="firm", **fields)


def answers(row) -> dict:
    return dict(row.responses.values_list("side", "status"))


def test_one_sides_intent_asks_the_other_and_moves_nothing_else(meeting, district):
    office = make.institution_officer(meeting.institution_party.organisation)
    row = say(meeting, "intent", next_step="寄样品")
    assert (row.status, row.owner, row.match.status) == ("asking", district, "proposed")
    assert answers(row) == {"firm": "willing", "office": "asked"}
    request = row.requests.open().get()
    assert (request.side, request.kind, request.stance) == ("office", "other", "intent")
    assert "对方表示“有意向”，请您单位确认" in Notice.objects.get(recipient=office).text
    assert not row.checks.exists()


def test_intents_of_both_create_an_agreed_follow_up(meeting, district):
    row = both_say(meeting, "intent", next_step="寄样品")
    assert (row.status, row.owner, row.match.status) == ("intent", district, "accepted")
    assert answers(row) == {"firm": "willing", "office": "willing"}
    assert (row.firm_statement.side, row.institution_statement.side) == ("firm", "office")
    assert "寄样品" in row.steps.first().note
    met_on = timezone.localdate()
    assert [(check.kind, check.due_on) for check in row.checks.all()] == [
        (days, met_on + timedelta(days=int(days))) for days in ("30", "60", "90")
    ]
    assert not row.requests.open().exists()


def test_go_on_is_a_follow_up_in_talks_until_both_intend(meeting):
    assert say(meeting, "go_on").status == "asking"
    assert say(meeting, "intent", side="office").status == "talks"
    assert say(meeting, "intent", side="firm").status == "intent"
    assert say(meeting, "go_on", side="firm").status == "talks", "the firm takes its intent back"
    assert FollowUp.objects.count() == 1


def test_repeated_call_changes_nothing(meeting):
    row = both_say(meeting, "intent")
    counts = [row.steps.count(), row.checks.count(), row.match.statements.count()]
    follow_up_outcome(meeting.outcomes.first())
    assert [row.steps.count(), row.checks.count(), row.match.statements.count()] == counts
    assert Decision.objects.filter(kind="met").count() == 1


def test_existing_follow_up_continues(match, district):
    accept_match(match, by=district)
    row = both_say(a_talk(match), "go_on")
    assert row.pk == match.follow_up.pk
    assert answers(row) == {"firm": "willing", "office": "willing"}
    assert not Decision.objects.filter(kind="met").exists(), "it was accepted by an officer"


def test_one_no_fit_is_enough_and_only_its_side_lifts_it(meeting, district):
    say(meeting, "intent", side="office")
    row = say(meeting, "no_fit", side="firm", reason="indicator", note="他们的人很傲慢")
    assert (row.status, row.closed_reason, row.closed_by_side) == ("closed", "unwilling", "firm")
    assert "傲慢" not in row.closed_note
    assert say(meeting, "intent", side="host", by=district).status == "closed"
    row = say(meeting, "intent", side="firm")
    assert (row.status, answers(row)) == ("asking", {"firm": "willing", "office": "asked"}), "the other is asked again"
    assert say(meeting, "no_fit", side="firm", reason="indicator").status == "closed"
    assert say(meeting, "intent", side="office").status == "closed"
    assert say(meeting, "intent", side="firm").status == "intent", "the institution has spoken after the closing"
    assert not Decision.objects.not_undone().filter(kind="unfit").exists()


def test_the_hosts_record_stands_for_no_side_and_asks_both(meeting, district):
    row = say(meeting, "intent", side="host", by=district)
    assert (row.status, answers(row)) == ("asking", {"firm": "asked", "office": "asked"})
    assert set(row.requests.open().values_list("side", "kind")) == {("firm", "host"), ("office", "host")}
    assert not Decision.objects.exists()
    assert both_say(meeting, "intent").status == "intent"


def test_matching_learns_from_the_reason_whatever_the_decision(match, district):
    accept_match(match, by=district)
    say(a_talk(match), "no_fit", reason="price")
    (row,) = latest_verdicts()
    assert (row.kind, row.reason, row.is_acceptance) == ("unfit", "price", False)
    assert [effect.kind for effect in active_effects() if effect.decision == row] == ["price"]
    assert Match.objects.get().status == "accepted", "the review stands"


def test_reason_about_an_unreviewed_match_leaves_the_decision_open(meeting):
    assert say(meeting, "no_fit", reason="indicator") is None
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
    # It is told only that somebody has used its code.
    assert [notice.text[:8] for notice in Notice.objects.filter(recipient=officer)] == ["有人凭邀请码代表"]


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


def test_meeting_without_a_match_waits_for_staff_and_keeps_whose_word_is_whose(district):
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
    assert (row.status, row.match.run.engine, row.match.score) == ("asking", "hand", 0)
    assert answers(row) == {"firm": "willing", "office": "asked"}
    with pytest.raises(ValidationError, match="已经对应"):
        pair_meeting(meeting, achievement=item, demand=need, by=district)


def test_second_meeting_restarts_the_deadline(meeting):
    row = both_say(meeting, "go_on")
    row.checks.update(met_on=timezone.localdate() - timedelta(days=10))
    both_say(a_talk(row.match), "go_on")
    assert row.checks.filter(dropped_at=None).count() == 3
    assert row.checks.exclude(dropped_at=None).count() == 3
