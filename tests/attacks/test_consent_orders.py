"""Whatever all parties say in whatever order: nothing is agreed without each side's own word.

The invariant is read from the rows of the statement log, not with the services' own logic.
"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import ContactShare
from deals.services.deals import fail_deal, open_deal
from matching.models import ConfirmationRequest, FollowUp, FollowUpCheck, Match
from matching.services.confirmations import state_stance
from matching.services.follow_up_checks import answer_check
from matching.services.follow_ups import (
    close_follow_up,
    record_intent,
    record_progress,
    reopen_follow_up,
    return_to_talks,
)
from matching.services.review import accept_match, reject_match, reopen_match
from matching.services.side_responses import answer_unwilling, answer_willing, inquire
from portal.follow_ups import visible_firm_name
from rounds.models import Meeting
from rounds.own_plan import partner_name
from rounds.services.confirmations import answer_request
from rounds.services.outcomes import OutcomeInput, record_outcome
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.long]

REFUSALS = (ValidationError, PermissionDenied, FollowUp.DoesNotExist, FollowUp.deal.RelatedObjectDoesNotExist)
LATEST_WORDS = """
    SELECT DISTINCT ON (side) side, stance FROM matching_sidestatement
    WHERE match_id = %s AND (capacity IN ('account', 'code', 'link') OR capacity = 'phone' AND stance = 'no')
    ORDER BY side, said_at DESC, id DESC
"""
EVER_WILLING = """
    SELECT count(DISTINCT side) FROM matching_sidestatement
    WHERE match_id = %s AND capacity IN ('account', 'code', 'link') AND stance IN ('willing', 'intent')
