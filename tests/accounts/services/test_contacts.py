import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import Contact
from accounts.services.contacts import reveal_applicant, reveal_contact
from audit.models import AuditRecord
from tests import factories
from tests.accounts.services.test_sign_ups import application

pytestmark = pytest.mark.django_db
PURPOSE = "通知参加 12 月对接会"


def contact(firm=None, *, consented: bool = True) -> Contact:
    return Contact.objects.create(
        organisation=firm or factories.firm(),
        name="演示员",
        phone="13800001234",
        email="demo@example.com",
        consented_at=timezone.now() if consented else None,
    )


def test_the_district_of_the_firm_sees_it_once_it_says_why():
    row = contact()
    shown = reveal_contact(row, by=factories.district_officer("jinpu"), reason=PURPOSE)
    assert (shown.name, shown.phone, shown.email) == ("演示员", "13800001234", "demo@example.com")


def test_who_saw_it_and_why_is_written_down_but_not_what():
    row, officer = contact(), factories.city_officer()
    reveal_contact(row, by=officer, reason=PURPOSE)
    line = AuditRecord.objects.get(action="查看联系方式")
    assert (line.actor, line.object_id, line.changes) == (officer, str(row.pk), {"reason": [None, PURPOSE]})
    assert line.object_label == "演**"


def test_without_a_reason_nothing_is_shown_or_written():
    with pytest.raises(ValidationError, match="用途"):
        reveal_contact(contact(), by=factories.city_officer(), reason=" ")
    assert not AuditRecord.objects.filter(action="查看联系方式").exists()


def test_without_consent_only_the_own_organisation_sees_it():
    firm = factories.firm()
    row = contact(firm, consented=False)
    with pytest.raises(ValidationError, match="没有同意"):
        reveal_contact(row, by=factories.city_officer(), reason=PURPOSE)
    assert reveal_contact(row, by=factories.firm_officer(firm), reason=PURPOSE).phone == "13800001234"


@pytest.mark.parametrize(
    "who",
    [
        lambda: factories.district_officer("210202"),
        factories.auditor,
        factories.sysadmin,
        factories.firm_officer,
        factories.institution_officer,
    ],
)
def test_nobody_else_sees_it(who):
    with pytest.raises(PermissionDenied):
        reveal_contact(contact(), by=who(), reason=PURPOSE)


def test_an_applicant_is_shown_to_those_who_decide():
    sign_up = application()
    assert reveal_applicant(sign_up, by=factories.district_officer("jinpu"), reason=PURPOSE).phone == "13800001234"
    with pytest.raises(PermissionDenied):
        reveal_applicant(sign_up, by=factories.district_officer("210202"), reason=PURPOSE)
    assert AuditRecord.objects.filter(action="查看联系方式").count() == 1
