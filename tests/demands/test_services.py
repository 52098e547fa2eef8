from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.utils import timezone

from accounts.models import Contact
from accounts.services.contacts import ContactDetails
from audit.models import AuditRecord
from demands import services
from demands.models import Demand, DemandIndicator
from tests import factories

pytestmark = pytest.mark.django_db
Status = Demand.Status
STEPS = {
    services.submit_demand: ({Status.DRAFT}, Status.DISTRICT_REVIEW, "own"),
    services.return_demand: ({Status.DISTRICT_REVIEW, Status.DIAGNOSIS}, Status.DRAFT, "staff"),
    services.start_diagnosis: ({Status.DISTRICT_REVIEW}, Status.DIAGNOSIS, "staff"),
    services.publish_demand: ({Status.DISTRICT_REVIEW, Status.DIAGNOSIS}, Status.PUBLISHED, "staff"),
    services.start_docking: ({Status.PUBLISHED, Status.TRACKING}, Status.DOCKING, "own"),
    services.mark_solved: (set(Demand.OPEN), Status.SOLVED, "own"),
    services.turn_to_challenge: (set(Demand.OPEN), Status.CHALLENGE, "staff"),
    services.track: ({Status.PUBLISHED, Status.DOCKING}, Status.TRACKING, "staff"),
    services.close_demand: (set(Status) - {Status.SOLVED, Status.CLOSED}, Status.CLOSED, "own"),
    services.reopen_demand: ({Status.CLOSED}, Status.DRAFT, "own"),
}
WITH_REASON = {services.return_demand, services.close_demand}


def in_state(status, **fields):
    shown = status not in {Status.DRAFT, Status.DISTRICT_REVIEW, Status.DIAGNOSIS}
    reason = {"status_reason": "企业已自行解决"} if status == Status.CLOSED else {}
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
def test_a_step_goes_only_from_its_states_and_leaves_one_line(step):
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
def test_who_may_take_a_step(step):
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
def test_a_reason_is_asked_for_and_must_fit(step, reason):
    demand = in_state(Status.DISTRICT_REVIEW)
    with pytest.raises(ValidationError, match="原因"):
        step(demand, by=factories.city_officer(), reason=reason)


class TestPublish:
    def test_for_a_year_unless_told_otherwise(self):
        officer = factories.district_officer()
        today = timezone.localdate()
        default, chosen, earlier = (in_state(Status.DISTRICT_REVIEW) for _ in range(3))
        own_date = in_state(Status.DIAGNOSIS, expires_on=today + timedelta(days=30))
        services.publish_demand(default, by=officer)
        services.publish_demand(chosen, by=officer, expires_on=today + timedelta(days=7))
        services.publish_demand(own_date, by=officer)
        assert default.expires_on == today + timedelta(days=365)
        assert chosen.expires_on == today + timedelta(days=7)
        assert own_date.expires_on == today + timedelta(days=30)
        assert set(Demand.objects.published()) == {default, chosen, own_date}
        with pytest.raises(ValidationError, match="已经过去"):
            services.publish_demand(earlier, by=officer, expires_on=today - timedelta(days=1))

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
    @pytest.mark.parametrize("said", ["大连精诚泰科轴承有限公司", "精诚泰科"])
    def test_an_anonymous_firms_name_is_refused_in_each_field_by_name(self, field, label, said):
        fields = {"public_alias": "金普新区某轴承企业"} | {field: [said] if field == "keywords" else f"关于{said}"}
        demand = in_state(
            Status.DISTRICT_REVIEW, firm=factories.firm("大连精诚泰科轴承有限公司"), is_anonymous=True, **fields
        )
        with pytest.raises(ValidationError, match=f"{label}（“{said}”）"):
            services.publish_demand(demand, by=factories.district_officer())
        assert not Demand.objects.published().exists()

    def test_and_in_an_indicator(self):
        firm = factories.firm("大连精诚泰科轴承有限公司")
        demand = in_state(Status.DISTRICT_REVIEW, firm=firm, is_anonymous=True, public_alias="某企业")
        DemandIndicator.objects.create(demand=demand, name="寿命", value="5000", condition="精诚泰科台架")
        with pytest.raises(ValidationError, match="技术指标“寿命”的测试条件"):
            services.publish_demand(demand, by=factories.district_officer())

    def test_many_at_once_tells_of_each_refusal_and_publishes_the_rest(self):
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
        result = services.publish_demands(Demand.objects.all(), by=officer)
        assert {d.pk for d in result.moved} == {d.pk for d in good}
        refused = {refusal.demand.pk: refusal.message for refusal in result.refusals}
        assert refused.keys() == {draft.pk, foreign.pk, leaking.pk}
        assert "精诚泰科" in refused[leaking.pk]
        assert set(Demand.objects.filter(status=Status.PUBLISHED)) == set(good)

    def test_the_first_of_a_longer_list(self):
        first, second = in_state(Status.DISTRICT_REVIEW), in_state(Status.DISTRICT_REVIEW)
        result = services.publish_demands(Demand.objects.order_by("pk")[:1], by=factories.city_officer())
        assert (result.moved, result.refusals) == ([first], [])
        second.refresh_from_db()
        assert second.status == Status.DISTRICT_REVIEW

    def test_costs_the_same_queries_for_one_and_for_three(self, django_assert_num_queries):
        officer = factories.district_officer()
        assert officer.scope.is_district
        counts = []
        for number in (1, 3):
            demands = [in_state(Status.DISTRICT_REVIEW) for _ in range(number)]
            with django_assert_num_queries(6) as captured:  # savepoint in and out, rows, indicators, UPDATE, trail
                services.publish_demands(demands, by=officer)
            counts.append(len(captured))
        assert counts[0] == counts[1]


