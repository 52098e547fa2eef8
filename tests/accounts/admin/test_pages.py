"""Every admin page of accounts for every role, with rows of the own district and of another one."""

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

WHO = {
    "district": lambda: factories.district_officer("jinpu"),
    "city": factories.city_officer,
    "auditor": factories.auditor,
    "sysadmin": factories.sysadmin,
}
OPENS = {
    Organisation: {"district", "city", "auditor", "sysadmin"},
    SignUp: {"district", "city", "auditor"},
    Contact: {"district", "city", "auditor"},
    SourceFile: {"district", "city", "auditor"},
    AuditRecord: {"city", "auditor", "sysadmin"},
    Region: {"city", "auditor", "sysadmin"},
    User: {"auditor", "sysadmin"},
    Membership: {"auditor", "sysadmin"},
    Group: {"auditor", "sysadmin"},
    Industry: {"district", "city", "auditor", "sysadmin"},
}
ADDS = {
    Organisation: {"city", "sysadmin"},
    Region: {"sysadmin"},
    User: {"sysadmin"},
    Membership: {"sysadmin"},
    Industry: {"city"},
}


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


@pytest.mark.parametrize("role", WHO)
@pytest.mark.parametrize("model", OPENS)
class TestWalk:
    def test_list_form_and_history_by_role(self, client, model, role):
        client.force_login(WHO[role]())
        row = row_of(model)
        pages = [url(model, "changelist"), url(model, "change", row.pk), url(model, "history", row.pk)]
        answers = [client.get(page).status_code for page in pages]
        if role in OPENS[model]:
            assert answers == [200, 200, 200]
        else:
            assert answers[0] == 403
            assert not {200, 500} & set(answers)  # refused, or sent away as from a row that never was

    def test_add_page_by_role(self, client, model, role):
        client.force_login(WHO[role]())
        expected = 200 if role in ADDS.get(model, ()) else 403
        assert client.get(url(model, "add")).status_code == expected

    def test_no_role_deletes(self, client, model, role):
        client.force_login(WHO[role]())
        row = row_of(model)
        assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        if role in OPENS[model]:
            assert "delete_selected" not in client.get(url(model, "changelist")).content.decode()


@pytest.mark.parametrize("model", [Organisation, SignUp, Contact, SourceFile])
def test_row_of_another_district_is_404(client, model):
    client.force_login(factories.district_officer("jinpu"))
    row = row_of(model, region_code="210202")
    assert str(row.pk) not in [str(other.pk) for other in client.get(url(model, "changelist")).context["cl"].queryset]
    response = client.get(url(model, "change", row.pk))
    assert response.status_code == 302  # Django's admin goes home, as for a row that never was
    assert response["Location"] == reverse("admin:index")
    assert client.get(url(model, "history", row.pk)).status_code == 404


@pytest.mark.parametrize("who", [factories.firm_officer, factories.institution_officer, factories.user])
@pytest.mark.parametrize("model", OPENS)
def test_other_roles_have_no_admin_access(client, model, who):
    client.force_login(who())
    assert client.get(url(model, "changelist"))["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("model", [model for model in OPENS if model is not Group])
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
        "brokers",
        "deals",
        "demands",
        "matching",
        "mechanism",
        "notices",
        "rounds",
        "taxonomy",
    }
