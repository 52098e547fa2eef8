import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.utils import timezone

from accounts.models import Contact
from accounts.services.contacts import ContactDetails
from audit.models import AuditRecord
from demands.models import Demand, DemandIndicator
from demands.services.editing import create_demand, update_demand
from demands.services.lifecycle import (
    close_demand,
    convert_to_challenge,
    mark_solved,
    reopen_demand,
    revert_solved,
    start_docking,
    track_demand,
)
from demands.services.pauses import pause_demand, resume_demand
from demands.services.publication import publish_demand, publish_demands
from demands.services.review import return_demand, start_diagnosis, submit_demand
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.long]
Status = Demand.Status
STEPS = {
    submit_demand: ({Status.DRAFT}, Status.DISTRICT_REVIEW, "own"),
    return_demand: ({Status.DISTRICT_REVIEW, Status.DIAGNOSIS}, Status.DRAFT, "staff"),
    start_diagnosis: ({Status.DISTRICT_REVIEW}, Status.DIAGNOSIS, "staff"),
    publish_demand: ({Status.DISTRICT_REVIEW, Status.DIAGNOSIS}, Status.PUBLISHED, "staff"),
    start_docking: ({Status.PUBLISHED, Status.TRACKING}, Status.DOCKING, "own"),
    mark_solved: (set(Demand.REVISABLE), Status.SOLVED, "own"),
    pause_demand: (set(Demand.OPEN), Status.PAUSED, "own"),
    resume_demand: ({Status.PAUSED}, Status.TRACKING, "own"),
    revert_solved: ({Status.SOLVED}, Status.DOCKING, "own"),
    convert_to_challenge: (set(Demand.OPEN), Status.CHALLENGE, "staff"),
    track_demand: ({Status.PUBLISHED, Status.DOCKING}, Status.TRACKING, "staff"),
    close_demand: (set(Status) - {Status.SOLVED, Status.CLOSED}, Status.CLOSED, "own"),
    reopen_demand: ({Status.CLOSED}, Status.DRAFT, "own"),
}
WITH_REASON = {return_demand, close_demand, pause_demand, revert_solved}


def in_state(status, **fields):
    shown = status not in {Status.DRAFT, Status.DISTRICT_REVIEW, Status.DIAGNOSIS}
    reason = {"status_reason": "企业已自行解决"} if status == Status.CLOSED else {}
    if status == Status.PAUSED:
        reason = {"status_reason": "产线检修", "paused_from": Status.TRACKING}
    return factories.demand(
        published=False,
        status=status,
        published_at=timezone.now() if shown else None,
        wants_challenge=True,
        **reason | fields,
    )


def take(step, demand, by):
    step(demand, by=by, **({"reason": "请补充指标"} if step in WITH_REASON else {}))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_transition_requires_its_source_status_and_writes_one_audit_record(step):
    sources, target, _who = STEPS[step]
    officer = factories.district_officer("jinpu")
    for status in Status:
        demand = in_state(status)
        before = AuditRecord.objects.count()
        if status in sources:
            take(step, demand, officer)
            assert demand.status == target
            line = AuditRecord.objects.order_by("-pk").first()
            assert line.changes["status"] == [status, target]
            assert line.actor == officer
            assert AuditRecord.objects.count() == before + 1
        else:
            with pytest.raises(ValidationError, match=f"现在是“{status.label}”"):
                take(step, demand, officer)
            assert Demand.objects.get(pk=demand.pk).status == status
            assert AuditRecord.objects.count() == before


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_who_may_apply_a_transition(step):
    sources, _target, who = STEPS[step]
    source = min(sources)
    firm = factories.firm()
    allowed = [factories.district_officer("jinpu"), factories.city_officer()]
    refused = [
        factories.district_officer("gaoxin"),
        factories.auditor(),
        factories.institution_officer(),
        factories.firm_officer(factories.firm()),
        factories.user(),
    ]
    (allowed if who == "own" else refused).append(factories.firm_officer(firm))
    for user in allowed:
        take(step, in_state(source, firm=firm), user)
    for user in refused:
        demand = in_state(source, firm=firm)
        with pytest.raises(PermissionDenied):
            take(step, demand, user)
        assert Demand.objects.get(pk=demand.pk).status == source