"""


@pytest.fixture
def world():
    """An anonymous demand, a match of it, two meetings of both sides that have begun, and all who may speak."""
    need = make.demand(firm=make.firm("大连密约轴承有限公司"), is_anonymous=True, public_alias="某轴承企业")
    match = make.match(demand=need)
    firm, office = need.firm, match.achievement.institution
    first = make.docking_round(status="running")
    second = make.docking_round(status="running")
    meetings = [
        make.meeting(
            make.party(docking_round, firm), make.party(docking_round, office), match=match, begun_at=timezone.now()
        )
        for docking_round in (first, second)
    ]
    users = {"firm": make.firm_officer(firm), "office": make.institution_officer(office)}
    users |= {"district": make.district_officer("jinpu"), "city": make.city_officer()}
    contacts = {"firm": make.contact(firm), "office": make.contact(office)}
    return SimpleNamespace(match=match, meetings=meetings, users=users, contacts=contacts, firm=firm)


SIDES = st.sampled_from(["firm", "office"])
STAFF = st.sampled_from(["district", "city"])
VERDICTS = st.sampled_from(["intent", "intent", "go_on", "no_fit"])
HOW = st.sampled_from(["account", "code"])
STEPS = st.one_of(
    st.tuples(st.just("outcome"), SIDES, VERDICTS, st.integers(0, 1), HOW, st.integers(0, 30)),
    st.tuples(st.just("host"), STAFF, VERDICTS, st.integers(0, 1)),
    st.tuples(st.sampled_from(["willing", "unwilling", "inquire", "intend"]), SIDES),
    st.tuples(st.sampled_from(["call_willing", "call_unwilling", "call_inquire"]), SIDES, STAFF),
    st.tuples(st.just("confirm"), SIDES, st.sampled_from(["yes", "yes", "willing", "no", "unsaid"]), HOW),
    st.tuples(st.sampled_from(["owner_intent", "owner_talks", "note", "close", "reopen", "deal", "fail"]), STAFF),
    st.tuples(st.sampled_from(["accept", "reject", "reopen_review"]), STAFF),
    st.tuples(st.just("check"), st.sampled_from(["link", "city"]), st.sampled_from(["signed", "progress"])),
    st.tuples(st.just("later"), st.integers(0, 0)),
)


def take(world, step) -> bool:
    """Let one party take one step; False: it was refused, and the savepoint undid what it wrote."""
    try:
        with transaction.atomic():
            getattr(Steps, step[0])(world, *step[1:])
    except REFUSALS:
        return False
    return True


def follow_up(world) -> FollowUp:
    return FollowUp.objects.select_related("match__demand__firm", "match__achievement__institution").get(
        match=world.match
    )


def response(world, side):
    return follow_up(world).responses.get(side=side)


class Steps:
    """Each step as the interface takes it. The world is first, then what Hypothesis drew."""

    def outcome(world, side, verdict, number, how, minutes):
        meeting = Meeting.objects.get(pk=world.meetings[number].pk)
        party = meeting.firm_party if side == "firm" else meeting.institution_party
        speaker = {"by": world.users[side]} if how == "account" else {"party": party}
        data = OutcomeInput(verdict, reason="price" if verdict == "no_fit" else "")
        at = timezone.now() - timedelta(minutes=minutes)
        record_outcome(meeting, data, side=side, at=at, **speaker)

    def host(world, who, verdict, number):
        data = OutcomeInput(verdict, reason="price" if verdict == "no_fit" else "")
        record_outcome(Meeting.objects.get(pk=world.meetings[number].pk), data, side="host", by=world.users[who])

    def willing(world, side):
        answer_willing(response(world, side), contact=world.contacts[side], consents=True, by=world.users[side])

    def unwilling(world, side):
        answer_unwilling(response(world, side), reason="timing", by=world.users[side])

    def inquire(world, side):
        inquire(response(world, side), text="年用量？", by=world.users[side])

    def intend(world, side):
        state_stance(follow_up(world), side=side, stance="intent", by=world.users[side])

    def call_willing(world, side, who):
        call = {"by": world.users[who], "spoken_with": "钱经理"}
        answer_willing(response(world, side), contact=world.contacts[side], consents=True, **call)

    def call_unwilling(world, side, who):
        answer_unwilling(response(world, side), reason="timing", by=world.users[who], spoken_with="钱经理")

    def call_inquire(world, side, who):
        inquire(response(world, side), text="年用量？", by=world.users[who], spoken_with="钱经理")

    def confirm(world, side, answer, how):
        request = ConfirmationRequest.objects.filter(follow_up=follow_up(world), side=side).first()
        if request is not None:
            extra = {"contact": world.contacts[side], "consents": True, "reason": "price", "note": "说明"}
            if not request.meeting_key:
                extra["reason"] = "terms"
            answer_request(request, answer, by=world.users[side] if how == "account" else None, **extra)

    def owner_intent(world, who):
        record_intent(follow_up(world), note="谈成了", next_on=in_days(9), by=world.users[who])

    def owner_talks(world, who):
        return_to_talks(follow_up(world), note="还要再谈", next_on=in_days(9), by=world.users[who])

    def note(world, who):
        record_progress(follow_up(world), note="看了样品", next_on=in_days(9), by=world.users[who])

    def close(world, who):
        close_follow_up(follow_up(world), reason="other", note="停一停", by=world.users[who])

    def reopen(world, who):
        reopen_follow_up(follow_up(world), note="再问一次", by=world.users[who])

    def deal(world, who):
        open_deal(follow_up(world), by=world.users[who])

    def fail(world, who):
        fail_deal(follow_up(world).deal, reason="price", note="没有谈成", on=timezone.localdate(), by=world.users[who])

    def accept(world, who):
        accept_match(Match.objects.get(pk=world.match.pk), by=world.users[who])

    def reject(world, who):
        reject_match(Match.objects.get(pk=world.match.pk), reason="price", by=world.users[who])

    def reopen_review(world, who):
        reopen_match(Match.objects.get(pk=world.match.pk), reason="再看", by=world.users[who])

    def check(world, who, answer):
        row = FollowUpCheck.objects.filter(follow_up=follow_up(world), answered_at=None, dropped_at=None).first()
        if row is not None:
            answer_check(row, answer=answer, by=None if who == "link" else world.users[who])

    def later(world, _number):
        """Both sides take the shortest way to an agreement, so that states behind it are reached often."""
        for side in ("firm", "office"):
            Steps.outcome(world, side, "intent", 0, "account", 0)


def in_days(number):
    return timezone.localdate() + timedelta(days=number)


def check_invariant(world, trail) -> None:
    row = FollowUp.objects.filter(match=world.match).first()
    with connection.cursor() as cursor:
        cursor.execute(LATEST_WORDS, [world.match.pk])
        latest = dict(cursor.fetchall())
        cursor.execute(EVER_WILLING, [world.match.pk])
        (sides_ever_willing,) = cursor.fetchone()
    both = set(latest) == {"firm", "office"} and "no" not in latest.values()
    both_intend = both and set(latest.values()) == {"intent"}
    if row is not None and row.status in ("talks", "intent"):
        assert both, (trail, row.status, latest)
    if row is not None and row.status == "intent":
        assert both_intend, (trail, latest)
    if row is not None and row.status == "deal":
        assert sides_ever_willing == 2, trail
    if ContactShare.objects.filter(ended_at=None).exists() and (row is None or row.status != "deal"):
        assert both, (trail, latest)
    named = world.firm.name
    if row is not None and visible_firm_name(row, world.users["office"]) == named:
        assert sides_ever_willing == 2, trail
    meeting = Meeting.objects.select_related("match__follow_up").get(pk=world.meetings[0].pk)
    if partner_name(meeting, meeting.institution_party_id) == named:
        assert sides_ever_willing == 2, trail


REACHED: set[str] = set()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
@example(steps=[("willing", "firm"), ("willing", "office"), ("later", 0), ("close", "city")])
@example(steps=[*[("outcome", side, "go_on", 0, "account", 0) for side in ("firm", "office")], ("inquire", "firm")])
def test_nothing_is_agreed_without_each_sides_own_word(world, steps):
    with transaction.atomic():
        trail = []
        for step in steps:
            trail.append(step)
            if not take(world, step):
                continue
            check_invariant(world, trail)
            REACHED.update(FollowUp.objects.filter(match=world.match).values_list("status", flat=True))
        transaction.set_rollback(True)


def test_the_orders_reach_all_states():
    """Runs after the property: a machine that never gets anywhere proves nothing."""
    assert {"asking", "talks", "intent", "closed"} <= REACHED or not REACHED
