"""Many at once: looked at first, each exception named, undone as one; and the best three of a need."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditRecord
from matching.models import Decision, Match
from matching.services.assignment import assign_match
from matching.services.bulk_review import choose_for_demand, decide_many, preview
from matching.services.questions import ask_question
from matching.services.reservations import reservations_of_colleagues, reserve
from matching.services.review import accept_match
from matching.services.undo import undo_batch
from tests import factories as make


@pytest.fixture
def officer(db):
    return make.district_officer(name="王晓")


@pytest.fixture
def scene(officer):
    """One match of each sort, by name."""
    colleague = make.district_officer(name="李青")
    found = {name: make.match() for name in ("free", "second", "decided", "given", "asked", "open elsewhere")}
    accept_match(found["decided"], by=colleague)
    assign_match(found["given"], to=colleague, by=officer)
    ask_question(found["asked"], side="firm", text="批量？", by=officer)
    reserve([], by=colleague, opened=found["open elsewhere"].pk)
    found["foreign"] = make.match(demand=make.demand(firm=make.firm(region_code="gaoxin")))
    return found


def ids(scene):
    return [match.public_id for match in scene.values()]


def test_the_preview_counts_and_names_each_exception(officer, scene):
    found = preview(ids(scene), by=officer)
    assert found.ready == [scene["free"], scene["second"]]
    assert {match.pk: why for match, why in found.excepted} == {
        scene["decided"].pk: "已由李青审核（已采纳）",
        scene["given"].pk: "已交给李青",
        scene["asked"].pk: "有一个问题在等答复",
        scene["open elsewhere"].pk: "李青正在看",
    }  # of another district's nothing is said


def test_what_is_done_is_what_the_preview_said_and_can_be_sent_again(officer, scene):
    batch = uuid4()
    for _ in range(2):
        done = decide_many(ids(scene), "reject", by=officer, batch=batch, reason="field", note="整批不对口")
        assert [match.pk for match in done.ready] == [scene["free"].pk, scene["second"].pk]
    rows = Match.objects.filter(status="rejected")
    assert {row.pk for row in rows} == {scene["free"].pk, scene["second"].pk}
    assert {(row.reject_reason, row.review_note, row.revision) for row in rows} == {("field", "整批不对口", 1)}
    assert Decision.objects.filter(batch=batch).count() == 2
    assert AuditRecord.objects.filter(action="审核匹配", actor=officer).count() == 2


def test_a_batch_is_undone_as_one_but_for_what_has_moved_on(officer, scene):
    batch = uuid4()
    decide_many(ids(scene), "accept", by=officer, batch=batch)
    match = Match.objects.get(pk=scene["second"].pk)
    from matching.services.broker_requests import ask_broker

    ask_broker(match, broker=make.broker(), by=officer)
    count, refused = undo_batch(batch, by=officer)
    assert count == 1 and len(refused) == 1 and "此后已有新的处理" in refused[0]
    assert Match.objects.get(pk=scene["free"].pk).status == "proposed"
    assert undo_batch(batch, by=make.city_officer()) == (0, [])


def test_what_cannot_be_done_to_many(officer, scene):
    for chosen in ([], [str(n) for n in range(501)]):
        with pytest.raises(ValidationError, match="1 到 500"):
            preview(chosen, by=officer)
    with pytest.raises(ValidationError, match="退回原因"):
        decide_many(ids(scene), "reject", by=officer, batch=uuid4())


@pytest.mark.parametrize("count", [1, 12])
def test_many_cost_no_more_questions_than_one(officer, count, django_assert_num_queries):
    rows = [make.match().public_id for _ in range(count)]
    with django_assert_num_queries(20):
        assert len(decide_many(rows, "accept", by=officer, batch=uuid4()).ready) == count


class TestChoosing:
    @pytest.fixture
    def proposals(self, officer):
        demand = make.demand()
        return [make.match(demand=demand, score=90 - number) for number in range(5)]

    def test_up_to_three_are_accepted_and_the_rest_rejected_with_one_reason(self, officer, proposals):
        chosen = [proposals[0].public_id, proposals[2].public_id]
        batch, rest = uuid4(), [match.public_id for match in proposals]
        for _ in range(2):
            accepted, rejected = choose_for_demand(
                proposals[0].demand, chosen, by=officer, batch=batch, rest=rest, reason="indicator"
            )
            assert [len(accepted.ready), len(rejected.ready)] == [2, 3]
        assert list(Match.objects.order_by("-score").values_list("status", flat=True)) == [
            "accepted", "rejected", "accepted", "rejected", "rejected",
        ]  # fmt: skip
        assert undo_batch(batch, by=officer) == (5, [])
        assert set(Match.objects.values_list("status", flat=True)) == {"proposed"}

    def test_what_was_not_seen_stays(self, officer, proposals):
        seen = [match.public_id for match in proposals[:3]]
        choose_for_demand(proposals[0].demand, seen[:1], by=officer, batch=uuid4(), rest=seen, reason="field")
        assert Match.objects.filter(status="proposed").count() == 2

    def test_the_rest_may_stay(self, officer, proposals):
        choose_for_demand(proposals[0].demand, [proposals[0].public_id], by=officer, batch=uuid4())
        assert Match.objects.filter(status="proposed").count() == 4

    def test_no_more_than_three_counting_those_accepted_before(self, officer, proposals):
        accept_match(proposals[4], by=officer)
        chosen = [match.public_id for match in proposals[:3]]
        with pytest.raises(ValidationError, match="最多采纳 3 条：已采纳 1 条，又选了 3 条"):
            choose_for_demand(proposals[0].demand, chosen, by=officer, batch=uuid4())
        with pytest.raises(ValidationError, match="先选择"):
            choose_for_demand(proposals[0].demand, [], by=officer, batch=uuid4())

    def test_only_of_that_need(self, officer, proposals):
        with pytest.raises(ValidationError, match="不属于"):
            choose_for_demand(proposals[0].demand, [make.match().public_id], by=officer, batch=uuid4())


class TestLooking:
    def test_colleagues_learn_who_has_what_until_it_expires(self, officer):
        first, second, foreign = make.match(), make.match(), make.match(
            demand=make.demand(firm=make.firm(region_code="gaoxin"))
        )  # fmt: skip
        colleague, city = make.district_officer(name="李青"), make.city_officer(name="市里的")
        reserve([second.pk], by=colleague, opened=first.pk)
        reserve([foreign.pk, first.pk], by=city)
        assert sorted(reservations_of_colleagues(officer), key=lambda one: one["match"] != first.public_id) == [
            {"match": first.public_id, "who": "李青", "is_open": True},
            {"match": second.public_id, "who": "李青", "is_open": False},
        ]  # the first to come keeps it, and another district's stays unknown
        reserve([], by=colleague)
        assert reservations_of_colleagues(officer) == []
        reserve([first.pk], by=officer)
        from matching.models import Reservation

        Reservation.objects.update(until="2020-01-01T00:00:00Z")
        assert reservations_of_colleagues(city) == []
        reserve([first.pk], by=city)
        assert Reservation.objects.get(match=first).user == city
