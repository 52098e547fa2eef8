"""Changes of a published demand by its firm: kept for the district, shown before and after, never around the review."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact
from accounts.services.contacts import ContactDetails
from audit.models import AuditRecord
from audit.revisions import version_of
from demands.models import Demand, DemandRevision
from demands.services.editing import EDITABLE_FIELDS, update_demand
from demands.services.exposure import ExposureCheck
from demands.services.lifecycle import close_demand, mark_solved
from demands.services.revisions import (
    accept_revision,
    pending_revision,
    propose_revision,
    proposed_demand,
    return_revision,
    withdraw_revision,
)
from notices.models import Notice
from tests import factories
from tests.concurrency import run_both

pytestmark = pytest.mark.django_db
Status = Demand.Status
OLD, NEW = "高镍三元正极材料高温循环衰减快。需要表面包覆。", "高镍三元正极材料高温循环衰减快。需要包覆，寿命 2000 次。"


@pytest.fixture
def demand():
    row = factories.demand(problem=OLD, expires_on=timezone.localdate() + timedelta(days=40))
    row.indicators.create(name="循环寿命", comparison="ge", value="1000", unit="次", order=1)
    return row


@pytest.fixture
def owner(demand):
    return factories.firm_officer(demand.firm)


@pytest.fixture
def officer(demand):
    return factories.district_officer("jinpu")


def rows(demand):
    fields = ("name", "comparison", "value", "value_to", "unit", "condition")
    return [{field: getattr(row, field) for field in fields} for row in demand.indicators.all()]


def propose(demand, by, *, seen=None, indicators=None, agreed_hash="", contact=None, **values):
    """As the form sends it: all fields, those that are named with another value."""
    demand = Demand.objects.get(pk=demand.pk)
    proposed = proposed_demand(demand, None)
    sent = {field: getattr(proposed.demand, field) for field in EDITABLE_FIELDS} | values
    return propose_revision(
        demand,
        by=by,
        values=sent,
        indicators=rows(demand) if indicators is None else indicators,
        seen=version_of(demand, pending_revision(demand)) if seen is None else seen,
        agreed_hash=agreed_hash,
        contact=contact,
    ).revision


def stored(demand) -> Demand:
    return Demand.objects.get(pk=demand.pk)


def test_the_published_text_stays_until_the_district_accepts(demand, owner, officer):
    better = [rows(demand)[0] | {"value": "2000"}]
    revision = propose(demand, owner, problem=NEW, budget_max_wan="80.5", indicators=better)
    row = stored(demand)
    assert (row.problem, row.budget_max_wan, row.indicators.get().value) == (OLD, None, "1000")
    assert Notice.objects.filter(recipient=officer, path__contains="demandrevision").exists()
    labels = {field.label: field for field in revision.changed_fields}
    assert labels.keys() == {"主要问题", "拟投入资金上限（万元）", "技术指标"}
    problem = labels["主要问题"]
    assert [part.text for part in problem.before if part.changed] == ["需要表面包覆。"]
    assert [part.text for part in problem.after if part.changed] == ["需要包覆，寿命 2000 次。"]
    accept_revision(revision, by=officer)
    row = stored(demand)
    assert (row.problem, row.budget_max_wan, row.indicators.get().value) == (NEW, 80.5, "2000")
    assert row.status == Status.PUBLISHED and row.updated_at > demand.updated_at
    line = AuditRecord.objects.filter(action="批准修改", object_type="demands.demand").get()
    assert line.changes["problem"] == [OLD, NEW]
    assert Notice.objects.filter(recipient=owner, text__contains="已经批准").exists()


def test_a_returned_or_withdrawn_change_leaves_the_text(demand, owner, officer):
    returned = propose(demand, owner, problem=NEW)
    return_revision(returned, by=officer, reason="请写明试验条件")
    withdrawn = propose(demand, owner, problem=NEW)
    withdraw_revision(withdrawn, by=owner)
    assert stored(demand).problem == OLD
    assert [row.status for row in demand.revisions.order_by("pk")] == ["returned", "withdrawn"]
    for revision in (returned, withdrawn):
        for step in (
            lambda row: accept_revision(row, by=officer),
            lambda row: return_revision(row, by=officer, reason="又"),
            lambda row: withdraw_revision(row, by=owner),
        ):
            with pytest.raises(ValidationError):
                step(revision)
    with pytest.raises(ValidationError, match="原因"):
        return_revision(propose(demand, owner, problem=NEW), by=officer, reason=" \u200b")


def test_only_the_firm_proposes_and_only_its_district_or_the_city_decides(demand, owner):
    stranger, elsewhere = factories.firm_officer(factories.firm()), factories.district_officer("gaoxin")
    for user in (stranger, factories.district_officer("jinpu"), factories.city_officer(), factories.auditor()):
        with pytest.raises(PermissionDenied):
            propose(demand, user, problem=NEW)
    revision = propose(demand, owner, problem=NEW)
    for user in (owner, stranger, elsewhere, factories.auditor(), factories.institution_officer()):
        with pytest.raises(PermissionDenied):
            accept_revision(revision, by=user)
        with pytest.raises(PermissionDenied):
            return_revision(revision, by=user, reason="不合适")
    for user in (stranger, factories.district_officer("jinpu")):
        with pytest.raises(PermissionDenied):
            withdraw_revision(revision, by=user)
    assert not DemandRevision.objects.visible_to(elsewhere).exists()
    assert not DemandRevision.objects.visible_to(stranger).exists()
    accept_revision(revision, by=factories.city_officer())


def test_contact_and_last_day_change_at_once(demand, owner):
    later = timezone.localdate() + timedelta(days=300)
    contact = ContactDetails(demand.firm_id, "示例人", "0411-84700000", "", True)
    assert propose(demand, owner, expires_on=later, contact=contact) is None
    row = stored(demand)
    assert (row.expires_on, row.contact) == (later, Contact.objects.get(name="示例人"))
    for day in (timezone.localdate() - timedelta(days=1), timezone.localdate() + timedelta(days=5000)):
        with pytest.raises(ValidationError, match="有效期至"):
            propose(demand, owner, expires_on=day)
    assert propose(demand, owner, expires_on=None) is None
    assert stored(demand).expires_on == later


def test_two_colleagues_and_the_officer_who_edits_meanwhile(demand, owner, officer):
    seen = version_of(demand, None)
    first = propose(demand, owner, seen=seen, problem=NEW)
    with pytest.raises(ValidationError, match="还没有保存"):
        propose(demand, owner, seen=seen, goal="别的")  # the colleague's page is older
    second = propose(demand, owner, problem=NEW, goal="别的")
    first.refresh_from_db()
    assert first.status == "withdrawn" and pending_revision(demand) == second
    with pytest.raises(ValidationError, match="刷新页面"):
        accept_revision(first, by=officer)
    update_demand(stored(demand), by=officer, values={"problem": "专员改过的问题"})
    with pytest.raises(ValidationError, match="“主要问题”已被改过"):
        accept_revision(second, by=officer)
    assert stored(demand).problem == "专员改过的问题" and pending_revision(demand) == second
    third = propose(demand, owner, problem=NEW, goal="别的")
    accept_revision(third, by=officer)
    assert stored(demand).problem == NEW


def test_what_the_officer_edits_elsewhere_does_not_hinder(demand, owner, officer):
    revision = propose(demand, owner, problem=NEW)
    update_demand(stored(demand), by=officer, values={"goal": "专员补的目标"})
    accept_revision(revision, by=officer)
    assert (stored(demand).problem, stored(demand).goal) == (NEW, "专员补的目标")


def test_going_back_to_the_published_text_withdraws_what_waits(demand, owner):
    propose(demand, owner, problem=NEW)
    assert propose(demand, owner, problem=OLD) is None
    assert pending_revision(demand) is None
    count = AuditRecord.objects.count()
    assert propose(demand, owner) is None
    assert AuditRecord.objects.count() == count


@pytest.mark.parametrize("status", [s for s in Status if s not in Demand.REVISABLE])
def test_no_proposal_where_nothing_is_public_or_paused(demand, owner, officer, status):
    revision = propose(demand, owner, problem=NEW)
    reason = "已经解决" if status == Status.CLOSED else ""
    Demand.objects.filter(pk=demand.pk).update(status=status, status_reason=reason)
    with pytest.raises(ValidationError, match="不能这样修改"):
        propose(demand, owner, problem=NEW + "再")
    with pytest.raises(ValidationError, match="不能这样修改"):
        accept_revision(revision, by=officer)
    assert stored(demand).problem == OLD
    assert not DemandRevision.objects.awaiting_decision().exists()


def test_personal_data_a_taken_title_and_bad_indicators_are_refused(demand, owner):
    factories.demand(firm=demand.firm, title="已有的名称")
    for values, field in (
        ({"problem": "请打 13812345678 联系"}, "problem"),
        ({"title": "已有的名称"}, "__all__"),
        ({"title": "\u200b \n"}, "title"),
        ({"budget_min_wan": "9", "budget_max_wan": "3"}, "__all__"),
    ):
        with pytest.raises(ValidationError) as refused:
            propose(demand, owner, **values)
        assert field in refused.value.error_dict
    with pytest.raises(ValidationError):
        propose(demand, owner, indicators=[rows(demand)[0] | {"name": ""}])
    with pytest.raises(TypeError):
        propose(demand, owner, status="solved")
    assert not demand.revisions.exists()


def test_an_anonymous_text_that_names_the_firm_is_refused_at_once_and_again_when_it_is_decided(officer):
    firm = factories.firm("大连藏龙轴承有限公司")
    demand = factories.demand(firm=firm, is_anonymous=True, public_alias="大连市某企业（代号云帆）", problem=OLD)
    owner = factories.firm_officer(firm)
    with pytest.raises(ValidationError, match="认出企业"):
        propose(demand, owner, problem="藏 龙的轴承寿命短")
    with pytest.raises(ValidationError, match="勾选确认"):
        propose(demand, owner, problem="轴承寿命短，canglong 想改善", chosen_detail="nothing")
    assert not demand.revisions.exists()
    proposed = proposed_demand(stored(demand), None).demand
    proposed.problem = NEW
    agreed = ExposureCheck().assess(proposed, [])
    with pytest.raises(ValidationError, match="勾选确认"):
        propose(demand, owner, problem=NEW, agreed_hash="0" * 64)  # agreed to another text
    revision = propose(demand, owner, problem=NEW, agreed_hash=agreed.text_hash)
    demand.exposure_consents.all().delete()
    with pytest.raises(ValidationError, match="请退回企业"):
        accept_revision(revision, by=officer)
    revision.refresh_from_db()
    assert (stored(demand).problem, revision.status) == (OLD, "pending")


@pytest.mark.long
def test_a_firm_cannot_edit_a_published_demand_around_the_review(demand, owner, client):
    client.force_login(owner)
    with pytest.raises(ValidationError, match="不能修改"):
        update_demand(stored(demand), by=owner, values={"problem": NEW})
    response = client.post(reverse("demand_edit", args=[demand.public_id]), {"problem": NEW, "title": demand.title})
    assert response.status_code == 422
    assert stored(demand).problem == OLD


def test_one_pending_change_for_a_demand(demand, owner):
    propose(demand, owner, problem=NEW)
    with pytest.raises(IntegrityError), transaction.atomic():
        DemandRevision.objects.create(demand=demand, proposed_by=owner)


@pytest.mark.django_db(transaction=True)
def test_accepting_and_returning_at_the_same_moment(demand, owner, officer):
    revision = propose(demand, owner, problem=NEW)
    city = factories.city_officer()

    def outcome(step):
        try:
            step()
        except ValidationError:
            return False
        return True

    results = run_both(
        lambda: outcome(lambda: accept_revision(DemandRevision.objects.get(pk=revision.pk), by=officer)),
        lambda: outcome(
            lambda: return_revision(DemandRevision.objects.get(pk=revision.pk), by=city, reason="请补条件")
        ),
    )
    assert sorted(results) == [False, True]
    revision.refresh_from_db()
    assert (stored(demand).problem == NEW) == (revision.status == "accepted")


def test_solving_and_closing_leave_nothing_to_decide(demand, owner):
    propose(demand, owner, problem=NEW)
    mark_solved(stored(demand), by=owner)
    assert not DemandRevision.objects.awaiting_decision().exists()
    other = factories.demand(firm=demand.firm)
    propose(other, owner, goal="别的")
    close_demand(stored(other), by=owner, reason="不再需要")
    assert not DemandRevision.objects.awaiting_decision().exists()
