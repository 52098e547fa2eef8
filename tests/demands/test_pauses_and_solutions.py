"""Pause and resume, solved by whom, expiry, reminders: what a firm does and hears after its demand is published."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation
from audit.models import AuditRecord
from demands.models import Demand, DemandRevision, Solution
from demands.services.lifecycle import close_demand, mark_solved, reopen_demand, revert_solved, settle_demand
from demands.services.pauses import pause_demand, resume_demand
from demands.services.publication import publish_demand
from demands.services.review_deadlines import REMINDER, decide_by
from demands.services.validity import extend_demand
from demands.tasks import resume_and_remind
from matching.models import Match
from matching.services.first_candidates import tell_of_first_candidates
from notices.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db
Status = Demand.Status
REASON = "产线检修"


@pytest.fixture
def demand():
    return factories.demand(expires_on=timezone.localdate() + timedelta(days=200))


@pytest.fixture
def owner(demand):
    return factories.firm_officer(demand.firm)


def heard(user) -> list[str]:
    return list(Notice.objects.filter(recipient=user).values_list("text", flat=True))


@pytest.mark.parametrize("status", Demand.OPEN)
def test_a_paused_demand_is_neither_public_nor_matched_and_comes_back_as_it_was(demand, owner, status):
    Demand.objects.filter(pk=demand.pk).update(status=status)
    demand.refresh_from_db()
    match = factories.match(demand=demand)
    pause_demand(demand, by=owner, reason=REASON)
    assert (demand.status, demand.paused_from, demand.status_reason) == (Status.PAUSED, status, REASON)
    assert not Demand.objects.published().exists() and not Demand.objects.open().exists()
    assert not Match.objects.awaiting_review().exists()
    resume_demand(demand, by=owner)
    assert (demand.status, demand.paused_from, demand.paused_until, demand.status_reason) == (status, "", None, "")
    assert Demand.objects.open().exists() and Match.objects.awaiting_review().contains(match)


def test_the_last_day_of_a_pause(demand, owner):
    today = timezone.localdate()
    for day in (today - timedelta(days=1), today + timedelta(days=500)):
        with pytest.raises(ValidationError, match="暂停"):
            pause_demand(demand, by=owner, reason=REASON, until=day)
    pause_demand(demand, by=owner, reason=REASON, until=today)
    resume_and_remind()
    demand.refresh_from_db()
    assert demand.status == Status.PAUSED  # the last day is part of the pause
    Demand.objects.filter(pk=demand.pk).update(paused_until=today - timedelta(days=1))
    resume_and_remind()
    resume_and_remind()
    demand.refresh_from_db()
    assert demand.status == Status.PUBLISHED
    assert [text for text in heard(owner) if "已恢复公开" in text] != []
    assert AuditRecord.objects.filter(action="恢复", actor=None).count() == 1


def test_an_anonymous_demand_whose_text_leads_to_its_firm_by_now_stays_paused(owner, demand):
    Demand.objects.filter(pk=demand.pk).update(is_anonymous=True, public_alias="大连市某企业")
    demand.refresh_from_db()
    pause_demand(demand, by=owner, reason=REASON, until=timezone.localdate())
    yesterday = timezone.localdate() - timedelta(days=1)
    Demand.objects.filter(pk=demand.pk).update(paused_until=yesterday, problem=f"{demand.firm.name}的问题")
    with pytest.raises(ValidationError, match="认出企业"):
        resume_demand(demand, by=owner)
    resume_and_remind()
    demand.refresh_from_db()
    assert demand.status == Status.PAUSED
    assert any("还不能恢复" in text for text in heard(owner))


def test_the_database_keeps_pause_and_solution_in_order(demand):
    rows = Demand.objects.filter(pk=demand.pk)
    for values in (
        {"status": "paused", "status_reason": REASON},
        {"status": "paused", "paused_from": "published"},
        {"paused_from": "published"},
        {"paused_until": timezone.localdate()},
        {"solution": "own"},
        {"solution_note": "自己改的"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)


def test_solved_by_whom(demand, owner):
    university, firm = factories.institution(), factories.firm()
    for wrong in (
        {"solution": "contract"},
        {"solution": "nonsense"},
        {"solution": "institution", "solver": firm},
        {"note": "没有选怎样解决"},
        {"solution": "own", "note": "长" * 201},
    ):
        with pytest.raises(ValidationError):
            mark_solved(demand, by=owner, **wrong)
    mark_solved(demand, by=owner, solution="institution", solver=university, note="  联合开发 ")
    assert demand.solution_text == "平台以外的院所成果，大连理工大学，联合开发"
    assert Demand.objects.published().contains(demand)
    revert_solved(demand, by=owner, reason="试用没有达到指标")
    assert (demand.status, demand.solution, demand.solver, demand.solution_note) == (Status.DOCKING, "", None, "")


def test_what_a_contract_has_solved_only_the_district_takes_back(owner):
    contract = factories.contract(registered_on=timezone.localdate())
    demand = factories.demand(firm=Organisation.objects.get(pk=next(iter(owner.scope.firm_ids))))
    pause_demand(demand, by=owner, reason=REASON)
    settle_demand(demand, by=None, solver=contract.seller)
    assert (demand.status, demand.solution, demand.solver) == (Status.SOLVED, Solution.CONTRACT, contract.seller)
    with pytest.raises(ValidationError, match="技术合同"):
        revert_solved(demand, by=owner, reason="再找找")
    revert_solved(demand, by=factories.district_officer("jinpu"), reason="合同注销")
    assert demand.status == Status.DOCKING


def test_closing_a_paused_demand_ends_the_pause_and_reopening_means_a_new_review(demand, owner):
    pause_demand(demand, by=owner, reason=REASON)
    close_demand(demand, by=owner, reason="项目取消")
    assert (demand.status, demand.paused_from) == (Status.CLOSED, "")
    reopen_demand(demand, by=owner)
    assert demand.status == Status.DRAFT


def test_extending_needs_no_review(demand, owner):
    DemandRevision.objects.create(demand=demand, proposed_by=owner)
    extend_demand(demand, by=owner)
    assert demand.expires_on == timezone.localdate() + timedelta(days=365)
    with pytest.raises(ValidationError, match="最长三年"):
        extend_demand(demand, by=owner, until=timezone.localdate() + timedelta(days=3000))
    Demand.objects.filter(pk=demand.pk).update(status="draft")
    with pytest.raises(ValidationError, match="不能延长"):
        extend_demand(demand, by=owner)


def test_a_firm_hears_once_of_publication_of_the_last_weeks_and_of_the_end(owner, demand):
    today = timezone.localdate()
    sent = factories.demand(published=False, status="district_review", firm=demand.firm, title="刚交的需求")
    publish_demand(sent, by=factories.district_officer("jinpu"))
    for days in (31, 30, -1, -8):
        Demand.objects.filter(pk=demand.pk).update(expires_on=today + timedelta(days=days))
        resume_and_remind()
        resume_and_remind()
    texts = heard(owner)
    assert len([text for text in texts if "已通过初审并发布" in text]) == 1
    assert len([text for text in texts if "到期后不再公开" in text]) == 1
    assert len([text for text in texts if "现在不公开" in text]) == 1
    assert len(texts) == 3


def test_a_firm_hears_once_that_its_district_looks_at_candidates(owner, demand):
    match = factories.match(demand=demand)
    tell_of_first_candidates()
    factories.match(demand=demand, run=match.run)
    tell_of_first_candidates()
    assert heard(owner) == [f"需求“{demand.title}”有了候选成果，区县正在看 1 条；采纳后会请您答复是否愿意对接。"]


def test_a_late_district_is_reminded_once_for_each_submission(demand):
    officer = factories.district_officer("jinpu")
    long_ago = timezone.now() - timedelta(days=30)
    sent = factories.demand(
        published=False, status="district_review", firm=demand.firm, title="等着的", status_changed_at=long_ago
    )
    fresh = factories.demand(published=False, status="district_review", firm=demand.firm, title="今天的")
    assert decide_by(fresh) >= timezone.localdate()
    resume_and_remind()
    resume_and_remind()
    assert [text for text in heard(officer) if "初审期限" in text] == [
        "需求“等着的”已过初审期限，请发布、退回或进入诊断。"
    ]
    assert AuditRecord.objects.filter(action=REMINDER, object_id=str(sent.pk)).count() == 1