def test_only_a_willing_firms_demand_becomes_a_challenge():
    demand = in_state(Status.PUBLISHED)
    Demand.objects.update(wants_challenge=False)
    with pytest.raises(ValidationError, match="没有表示愿意"):
        services.turn_to_challenge(demand, by=factories.city_officer())


def test_reopening_is_refused_while_another_has_the_name():
    firm = factories.firm()
    closed = in_state(Status.CLOSED, firm=firm, title="主轴热误差补偿")
    in_state(Status.DRAFT, firm=firm, title="主轴热误差补偿")
    with pytest.raises(ValidationError, match="同名需求"):
        services.reopen_demand(closed, by=factories.city_officer())
    assert Demand.objects.get(pk=closed.pk).status == Status.CLOSED


@pytest.mark.django_db(transaction=True)
def test_of_two_opposite_clicks_one_wins():
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
            Thread(target=click, args=(services.publish_demand, officers[0])),
            Thread(target=click, args=(services.return_demand, officers[1]), kwargs={"reason": "请补充"}),
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
    def test_by_the_firm_and_its_staff(self, role):
        firm = factories.firm()
        by = {
            "firm": lambda: factories.firm_officer(firm),
            "district": lambda: factories.district_officer("jinpu"),
            "city": factories.city_officer,
        }[role]()
        demand = services.create_demand(
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
    def test_by_nobody_else(self, role):
        by = {
            "other firm": lambda: factories.firm_officer(factories.firm()),
            "other district": lambda: factories.district_officer("gaoxin"),
            "auditor": factories.auditor,
            "institution": factories.institution_officer,
        }[role]()
        with pytest.raises(PermissionDenied):
            services.create_demand(firm=factories.firm(), by=by, values=self.VALUES)
        assert not Demand.objects.exists()

    def test_anonymous_without_a_name_gets_the_default_one(self):
        firm = factories.firm()
        demand = services.create_demand(
            firm=firm, by=factories.city_officer(), values=self.VALUES | {"is_anonymous": True}
        )
        assert demand.public_alias == "金普新区某企业"

    def test_state_and_origin_are_not_for_a_person_to_set(self):
        with pytest.raises(TypeError):
            services.create_demand(
                firm=factories.firm(), by=factories.city_officer(), values=self.VALUES | {"status": "published"}
            )

    def test_a_second_of_the_same_name_is_refused_in_words(self):
        firm, city = factories.firm(), factories.city_officer()
        services.create_demand(firm=firm, by=city, values=self.VALUES)
        with pytest.raises(ValidationError, match="同名需求"):
            services.create_demand(firm=firm, by=city, values=self.VALUES)

    def test_a_wrong_indicator_leaves_nothing_behind(self):
        with pytest.raises(ValidationError):
            services.create_demand(
                firm=factories.firm(),
                by=factories.city_officer(),
                values=self.VALUES,
                indicators=[{"name": "", "value": "5"}],
            )
        assert not Demand.objects.exists()


class TestUpdate:
    def test_trail_keeps_old_and_new(self):
        demand = in_state(Status.DRAFT, goal="降低磨损")
        DemandIndicator.objects.create(demand=demand, name="寿命", value="10", unit="h")
        by = factories.city_officer()
        services.update_demand(
            demand, by=by, values={"goal": "磨损减半"}, indicators=[{"name": "寿命", "value": "20", "unit": "h"}]
        )
        changes = AuditRecord.objects.latest("pk").changes
        assert changes == {"goal": ["降低磨损", "磨损减半"], "indicators": [["寿命 ≥ 10 h"], ["寿命 ≥ 20 h"]]}

    @pytest.mark.parametrize("status", list(Status))
    def test_in_which_states(self, status):
        firm = factories.firm()
        for by, states in (
            (factories.firm_officer(firm), {Status.DRAFT, Status.DIAGNOSIS}),
            (factories.district_officer(), {*Status} - {Status.SOLVED, Status.CHALLENGE, Status.CLOSED}),
        ):
            demand = in_state(status, firm=firm)
            if status in states:
                services.update_demand(demand, by=by, values={"goal": "新的目标"})
            else:
                with pytest.raises(ValidationError, match="不能修改"):
                    services.update_demand(demand, by=by, values={"goal": "新的目标"})
            changed = Demand.objects.get(pk=demand.pk).goal == "新的目标"
            assert changed == (status in states)

    def test_what_somebody_saved_meanwhile_is_not_overwritten(self):
        demand, by = in_state(Status.DRAFT), factories.city_officer()
        seen_at = demand.updated_at
        services.update_demand(demand, by=by, values={"goal": "先存的"}, seen_at=seen_at)
        with pytest.raises(ValidationError, match="刚被其他人修改"):
            services.update_demand(demand, by=by, values={"goal": "后存的"}, seen_at=seen_at)
        assert Demand.objects.get(pk=demand.pk).goal == "先存的"

    def test_a_published_anonymous_demand_stays_anonymous(self):
        demand = in_state(
            Status.PUBLISHED, firm=factories.firm("大连精诚泰科轴承有限公司"), is_anonymous=True, public_alias="某企业"
        )
        with pytest.raises(ValidationError, match="精诚泰科"):
            services.update_demand(demand, by=factories.city_officer(), values={"goal": "精诚泰科的主轴"})
        assert Demand.objects.get(pk=demand.pk).goal == ""

    def test_the_contact_must_be_the_firms(self):
        demand = in_state(Status.DRAFT)
        with pytest.raises(TypeError):
            services.update_demand(
                demand, by=factories.city_officer(), values={}, contact=ContactDetails(factories.firm().pk, "示例人")
            )
        assert not Contact.objects.exists()


def test_a_step_in_the_database_is_one_update_on_own_columns(django_assert_max_num_queries):
    demand, by = in_state(Status.DISTRICT_REVIEW), factories.district_officer()
    assert by.scope.is_district
    with django_assert_max_num_queries(20) as captured:
        services.start_diagnosis(demand, by=by)
    updates = [query["sql"] for query in captured if query["sql"].startswith("UPDATE")]
    assert len(updates) == 1
    assert "JOIN" not in updates[0] and "SELECT" not in updates[0]
    assert connection.in_atomic_block
