"""Bulk decisions with preview and undo, reservations."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditRecord
from matching.models import Decision, Match
from matching.services.assignment import assign_match
from matching.services.bulk_review import decide_many, preview
from matching.services.questions import ask_question
from matching.services.reservations import reservations_of_colleagues, reserve
from matching.services.review import accept_match
from matching.services.undo import undo_batch
from tests import factories as make


@pytest.fixture
def officer(db):
    return make.district_officer(name="王晓")


@pytest.fixture
def matches(officer):
    """One match of each kind, by name."""
    colleague = make.district_officer(name="李青")
    rows = {name: make.match() for name in ("free", "second", "decided", "given", "asked", "open elsewhere")}
    accept_match(rows["decided"], by=colleague)
    assign_match(rows["given"], to=colleague, by=officer)
    ask_question(rows["asked"], side="firm", text="批量？", by=officer)
    reserve([], by=colleague, opened=rows["open elsewhere"].pk)
    rows["foreign"] = make.match(demand=make.demand(firm=make.firm(region_code="gaoxin")))
    return rows


def ids(matches):
    return [match.public_id for match in matches.values()]


def test_preview_counts_and_explains_exceptions(officer, matches):
    selection = preview(ids(matches), by=officer)
    assert selection.ready == [matches["free"], matches["second"]]
    assert {match.pk: why for match, why in selection.excepted} == {
        matches["decided"].pk: "已由李青审核（已采纳）",
        matches["given"].pk: "已交给李青",
        matches["asked"].pk: "有一个问题在等答复",
        matches["open elsewhere"].pk: "李青正在看",
    }  # the match of another district is left out


def test_bulk_decision_matches_preview_and_is_idempotent(officer, matches):
    batch = uuid4()
    for _ in range(2):
        done = decide_many(ids(matches), "reject", by=officer, batch=batch, reason="field", note="整批不对口")
        assert [match.pk for match in done.ready] == [matches["free"].pk, matches["second"].pk]
    rows = Match.objects.filter(status="rejected")
    assert {row.pk for row in rows} == {matches["free"].pk, matches["second"].pk}
    assert {(row.reject_reason, row.review_note, row.revision) for row in rows} == {("field", "整批不对口", 1)}
    assert Decision.objects.filter(batch=batch).count() == 2
    assert AuditRecord.objects.filter(action="审核匹配", actor=officer).count() == 2


def test_undo_batch_skips_matches_changed_since(officer, matches):
    batch = uuid4()
    decide_many(ids(matches), "accept", by=officer, batch=batch)
    match = Match.objects.get(pk=matches["second"].pk)
    from matching.services.broker_requests import ask_broker

    ask_broker(match, broker=make.broker(), by=officer)
    count, refused = undo_batch(batch, by=officer)
    assert count == 1 and len(refused) == 1 and "此后已有新的处理" in refused[0]
    assert Match.objects.get(pk=matches["free"].pk).status == "proposed"
    assert undo_batch(batch, by=make.city_officer()) == (0, [])


def test_invalid_bulk_decisions_are_refused(officer, matches):
    for chosen in ([], [str(n) for n in range(501)]):
        with pytest.raises(ValidationError, match="1 到 500"):
            preview(chosen, by=officer)
    with pytest.raises(ValidationError, match="退回原因"):
        decide_many(ids(matches), "reject", by=officer, batch=uuid4())


@pytest.mark.parametrize("count", [1, 12])
def test_query_count_does_not_depend_on_number_of_matches(officer, count, django_assert_num_queries):
    matches = [make.match() for _ in range(count)]
    for match in matches:
        make.firm_officer(match.demand.firm)  # is told of it
    rows = [match.public_id for match in matches]
    with django_assert_num_queries(26):  # one of them reads the text of the notice
        assert len(decide_many(rows, "accept", by=officer, batch=uuid4()).ready) == count


class TestReservations:
    def test_colleagues_see_reservations_until_they_expire(self, officer):
        first, second, foreign = make.match(), make.match(), make.match(
            demand=make.demand(firm=make.firm(region_code="gaoxin"))
        )  # fmt: skip
        colleague, city = make.district_officer(name="李青"), make.city_officer(name="市里的")
        reserve([second.pk], by=colleague, opened=first.pk)
        reserve([foreign.pk, first.pk], by=city)
        assert sorted(reservations_of_colleagues(officer), key=lambda row: row["match"] != first.public_id) == [
            {"match": first.public_id, "who": "李青", "is_open": True},
            {"match": second.public_id, "who": "李青", "is_open": False},
        ]  # the first officer keeps the match; matches of another district are left out
        reserve([], by=colleague)
        assert reservations_of_colleagues(officer) == []
        reserve([first.pk], by=officer)
        from matching.models import Reservation

        Reservation.objects.update(until="2020-01-01T00:00:00Z")
        assert reservations_of_colleagues(city) == []
        reserve([first.pk], by=city)
        assert Reservation.objects.get(match=first).user == city