@pytest.mark.parametrize("step", WITH_REASON, ids=lambda step: step.__name__)
@pytest.mark.parametrize("reason", ["", " \n", "长" * 301])
def test_a_reason_is_required_and_limited_in_length(step, reason):
    demand = in_state(Status.DISTRICT_REVIEW)
    with pytest.raises(ValidationError, match="原因"):
        step(demand, by=factories.city_officer(), reason=reason)


class TestPublish:
    def test_published_for_a_year_by_default(self):
        officer = factories.district_officer()
        today = timezone.localdate()
        default, chosen, earlier = (in_state(Status.DISTRICT_REVIEW) for _ in range(3))
        own_date = in_state(Status.DIAGNOSIS, expires_on=today + timedelta(days=30))
        publish_demand(default, by=officer)
        publish_demand(chosen, by=officer, expires_on=today + timedelta(days=7))
        publish_demand(own_date, by=officer)
        assert default.expires_on == today + timedelta(days=365)
        assert chosen.expires_on == today + timedelta(days=7)
        assert own_date.expires_on == today + timedelta(days=30)
        assert set(Demand.objects.published()) == {default, chosen, own_date}
        with pytest.raises(ValidationError, match="已经过去"):
            publish_demand(earlier, by=officer, expires_on=today - timedelta(days=1))

    @pytest.mark.parametrize(
        "field, label",
        [
            ("title", "需求名称"),
            ("problem", "主要问题"),
            ("goal", "预期目标"),
            ("conditions", "现有基础条件"),
            ("intended_partner", "意向合作单位"),
            ("applied_industry", "应用行业"),
            ("public_alias", "对外名称"),
            ("keywords", "关键词"),
        ],
    )
    @pytest.mark.parametrize("mention", ["大连精诚泰科轴承有限公司", "精诚泰科"])
    def test_the_name_of_an_anonymous_firm_is_refused_in_each_field(self, field, label, mention):
        fields = {"public_alias": "金普新区某轴承企业"} | {
            field: [mention] if field == "keywords" else f"关于{mention}"
        }
        demand = in_state(
            Status.DISTRICT_REVIEW, firm=factories.firm("大连精诚泰科轴承有限公司"), is_anonymous=True, **fields
        )
        with pytest.raises(ValidationError, match=f"{label}（“{mention}”）"):
            publish_demand(demand, by=factories.district_officer())
        assert not Demand.objects.published().exists()

    def test_the_name_of_an_anonymous_firm_is_refused_in_indicators(self):
        firm = factories.firm("大连精诚泰科轴承有限公司")
        demand = in_state(Status.DISTRICT_REVIEW, firm=firm, is_anonymous=True, public_alias="某企业")
        DemandIndicator.objects.create(demand=demand, name="寿命", value="5000", condition="精诚泰科台架")
        with pytest.raises(ValidationError, match="技术指标“寿命”的测试条件"):
            publish_demand(demand, by=factories.district_officer())

    def test_bulk_publication_reports_skipped_demands(self):
        officer = factories.district_officer("jinpu")
        good = [in_state(Status.DISTRICT_REVIEW), in_state(Status.DIAGNOSIS)]
        draft = in_state(Status.DRAFT)
        foreign = in_state(Status.DISTRICT_REVIEW, firm=factories.firm(region_code="gaoxin"))
        leaking = in_state(
            Status.DISTRICT_REVIEW,
            firm=factories.firm("大连精诚泰科轴承有限公司"),
            problem="精诚泰科的主轴",
            is_anonymous=True,
            public_alias="某企业",
        )
        result = publish_demands(Demand.objects.all(), by=officer)
        assert {d.pk for d in result.changed} == {d.pk for d in good}
        refused = {refusal.demand.pk: refusal.message for refusal in result.skipped}
        assert refused.keys() == {draft.pk, foreign.pk, leaking.pk}
        assert "精诚泰科" in refused[leaking.pk]
        assert set(Demand.objects.filter(status=Status.PUBLISHED)) == set(good)

    def test_bulk_publication_of_a_sliced_queryset(self):
        first, second = in_state(Status.DISTRICT_REVIEW), in_state(Status.DISTRICT_REVIEW)
        result = publish_demands(Demand.objects.order_by("pk")[:1], by=factories.city_officer())
        assert (result.changed, result.skipped) == ([first], [])
        second.refresh_from_db()
        assert second.status == Status.DISTRICT_REVIEW

    def test_queries_do_not_grow_with_rows(self, django_assert_num_queries):
        officer = factories.district_officer()
        assert officer.scope.is_district
        counts = []
        for number in (1, 3):
            demands = [in_state(Status.DISTRICT_REVIEW) for _ in range(number)]
            with django_assert_num_queries(
                12
            ) as captured:  # two savepoints, rows, details, UPDATE, trail, notices, their text
                publish_demands(demands, by=officer)
            counts.append(len(captured))
        assert counts[0] == counts[1]


