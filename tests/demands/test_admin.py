from io import BytesIO

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from openpyxl import load_workbook

from accounts.services.contacts import ContactDetails, save_contacts
from audit.models import AuditRecord
from demands.admin.demands import AVAILABLE_STEPS, demand_badge
from demands.models import Demand, DemandIndicator
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.long]
Status = Demand.Status
LIST = reverse("admin:demands_demand_changelist")


@pytest.fixture
def own():
    return factories.demand(
        firm=factories.firm("大连精诚泰科轴承有限公司"),
        title="本区的需求",
        published=False,
        status=Status.DISTRICT_REVIEW,
    )


@pytest.fixture
def foreign():
    firm = factories.firm("大连异区样板有限公司", region_code="gaoxin")
    return factories.demand(firm=firm, title="外区的需求", status=Status.DISTRICT_REVIEW, published=False)


@pytest.fixture
def desk(client):
    client.force_login(factories.district_officer("jinpu"))
    return client


def change(demand):
    return reverse("admin:demands_demand_change", args=[demand.pk])


def act(client, action, *demands, **data):
    return client.post(LIST, {"action": action, "_selected_action": [d.pk for d in demands]} | data)


def sentences(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


class TestScope:
    def test_list_and_search_contain_own_demands_only(self, desk, own, foreign):
        factories.demand(firm=foreign.firm, title="外区已发布的需求")
        for query in ("", "?q=需求", "?q=异区样板", "?status__exact=district_review"):
            response = desk.get(LIST + query)
            assert "外区" not in response.content.decode()
            assert set(response.context["cl"].queryset) <= {own}
        assert "本区的需求" in desk.get(LIST).content.decode()

    def test_demands_of_other_districts_are_not_found(self, desk, own, foreign):
        assert desk.get(change(own)).status_code == 200
        for url in (change(foreign), reverse("admin:demands_demand_history", args=[foreign.pk])):
            assert desk.get(url).status_code in (302, 404)
        desk.post(change(foreign), {"title": "改名"})
        foreign.refresh_from_db()
        assert foreign.title == "外区的需求"

    def test_bulk_actions_and_export_exclude_other_districts(self, desk, own, foreign):
        for action in ("publish_all", "give_back_all", "diagnose_all", "close_all"):
            act(desk, action, foreign, reason="试一试", _form_submitted="1")
            foreign.refresh_from_db()
            assert foreign.status == Status.DISTRICT_REVIEW
        content = BytesIO(act(desk, "export", foreign).content)
        assert load_workbook(content).active.max_row == 2  # watermark and header

    def test_firms_of_other_districts_are_not_offered(self, desk, own, foreign):
        params = {"app_label": "demands", "model_name": "demand", "field_name": "firm", "term": ""}
        names = [row["text"] for row in desk.get(reverse("admin:autocomplete"), params).json()["results"]]
        assert own.firm.name in names
        assert foreign.firm.name not in names

    def test_the_auditor_can_read_everything_but_change_nothing(self, client, own, foreign):
        client.force_login(factories.auditor())
        assert "外区的需求" in client.get(LIST).content.decode()
        assert client.get(change(foreign)).status_code == 200
        assert client.post(change(own), {"title": "改名"}).status_code == 403
        assert client.post(reverse("admin:demands_demand_publish", args=[own.pk])).status_code in (302, 403)
        act(client, "publish_all", own)
        own.refresh_from_db()
        assert (own.title, own.status) == ("本区的需求", Status.DISTRICT_REVIEW)

    def test_demands_cannot_be_deleted(self, client, own):
        client.force_login(factories.user(is_staff=True, is_superuser=True))
        assert client.post(reverse("admin:demands_demand_delete", args=[own.pk]), {"post": "yes"}).status_code == 403


class TestActions:
    def test_bulk_publication_reports_each_skipped_demand(self, desk, own):
        draft = factories.demand(title="还是草稿", published=False)
        leaking = factories.demand(
            firm=own.firm,
            title="精诚泰科的主轴",
            is_anonymous=True,
            public_alias="某企业",
            published=False,
            status=Status.DISTRICT_REVIEW,
        )
        texts = sentences(act(desk, "publish_all", own, draft, leaking))
        assert "已发布 1 项需求。" in texts
        assert any(s.startswith("还是草稿：") and "草稿" in s for s in texts)
        assert any(s.startswith("精诚泰科的主轴：") and "需求名称（“精诚泰科”）" in s for s in texts)
        own.refresh_from_db()
        assert own.status == Status.PUBLISHED

    def test_bulk_return_requires_a_reason(self, desk, own):
        page = act(desk, "give_back_all", own)
        assert page.status_code == 200 and "理由" in page.content.decode()
        own.refresh_from_db()
        assert own.status == Status.DISTRICT_REVIEW
        act(desk, "give_back_all", own, reason="请补充指标", _form_submitted="1")
        own.refresh_from_db()
        assert (own.status, own.status_reason) == (Status.DRAFT, "请补充指标")

    def test_opening_a_dialog_changes_nothing(self, desk, own):
        desk.get(reverse("admin:demands_demand_publish", args=[own.pk]))
        own.refresh_from_db()
        assert own.status == Status.DISTRICT_REVIEW

    def test_each_action_button_changes_the_status(self, desk):
        def demand_in(status):
            shown = status not in (Status.DRAFT, Status.DISTRICT_REVIEW, Status.DIAGNOSIS)
            fields = {"status": status, "wants_challenge": True, "status_reason": "此前的原因"}
            fields |= {"paused_from": Status.PUBLISHED} if status == Status.PAUSED else {}
            return factories.demand(published=shown, **fields)

        for status, steps in AVAILABLE_STEPS.items():
            offering = demand_in(status)
            page = desk.get(change(offering)).content.decode()
            for step in steps:
                assert reverse(f"admin:demands_demand_{step}", args=[offering.pk]) in page
                demand = demand_in(status)
                url = reverse(f"admin:demands_demand_{step}", args=[demand.pk])
                desk.post(url, {"reason": "写明原因", "_form_submitted": "1"})
                demand.refresh_from_db()
                assert demand.status != status, (status, step)

    def test_unavailable_actions_are_not_shown(self, desk, own):
        page = desk.get(change(own)).content.decode()
        assert reverse("admin:demands_demand_reopen", args=[own.pk]) not in page

    def test_export_is_a_workbook(self, desk, own):
        response = act(desk, "export", own)
        assert "attachment" in response["Content-Disposition"]
        assert response.content[:2] == b"PK"


class TestForm:
    def data(self, demand, **changes):
        return {
            "title": demand.title,
            "kind": "problem",
            "problem": demand.problem,
            "keywords": "轴承、涂层",
            "transfer_ways": ["licence", "service"],
            "disclosure": "full",
            "indicators-TOTAL_FORMS": "1",
            "indicators-INITIAL_FORMS": "0",
            "indicators-0-name": "寿命",
            "indicators-0-comparison": "ge",
            "indicators-0-value": "5000",
            "indicators-0-unit": "h",
            "indicators-0-order": "1",
        } | changes

    def test_an_edit_writes_an_audit_record(self, desk, own):
        response = desk.post(change(own), self.data(own, goal="寿命加倍"))
        assert response.status_code == 302, response.context["adminform"].form.errors
        own.refresh_from_db()
        assert (own.goal, own.keywords, own.transfer_ways) == ("寿命加倍", ["轴承", "涂层"], ["licence", "service"])
        assert own.firm.name == "大连精诚泰科轴承有限公司"
        changes = AuditRecord.objects.filter(action="修改").latest("pk").changes
        assert changes["goal"] == ["", "寿命加倍"] and "demandindicator" in changes

    @pytest.mark.parametrize("where", ["goal", "indicators-0-condition"])
    def test_a_published_anonymous_demand_must_stay_anonymous(self, where, desk, own):
        Demand.objects.filter(pk=own.pk).update(status=Status.DRAFT, is_anonymous=True, public_alias="某企业")
        Demand.objects.filter(pk=own.pk).update(status=Status.PUBLISHED, published_at=own.created_at)
        own.refresh_from_db()
        response = desk.post(change(own), self.data(own, is_anonymous="on", **{where: "精诚泰科台架"}))
        assert response.status_code == 200
        assert "精诚泰科" in str(response.context["inline_admin_formsets"][0].formset.non_form_errors())
        assert not DemandIndicator.objects.exists()

    def test_a_closed_demand_cannot_be_edited(self, desk, own):
        Demand.objects.filter(pk=own.pk).update(status=Status.CLOSED, status_reason="重复")
        assert desk.get(change(own)).status_code == 200
        assert desk.post(change(own), self.data(own, goal="新")).status_code == 403

    def test_staff_create_demands_only_for_firms_in_scope(self, desk, own, foreign):
        url = reverse("admin:demands_demand_add")
        new = {"title": "代填的需求", "firm": own.firm.pk, "is_anonymous": "on"}
        response = desk.post(url, self.data(own, **new))
        assert response.status_code == 302, response.context["adminform"].form.errors
        made = Demand.objects.get(title="代填的需求")
        assert made.status == Status.DRAFT and made.public_alias.startswith("大连市某企业（代号")
        assert made.created_by is not None
        assert desk.post(url, self.data(own, **new | {"title": "别区的", "firm": foreign.firm.pk})).status_code == 200
        assert not Demand.objects.filter(title="别区的").exists()

    def test_contacts_are_masked(self, desk, own):
        details = ContactDetails(own.firm.pk, "示例联系人", "13800001234")
        Demand.objects.filter(pk=own.pk).update(contact=save_contacts([details])[details])
        page = desk.get(change(own)).content.decode()
        assert "138****1234" in page
        assert "13800001234" not in page and "示例联系人" not in page


def test_the_badge_counts_demands_to_review_in_scope(rf, own, foreign):
    request = rf.get("/")
    for user, count in (
        (factories.district_officer("jinpu"), 1),
        (factories.city_officer(), 2),
        (factories.district_officer("changxingdao"), None),
        (factories.auditor(), None),
    ):
        request.user = user
        assert demand_badge(request) == count


def test_list_queries_do_not_grow_with_rows(desk, own, django_assert_max_num_queries):
    counts = []
    for number in (1, 3):
        while Demand.objects.count() < number:
            factories.demand(published=False, status=Status.DISTRICT_REVIEW)
        desk.get(LIST)
        with django_assert_max_num_queries(40) as captured:
            desk.get(LIST)
        counts.append(len(captured))
    assert counts[0] == counts[1]
