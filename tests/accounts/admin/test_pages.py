"""The admin of accounts: rows of another district, constant query counts. Rights by role: `tests.test_walk`."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Contact, Membership, Organisation, Region, SignUp, SourceFile, User
from accounts.services.source_files import store_source_file
from audit.models import AuditRecord
from audit.services import record
from taxonomy.models import Industry
from tests import factories
from tests.members.services.test_sign_ups import application, code

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def url(model, page, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def sign_up_of(region_code, number):
    return application(
        stat_region=factories.region(region_code),
        credit_code=code(number),
        username=f"applicant{number}",
        firm_name=f"大连演示轴承{number}厂",
    )


def contact_of(region_code, number):
    firm = factories.firm(region_code=region_code)
    return Contact.objects.create(organisation=firm, name="演示员", phone="13800001234")


def source_file_of(region_code, number):
    officer = factories.district_officer(region_code)
    unit = officer.memberships.get().organisation
    return store_source_file("demands", content=b"x", name="a.xlsx", by=officer, organisation=unit)


MAKERS = {
    Organisation: lambda region_code, number: factories.firm(region_code=region_code),
    SignUp: sign_up_of,
    Contact: contact_of,
    SourceFile: source_file_of,
    Membership: lambda region_code, number: factories.firm_officer().memberships.get(),
    User: lambda region_code, number: factories.firm_officer(),
    AuditRecord: lambda region_code, number: record("试", factories.region(), by=None),
    Industry: lambda region_code, number: Industry.objects.create(slug=f"new-{number}", name=f"新产业{number}"),
    Region: lambda region_code, number: Region.objects.create(code=f"zone-{number}", name=f"新区{number}"),
    Group: lambda region_code, number: Group.objects.get(name="市级专员"),
}


def row_of(model, *, region_code: str = "jinpu", number: int = 1):
    """A row of this district, where rows belong to districts."""
    return MAKERS[model](region_code, number)


@pytest.mark.parametrize("model", [Organisation, SignUp, Contact, SourceFile])
def test_row_of_another_district_is_404(client, model):
    client.force_login(factories.district_officer("jinpu"))
    row = row_of(model, region_code="210202")
    assert str(row.pk) not in [str(other.pk) for other in client.get(url(model, "changelist")).context["cl"].queryset]
    response = client.get(url(model, "change", row.pk))
    assert response.status_code == 302  # Django's admin goes home, as for a row that never was
    assert response["Location"] == reverse("admin:index")
    assert client.get(url(model, "history", row.pk)).status_code == 404


@pytest.mark.parametrize("model", [model for model in MAKERS if model is not Group])
def test_changelist_query_count_is_constant(client, model):
    client.force_login(factories.sysadmin() if model in {User, Membership} else factories.city_officer())
    client.get(url(model, "changelist"))
    counts = []
    for numbers in ([1], [2, 3]):
        for number in numbers:
            row_of(model, number=number)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url(model, "changelist")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_admin_offers_only_models_of_the_project():
    offered = {model._meta.app_label for model in admin.site._registry}
    assert offered <= {
        "accounts",
        "achievements",
        "audit",
        "auth",
        "brokerage",
        "brokers",
        "challenges",
        "deals",
        "demands",
        "integrity",
        "matching",
        "mechanism",
        "notices",
        "rounds",
        "taxonomy",
    }