def test_a_challenge_requires_the_firms_agreement():
    demand = in_state(Status.PUBLISHED)
    Demand.objects.update(wants_challenge=False)
    with pytest.raises(ValidationError, match="没有表示愿意"):
        convert_to_challenge(demand, by=factories.city_officer())


def test_reopening_is_refused_if_the_title_is_taken():
    firm = factories.firm()
    closed = in_state(Status.CLOSED, firm=firm, title="主轴热误差补偿")
    in_state(Status.DRAFT, firm=firm, title="主轴热误差补偿")
    with pytest.raises(ValidationError, match="同名需求"):
        reopen_demand(closed, by=factories.city_officer())
    assert Demand.objects.get(pk=closed.pk).status == Status.CLOSED


@pytest.mark.django_db(transaction=True)
def test_of_two_concurrent_transitions_one_succeeds():
    officers = [factories.district_officer(), factories.city_officer()]
    for _ in range(20):
        demand = in_state(Status.DISTRICT_REVIEW)
        outcomes, barrier = [], Barrier(2)

        def click(step, by, demand=demand, outcomes=outcomes, barrier=barrier, **kwargs):
            own = Demand.objects.select_related("firm").get(pk=demand.pk)
            barrier.wait()
            try:
                step(own, by=by, **kwargs)
                outcomes.append(own.status)
            except ValidationError:
                outcomes.append("refused")
            finally:
                connections.close_all()

        threads = [
            Thread(target=click, args=(publish_demand, officers[0])),
            Thread(target=click, args=(return_demand, officers[1]), kwargs={"reason": "请补充"}),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes).count("refused") == 1
        demand.refresh_from_db()
        assert demand.status in outcomes


class TestCreate:
    VALUES = {"title": "主轴热误差补偿", "kind": "problem", "problem": "主轴温升后精度下降"}

    @pytest.mark.parametrize("role", ["firm", "district", "city"])
    def test_created_by_the_firm_or_its_staff(self, role):
        firm = factories.firm()
        by = {
            "firm": lambda: factories.firm_officer(firm),
            "district": lambda: factories.district_officer("jinpu"),
            "city": factories.city_officer,
        }[role]()
        demand = create_demand(
            firm=firm,
            by=by,
            values=self.VALUES,
            indicators=[{"name": "精度", "comparison": "le", "value": "5", "unit": "μm"}],
            contact=ContactDetails(firm.pk, "示例人", "0411-84700000", consents=True),
        )
        demand.refresh_from_db()
        assert (demand.status, demand.created_by) == (Status.DRAFT, by)
        assert [str(row) for row in demand.indicators.all()] == ["精度 ≤ 5 μm"]
        assert demand.contact.consented_at is not None
        assert demand.budget_text == "面议"
        assert "84700000" not in str(list(AuditRecord.objects.values_list("changes", flat=True)))

    @pytest.mark.parametrize("role", ["other firm", "other district", "auditor", "institution"])
    def test_other_users_cannot_create(self, role):
        by = {
            "other firm": lambda: factories.firm_officer(factories.firm()),
            "other district": lambda: factories.district_officer("gaoxin"),
            "auditor": factories.auditor,
            "institution": factories.institution_officer,
        }[role]()
        with pytest.raises(PermissionDenied):
            create_demand(firm=factories.firm(), by=by, values=self.VALUES)
        assert not Demand.objects.exists()

    def test_an_anonymous_demand_gets_an_alias_of_its_own(self):
        firm = factories.firm()
        values = self.VALUES | {"is_anonymous": True}
        made = [create_demand(firm=firm, by=factories.city_officer(), values=values | {"title": t}) for t in "甲乙"]
        assert all(re.fullmatch(r"大连市某企业（代号\S{2}）", demand.public_alias) for demand in made)
        assert made[0].public_alias != made[1].public_alias

    def test_status_and_origin_cannot_be_set(self):
        with pytest.raises(TypeError):
            create_demand(
                firm=factories.firm(), by=factories.city_officer(), values=self.VALUES | {"status": "published"}
            )

    def test_a_duplicate_title_is_refused_with_a_message(self):
        firm, city = factories.firm(), factories.city_officer()
        create_demand(firm=firm, by=city, values=self.VALUES)
        with pytest.raises(ValidationError, match="同名需求"):
            create_demand(firm=firm, by=city, values=self.VALUES)

    def test_an_invalid_indicator_prevents_the_creation(self):
        with pytest.raises(ValidationError):
            create_demand(
                firm=factories.firm(),
                by=factories.city_officer(),
                values=self.VALUES,
                indicators=[{"name": "", "value": "5"}],
            )
        assert not Demand.objects.exists()


