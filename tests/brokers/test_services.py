import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Region
from audit.models import AuditRecord
from brokers.models import Agency, Broker
from brokers.services.directory import (
    create_agency,
    create_broker,
    deactivate_broker,
    reactivate_broker,
    update_agency,
    update_broker,
    verify_agency,
    withdraw_verification,
)
from taxonomy.models import Industry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return factories.city_officer()


@pytest.fixture
def agency(city):
    return create_agency(
        organisation=factories.organisation("agency", "示例技术转移中心"),
        by=city,
        kind="transfer",
        services=["consulting"],
    )


@pytest.fixture
def broker(city, agency):
    return create_broker(by=city, name="示例甲", agency=agency, level="junior", certificate_number="A-1")


def last_line():
    return AuditRecord.objects.latest("pk")


def test_verification_lists_an_agency_and_withdrawal_unlists_it(agency, city):
    verify_agency(agency, by=city)
    assert (agency.verified_by, last_line().action) == (city, "核验机构")
    assert list(Agency.objects.listed()) == [agency]
    with pytest.raises(ValidationError, match="已经核验"):
        verify_agency(agency, by=city)
    with pytest.raises(ValidationError, match="写明原因"):
        withdraw_verification(agency, by=city, reason=" ")
    withdraw_verification(agency, by=city, reason="机构已注销")
    assert (agency.verified_at, agency.verified_by) == (None, None)
    assert last_line().changes == {"reason": [None, "机构已注销"]}
    with pytest.raises(ValidationError, match="还没有核验"):
        withdraw_verification(agency, by=city, reason="再来一次")


def test_deactivate_and_reactivate(broker, city):
    deactivate_broker(broker, by=city, reason="不再执业")
    assert not broker.is_active and not Broker.objects.certified().exists()
    with pytest.raises(ValidationError, match="停止执业"):
        deactivate_broker(broker, by=city, reason="不再执业")
    reactivate_broker(broker, by=city)
    assert list(Broker.objects.certified()) == [broker]


def test_updates_record_old_and_new_values(agency, broker, city):
    industry, region = Industry.objects.get(slug="health"), Region.objects.get(code="gaoxin")
    update_agency(agency, by=city, industries=[industry], services=["platform"])
    assert last_line().changes == {"services": [["consulting"], ["platform"]], "industries": [[], ["生命健康"]]}
    update_broker(broker, by=city, regions=[region], level="senior")
    assert last_line().changes == {"level": ["junior", "senior"], "regions": [[], ["高新区"]]}
    update_agency(agency, by=city, kind="pilot")
    assert list(agency.industries.all()) == [industry]


def test_invalid_values_are_refused_with_a_message(agency, broker, city):
    with pytest.raises(ValidationError, match="已在名录中"):
        create_agency(organisation=agency.organisation, by=city, kind="pilot")
    with pytest.raises(ValidationError, match="相同证书号"):
        create_broker(by=city, name="示例乙", level="junior", certificate_number="A-1")
    with pytest.raises(ValidationError, match="不能早于发证日期"):
        update_broker(broker, by=city, issued_on="2026-01-02", expires_on="2026-01-01")


@pytest.mark.parametrize("role", ["district_officer", "auditor", "firm_officer", "institution_officer", "broker"])
def test_only_the_city_can_change_the_directory(role, agency, broker):
    by = factories.user("broker", agency.organisation) if role == "broker" else getattr(factories, role)()
    for deed in (
        lambda: create_agency(organisation=factories.organisation("agency"), by=by, kind="pilot"),
        lambda: create_broker(by=by, name="示例乙", level="junior", certificate_number="A-2"),
        lambda: update_agency(agency, by=by, kind="pilot"),
        lambda: update_broker(broker, by=by, level="senior"),
        lambda: verify_agency(agency, by=by),
        lambda: withdraw_verification(agency, by=by, reason="试"),
        lambda: deactivate_broker(broker, by=by, reason="试"),
        lambda: reactivate_broker(broker, by=by),
    ):
        with pytest.raises(PermissionDenied):
            deed()
    assert Agency.objects.values_list("kind", "verified_at").get() == ("transfer", None)
    assert Broker.objects.values_list("level", "is_active").get() == ("junior", True)
