from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from audit.models import AuditRecord
from matching.models import Match
from matching.services.review import accept_match, reject_match, reopen_match
from tests import factories as make
from tests.concurrency import run_beside_uncommitted, run_both


@pytest.fixture
def match(db):
    return make.match()


def test_accepting_is_written_to_the_audit_trail(match):
    officer = make.district_officer()
    accept_match(match, by=officer, note="企业很感兴趣")
    assert (match.status, match.reviewed_by, match.review_note) == ("accepted", officer, "企业很感兴趣")
    line = AuditRecord.objects.filter(object_type="matching.match").get()
    assert (line.actor, line.changes["status"]) == (officer, ["proposed", "accepted"])


def test_rejection_requires_a_listed_reason(match):
    officer = make.district_officer()
    for reason in ("", "不喜欢"):
        with pytest.raises(ValidationError, match="请选择退回原因"):
            reject_match(match, by=officer, reason=reason)
    reject_match(match, by=officer, reason="price")
    assert (match.status, match.reject_reason) == ("rejected", "price")


def test_only_the_firms_district_and_the_city_decide(match):
    strangers = [
        make.district_officer("gaoxin"),
        make.auditor(),
        make.sysadmin(),
        make.institution_officer(match.achievement.institution),
        make.firm_officer(match.demand.firm),
        make.user(),
    ]
    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            accept_match(match, by=stranger)
    match.refresh_from_db()
    assert match.status == "proposed"
    accept_match(match, by=make.city_officer())
    assert match.status == "accepted"


def test_second_decision_is_refused_and_names_the_first(match):
    first, second = make.district_officer(name="王晓"), make.district_officer()
    accept_match(match, by=first)
    with pytest.raises(ValidationError) as refusal:
        reject_match(match, by=second, reason="price")
    assert refusal.value.message == f"“{match}”已由王晓审核（已采纳），本次操作没有生效。"
    match.refresh_from_db()
    assert (match.status, match.reviewed_by, match.reject_reason) == ("accepted", first, "")


def test_reviewer_can_reopen_their_decision(match):
    officer, colleague = make.district_officer(), make.district_officer()
    reject_match(match, by=officer, reason="field")
    with pytest.raises(PermissionDenied):
        reopen_match(match, by=colleague, reason="看错了")
    with pytest.raises(ValidationError, match="请写明重新审核的原因"):
        reopen_match(match, by=officer, reason=" ")
    reopen_match(match, by=officer, reason="看错了")
    assert (match.status, match.reject_reason, match.reviewed_by) == ("proposed", "", None)


def test_constraint_decided_iff_reviewed(match):
    for broken in ({"status": "accepted"}, {"reject_reason": "price"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Match.objects.filter(pk=match.pk).update(**broken)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_reviewers_wins():
    """When the other's decision is not committed yet, whichever of both it is, and in twelve tries at once."""
    officers = make.district_officer(), make.district_officer()
    firm, institution, run = make.firm(), make.institution(), make.match_run()
    tries = [
        make.match(run=run, demand=make.demand(firm=firm), achievement=make.achievement(institution=institution))
        for _ in range(14)
    ]

    def accepts(match) -> bool:
        return decides(match, accept_match, by=officers[0])

    def rejects(match) -> bool:
        return decides(match, reject_match, by=officers[1], reason="price")

    won = {}
    for match, first, second in ((tries[0], accepts, rejects), (tries[1], rejects, accepts)):
        assert run_beside_uncommitted(partial(first, match), partial(second, match)) == (True, False)
        won[match.pk] = "accepted" if first is accepts else "rejected"
    for match in tries[2:]:
        accepted, rejected = run_both(partial(accepts, match), partial(rejects, match))
        assert accepted is not rejected
        won[match.pk] = "accepted" if accepted else "rejected"
    assert dict(Match.objects.values_list("pk", "status")) == won
    assert AuditRecord.objects.filter(object_type="matching.match").count() == len(tries)


def decides(match, service, **kwargs) -> bool:
    """Whether the service takes the decision on the row as it is read now."""
    mine = Match.objects.select_related("demand__firm").get(pk=match.pk)
    try:
        service(mine, **kwargs)
    except ValidationError:
        return False
    return True
