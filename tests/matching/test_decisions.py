"""Services of the review desk: stored decisions, repeated steps, assignment, appeals, undo."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role
from audit.models import AuditRecord
from matching.models import BrokerRequest, Decision, Match, Question
from matching.services.appeals import answer_appeal, appeal_match
from matching.services.assignment import assign_match, take_over_match
from matching.services.broker_requests import accept_and_ask_broker, answer_broker_request, ask_broker
from matching.services.decisions import ReviewConflict, ReviewStep
from matching.services.questions import answer_question, ask_question
from matching.services.review import accept_match, hold_match, mark_duplicate, reject_match, reopen_match
from matching.services.undo import undo_decision
from tests import factories as make
from tests.concurrency import run_beside_uncommitted, run_both


@pytest.fixture
def officer(db):
    return make.district_officer(name="王晓")


@pytest.fixture
def match(db):
    return make.match()


def tomorrow(days: int = 1):
    return timezone.localdate() + timedelta(days=days)


def reload(match: Match) -> Match:
    return Match.objects.get(pk=match.pk)


class TestDecision:
    def test_stores_user_time_duration_reason_and_features(self, match, officer):
        before = timezone.now()
        decision = reject_match(match, by=officer, reason="price", note="高出一倍", step=ReviewStep(open_ms=4200))
        kept = Decision.objects.get()
        assert kept == decision
        assert (kept.by, kept.kind, kept.reason, kept.note) == (officer, "reject", "price", "高出一倍")
        assert (kept.open_ms, kept.engine, kept.run, kept.score) == (4200, "p0", match.run, 80.0)
        learned = {"probability": None, "level": "", "effects": []}
        assert kept.features == {"rank": 1, "parts": match.parts, "facts": {"price": "talk"}} | learned
        assert before <= kept.made_at <= timezone.now()
        assert (kept.before["status"], kept.after["status"]) == ("proposed", "rejected")

    def test_repeated_step_is_applied_once(self, match, officer):
        step = ReviewStep(revision=0)
        first = accept_match(match, by=officer, step=step)
        second = accept_match(reload(match), by=officer, step=step)
        assert first == second
        assert Decision.objects.count() == AuditRecord.objects.filter(object_type="matching.match").count() == 1

    def test_key_of_another_step_is_refused(self, match, officer):
        step = ReviewStep()
        accept_match(match, by=officer, step=step)
        for other in (make.match(), match):
            with pytest.raises(ValidationError, match="编号已经用过"):
                reject_match(other, by=officer, reason="field", step=step)
        with pytest.raises(ValidationError, match="编号已经用过"):
            accept_match(reload(match), by=make.city_officer(), step=step)

    def test_step_on_an_outdated_revision_is_refused(self, match, officer):
        colleague = make.district_officer(name="李青")
        seen = reload(match)
        hold_match(match, until=tomorrow(5), by=colleague)
        with pytest.raises(ReviewConflict, match="刚由李青暂缓至"):
            accept_match(seen, by=officer)
        with pytest.raises(ReviewConflict):
            accept_match(reload(match), by=officer, step=ReviewStep(revision=0))
        accept_match(reload(match), by=officer, step=ReviewStep(revision=1))

    def test_later_run_does_not_change_the_revision(self, match, officer):
        Match.objects.filter(pk=match.pk).update(score=71)
        accept_match(match, by=officer, step=ReviewStep(revision=0))

    def test_constraint_one_decision_per_revision(self, match, officer):
        first = accept_match(match, by=officer)
        first.pk, first.key = None, uuid4()
        with pytest.raises(IntegrityError), transaction.atomic():
            first.save(force_insert=True)


class TestHold:
    def test_match_on_hold_leaves_the_queue_until_its_day(self, match, officer):
        hold_match(match, until=tomorrow(3), by=officer, note="等企业回来")
        assert not Match.objects.waiting_for(officer)
        assert list(Match.objects.managed_by(officer).on_hold()) == [match]
        Match.objects.filter(pk=match.pk).update(held_until=timezone.localdate())
        assert list(Match.objects.waiting_for(officer)) == [match]

    @pytest.mark.parametrize("days", [-1, 0, 366])
    def test_day_in_the_past_or_too_far_ahead_is_refused(self, match, officer, days):
        with pytest.raises(ValidationError, match="明天以后"):
            hold_match(match, until=tomorrow(days), by=officer)

    def test_hold_ends_with_the_decision(self, match, officer):
        hold_match(match, until=tomorrow(), by=officer)
        accept_match(match, by=officer)
        assert reload(match).held_until is None


class TestDuplicate:
    def test_duplicate_names_the_other_match(self, match, officer):
        other = make.match(demand=match.demand)
        decision = mark_duplicate(match, other=other, by=officer)
        assert (reload(match).status, reload(match).duplicate_of) == ("duplicate", other)
        assert decision.sentence == f"标为与“{other}”重复"

    def test_other_match_must_share_a_side_and_not_be_a_duplicate(self, match, officer):
        other = make.match(demand=match.demand)
        with pytest.raises(ValidationError, match="同一项需求"):
            mark_duplicate(match, other=make.match(), by=officer)
        with pytest.raises(ValidationError, match="同一项需求"):
            mark_duplicate(match, other=match, by=officer)
        mark_duplicate(match, other=other, by=officer)
        with pytest.raises(ValidationError, match="本身已标为重复"):
            mark_duplicate(make.match(demand=match.demand), other=match, by=officer)
        with pytest.raises(ValidationError, match="需要保留"):
            mark_duplicate(other, other=make.match(demand=match.demand), by=officer)


class TestQuestion:
    def test_match_waits_for_the_answer(self, match, officer):
        ask_question(match, side="firm", text="批量是多少？", by=officer)
        question = Question.objects.get()
        assert not Match.objects.waiting_for(officer)
        assert list(Match.objects.managed_by(officer).with_open_question()) == [match]
        firm = make.firm_officer(match.demand.firm)
        answer_question(question, text="每年 800 吨", by=firm)
        assert list(Match.objects.waiting_for(officer)) == [match]
        with pytest.raises(ValidationError, match="已经答复过"):
            answer_question(question, text="每年 900 吨", by=firm)

    def test_only_the_asked_side_can_read_and_answer(self, match, officer):
        ask_question(match, side="office", text="有第三方检测吗？", by=officer)
        question = Question.objects.get()
        office = make.institution_officer(match.achievement.institution)
        strangers = [
            make.firm_officer(match.demand.firm),
            make.institution_officer(make.institution("别的大学")),
            officer,
        ]
        for stranger in strangers:
            assert not Question.objects.addressed_to(stranger)
            with pytest.raises(PermissionDenied):
                answer_question(question, text="有", by=stranger)
        assert list(Question.objects.addressed_to(office)) == [question]
        assert not Match.objects.visible_to(office)  # the match itself stays unknown until it is accepted

    def test_one_open_question_and_no_empty_text(self, match, officer):
        for side, text in (("firm", " "), ("bank", "有钱吗？")):
            with pytest.raises(ValidationError, match="写下问题"):
                ask_question(match, side=side, text=text, by=officer)
        ask_question(match, side="firm", text="批量是多少？", by=officer)
        with pytest.raises(ValidationError, match="已有一个问题"):
            ask_question(reload(match), side="office", text="有检测吗？", by=officer)
        assert Decision.objects.count() == 1


class TestAssignmentAndAppeals:
    def test_assigned_match_waits_for_the_colleague_until_taken_over(self, match, officer):
        colleague, third = make.district_officer(name="李青"), make.district_officer()
        assign_match(match, to=colleague, by=officer, note="您熟悉这家企业")
        assert not Match.objects.waiting_for(officer)
        assert list(Match.objects.assigned_to_colleagues_of(officer)) == [match]
        assert list(Match.objects.waiting_for(colleague)) == [match]
        with pytest.raises(ValidationError, match="已交给李青，如需代为审核请先接手"):
            accept_match(reload(match), by=third)
        take_over_match(reload(match), by=third)
        accept_match(reload(match), by=third)

    def test_assignee_must_be_able_to_review(self, match, officer):
        for stranger in (officer, make.district_officer("gaoxin"), make.auditor(), make.firm_officer()):
            with pytest.raises(ValidationError):
                assign_match(match, to=stranger, by=officer)
        assign_match(match, to=make.city_officer(), by=officer)

    def test_city_reopens_an_appealed_match(self, match, officer):
        city = make.city_officer()
        reject_match(match, by=make.district_officer(), reason="field")
        with pytest.raises(ValidationError, match="理由"):
            appeal_match(match, by=officer, reason=" ")
        appeal_match(match, by=officer, reason="企业来电说很需要")
        assert list(Match.objects.appealed()) == [match]
        with pytest.raises(ValidationError, match="已经在等"):
            appeal_match(reload(match), by=officer, reason="再请一次")
        with pytest.raises(PermissionDenied):
            answer_appeal(match, uphold=True, by=officer, note="不变")
        answer_appeal(match, uphold=False, by=city, note="请再看一次")
        assert (reload(match).status, reload(match).appeal) == ("proposed", "")
        with pytest.raises(ValidationError, match="没有等待答复的复议"):
            answer_appeal(reload(match), uphold=True, by=city, note="不变")

    def test_city_upholds_a_decision(self, match, officer):
        accept_match(match, by=officer)
        appeal_match(match, by=officer, reason="价格太高")
        answer_appeal(match, uphold=True, by=make.city_officer(), note="可以商谈")
        assert (reload(match).status, reload(match).appeal) == ("accepted", "")

    def test_proposed_match_cannot_be_appealed(self, match, officer):
        with pytest.raises(ReviewConflict):
            appeal_match(match, by=officer, reason="太难")


STEPS = {
    "accept": accept_match,
    "reject": lambda m, by: reject_match(m, by=by, reason="field"),
    "hold": lambda m, by: hold_match(m, until=tomorrow(), by=by),
    "duplicate": lambda m, by: mark_duplicate(m, other=make.match(demand=m.demand), by=by),
    "ask": lambda m, by: ask_question(m, side="firm", text="批量？", by=by),
    "broker": lambda m, by: accept_and_ask_broker(m, broker=make.broker(), by=by),
    "give": lambda m, by: assign_match(m, to=make.district_officer(), by=by),
    "take": take_over_match,
}


class TestUndo:
    @pytest.mark.parametrize("kind", STEPS)
    def test_undo_restores_the_match_after_each_kind_of_step(self, match, officer, kind):
        columns = [field.attname for field in Match._meta.concrete_fields if field.name != "revision"]
        before = {name: getattr(reload(match), name) for name in columns}
        decision = STEPS[kind](match, by=officer)
        undo_decision(Decision.objects.get(pk=decision.pk), by=officer)
        assert {name: getattr(reload(match), name) for name in columns} == before
        assert list(Match.objects.waiting_for(officer).filter(pk=match.pk)) == [match]
        assert Decision.objects.get(pk=decision.pk).undone_at
        undo_decision(Decision.objects.get(pk=decision.pk), by=officer)  # twice is once
        assert reload(match).revision == 2

    def test_undo_only_by_the_same_officer_within_ten_minutes(self, match, officer):
        decision = accept_match(match, by=officer)
        with pytest.raises(PermissionDenied):
            undo_decision(decision, by=make.city_officer())
        Decision.objects.update(made_at=timezone.now() - timedelta(minutes=11))
        with pytest.raises(ValidationError, match="10 分钟"):
            undo_decision(Decision.objects.get(), by=officer)
        assert reload(match).status == "accepted" and Decision.objects.get().undone_at is None

    def test_no_undo_after_a_later_step_or_an_answer(self, match, officer):
        accepted = accept_match(match, by=officer)
        person = make.user(Role.BROKER, make.organisation("agency"))
        request = ask_broker(match, broker=make.broker(user=person), by=officer)
        with pytest.raises(ValidationError, match="此后已有新的处理"):
            undo_decision(accepted, by=officer)
        answer_broker_request(request, accept=True, by=person)
        with pytest.raises(ValidationError, match="经纪人已经答复"):
            undo_decision(Decision.objects.get(kind="broker"), by=officer)

        asked = make.match()
        question = ask_question(asked, side="firm", text="批量？", by=officer)
        answer_question(Question.objects.get(), text="800 吨", by=make.firm_officer(asked.demand.firm))
        with pytest.raises(ValidationError, match="对方已经答复"):
            undo_decision(question, by=officer)

    def test_undo_withdraws_the_broker_request(self, match, officer):
        person = make.user(Role.BROKER, make.organisation("agency"))
        decision = accept_and_ask_broker(match, broker=make.broker(user=person), by=officer)
        request = BrokerRequest.objects.get()
        undo_decision(decision, by=officer)
        assert not Match.objects.visible_to(person)
        with pytest.raises(ValidationError, match="已被撤回"):
            answer_broker_request(request, accept=True, by=person)
        accept_and_ask_broker(reload(match), broker=make.broker(), by=officer)  # and another can be asked

    def test_reopening_is_possible_when_it_is_too_late_to_undo(self, match, officer):
        accept_match(match, by=officer)
        reopen_match(match, by=officer, reason="看错了")
        assert reload(match).status == "proposed" and reload(match).review_note == "看错了"


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_step_sent_twice_concurrently_is_applied_once():
    """When the first one is not committed yet, and in eight tries at once."""
    officer = make.district_officer()
    firm, institution, run = make.firm(), make.institution(), make.match_run()
    tries = [
        make.match(run=run, demand=make.demand(firm=firm), achievement=make.achievement(institution=institution))
        for _ in range(9)
    ]
    for number, match in enumerate(tries):
        step = ReviewStep(revision=0)

        def send(match=match, step=step):
            mine = Match.objects.select_related("demand__firm", "run").get(pk=match.pk)
            accept_match(mine, by=officer, step=step)
            return True

        run_twice = run_both if number else run_beside_uncommitted
        assert list(run_twice(send, send)) == [True, True]  # neither is refused
    assert Decision.objects.count() == AuditRecord.objects.filter(object_type="matching.match").count() == 9