class TestUpdate:
    def test_the_audit_record_has_old_and_new_values(self):
        demand = in_state(Status.DRAFT, goal="降低磨损")
        DemandIndicator.objects.create(demand=demand, name="寿命", value="10", unit="h")
        by = factories.city_officer()
        update_demand(
            demand, by=by, values={"goal": "磨损减半"}, indicators=[{"name": "寿命", "value": "20", "unit": "h"}]
        )
        changes = AuditRecord.objects.latest("pk").changes
        assert changes == {"goal": ["降低磨损", "磨损减半"], "indicators": [["寿命 ≥ 10 h"], ["寿命 ≥ 20 h"]]}

    @pytest.mark.parametrize("status", list(Status))
    def test_statuses_in_which_updates_are_allowed(self, status):
        firm = factories.firm()
        for by, states in (
            (factories.firm_officer(firm), {Status.DRAFT, Status.DIAGNOSIS}),
            (factories.district_officer(), {*Status} - {Status.SOLVED, Status.CHALLENGE, Status.PAUSED, Status.CLOSED}),
        ):
            demand = in_state(status, firm=firm)
            if status in states:
                update_demand(demand, by=by, values={"goal": "新的目标"})
            else:
                with pytest.raises(ValidationError, match="不能修改"):
                    update_demand(demand, by=by, values={"goal": "新的目标"})
            changed = Demand.objects.get(pk=demand.pk).goal == "新的目标"
            assert changed == (status in states)

    def test_an_update_of_a_stale_version_is_refused(self):
        demand, by = in_state(Status.DRAFT), factories.city_officer()
        seen_at = demand.updated_at
        update_demand(demand, by=by, values={"goal": "先存的"}, seen_at=seen_at)
        with pytest.raises(ValidationError, match="刚被其他人修改"):
            update_demand(demand, by=by, values={"goal": "后存的"}, seen_at=seen_at)
        assert Demand.objects.get(pk=demand.pk).goal == "先存的"

    def test_a_published_anonymous_demand_must_stay_anonymous(self):
        demand = in_state(
            Status.PUBLISHED, firm=factories.firm("大连精诚泰科轴承有限公司"), is_anonymous=True, public_alias="某企业"
        )
        with pytest.raises(ValidationError, match="精诚泰科"):
            update_demand(demand, by=factories.city_officer(), values={"goal": "精诚泰科的主轴"})
        assert Demand.objects.get(pk=demand.pk).goal == ""

    def test_the_contact_must_belong_to_the_firm(self):
        demand = in_state(Status.DRAFT)
        with pytest.raises(TypeError):
            update_demand(
                demand, by=factories.city_officer(), values={}, contact=ContactDetails(factories.firm().pk, "示例人")
            )
        assert not Contact.objects.exists()


def test_a_transition_is_one_update_on_own_columns(django_assert_max_num_queries):
    demand, by = in_state(Status.DISTRICT_REVIEW), factories.district_officer()
    assert by.scope.is_district
    with django_assert_max_num_queries(20) as captured:
        start_diagnosis(demand, by=by)
    updates = [query["sql"] for query in captured if query["sql"].startswith("UPDATE")]
    assert len(updates) == 1
    assert "JOIN" not in updates[0] and "SELECT" not in updates[0]
    assert connection.in_atomic_block
