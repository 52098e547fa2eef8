from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region
from accounts.services.contacts import ContactDetails, save_contacts
from audit.models import AuditRecord
from brokers.models import Agency, Broker
from taxonomy.models import Industry
from tests import factories

pytestmark = pytest.mark.django_db
AGENCIES = reverse("admin:brokers_agency_changelist")
BROKERS = reverse("admin:brokers_broker_changelist")


@pytest.fixture
def agency():
    organisation = factories.organisation("agency", "示例技术转移中心")
    details = ContactDetails(organisation.pk, "示例联系人", "13800001234")
    contact = save_contacts([details])[details]
    return Agency.objects.create(organisation=organisation, kind="transfer", contact=contact)


@pytest.fixture
def broker(agency):
    return Broker.objects.create(name="示例甲", agency=agency, level="junior", certificate_number="A-1")


@pytest.fixture
def desk(client):
    client.force_login(factories.city_officer())
    return client


def change(obj):
    return reverse(f"admin:brokers_{obj._meta.model_name}_change", args=[obj.pk])


def step(name, obj):
    return reverse(f"admin:brokers_{obj._meta.model_name}_{name}", args=[obj.pk])


def result(client, url):
    return set(client.get(url).context["cl"].queryset)


def test_verify_and_withdraw_by_button_and_in_bulk(desk, agency):
    page = desk.get(change(agency)).content.decode()
    assert step("verify", agency) in page and step("withdraw", agency) not in page
    desk.get(step("verify", agency))
    assert Agency.objects.listed().count() == 0
    desk.post(step("verify", agency), {"_form_submitted": "1"})
    assert Agency.objects.listed().count() == 1
    desk.post(step("withdraw", agency), {"_form_submitted": "1", "reason": "机构已注销"})
    assert Agency.objects.listed().count() == 0
    many = {"action": "verify_all", "_selected_action": [agency.pk]}
    desk.post(AGENCIES, many)
    assert Agency.objects.listed().count() == 1
    desk.post(AGENCIES, many | {"action": "withdraw_all", "reason": "机构已注销", "_form_submitted": "1"})
    assert Agency.objects.listed().count() == 0


def test_deactivate_and_reactivate_a_broker(desk, broker):
    desk.post(step("deactivate", broker), {"_form_submitted": "1", "reason": "不再执业"})
    broker.refresh_from_db()
    assert not broker.is_active
    page = desk.get(change(broker)).content.decode()
    assert step("reactivate", broker) in page and step("deactivate", broker) not in page
    desk.post(step("reactivate", broker), {"_form_submitted": "1"})
    broker.refresh_from_db()
    assert broker.is_active


def test_an_edit_writes_an_audit_record(desk, agency, broker):
    industry, region = Industry.objects.get(slug="health"), Region.objects.get(code="gaoxin")
    data = {"kind": "pilot", "services": ["platform"], "industries": [industry.pk], "regions": [region.pk]}
    assert desk.post(change(agency), data).status_code == 302
    agency.refresh_from_db()
    assert (agency.kind, agency.services, list(agency.regions.all())) == ("pilot", ["platform"], [region])
    assert AuditRecord.objects.latest("pk").changes["kind"] == ["技术转移", "成果中试"]
    data = {"name": "示例甲", "agency": agency.pk, "level": "senior", "certificate_number": "A-1"}
    data |= {"issued_on": "2026-02-01", "expires_on": "2026-01-01"}
    assert "证书有效期不能早于发证日期" in desk.post(change(broker), data).content.decode()
    assert desk.post(change(broker), data | {"expires_on": "2029-01-01"}).status_code == 302
    broker.refresh_from_db()
    assert broker.level == "senior"


@pytest.mark.long
def test_filters_by_verification_and_certificate(desk, agency, broker):
    assert result(desk, f"{AGENCIES}?verified=no") == {agency}
    assert result(desk, f"{AGENCIES}?verified=yes") == set()
    late = Broker.objects.create(
        name="示例乙", level="junior", certificate_number="A-2", expires_on=timezone.localdate() - timedelta(days=1)
    )
    assert result(desk, f"{BROKERS}?certificate=expired") == {late}
    assert result(desk, f"{BROKERS}?certificate=valid") == {broker}
    assert result(desk, f"{BROKERS}?q=转移中心") == {broker}


def test_districts_and_auditors_can_read_but_not_change(client, agency, broker):
    for user in (factories.district_officer(), factories.auditor()):
        client.force_login(user)
        assert client.get(BROKERS).status_code == 200
        assert client.post(change(broker), {"name": "改名"}).status_code == 403
        assert client.post(step("deactivate", broker), {"reason": "试", "_form_submitted": "1"}).status_code != 200
        client.post(AGENCIES, {"action": "verify_all", "_selected_action": [agency.pk]})
    assert Agency.objects.listed().count() == 0
    broker.refresh_from_db()
    assert (broker.name, broker.is_active) == ("示例甲", True)


def test_a_district_sees_listed_agencies_only(client, agency):
    client.force_login(factories.district_officer())
    assert result(client, AGENCIES) == set()
    assert client.get(change(agency)).status_code in (302, 404)


def test_entries_cannot_be_deleted_and_contacts_are_masked(client, agency, broker):
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    for obj in (agency, broker):
        assert client.post(step("delete", obj), {"post": "yes"}).status_code == 403
    page = client.get(change(agency)).content.decode()
    assert "138****1234" in page and "13800001234" not in page


def test_export_is_a_workbook(desk, agency, broker):
    for url, obj in ((AGENCIES, agency), (BROKERS, broker)):
        response = desk.post(url, {"action": "export", "_selected_action": [obj.pk]})
        assert response.content[:2] == b"PK"


@pytest.mark.long
def test_list_queries_do_not_grow_with_rows(desk, agency, broker, django_assert_max_num_queries):
    for url in (AGENCIES, BROKERS):
        counts = []
        for number in (1, 3):
            while Agency.objects.count() < number:
                made = Agency.objects.create(organisation=factories.organisation("agency"), kind="pilot")
                Broker.objects.create(name="示例", agency=made, level="junior", certificate_number=f"B-{made.pk}")
            desk.get(url)
            with django_assert_max_num_queries(40) as captured:
                desk.get(url)
            counts.append(len(captured))
        assert counts[0] == counts[1]
        Broker.objects.exclude(pk=broker.pk).delete()
        Agency.objects.exclude(pk=agency.pk).delete()
