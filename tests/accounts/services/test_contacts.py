import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import Contact
from accounts.services.contacts import reveal_applicant, reveal_contact
from audit.models import AuditRecord
from tests import factories
from tests.members.services.test_sign_ups import application

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


def test_district_officer_of_the_firm_reveals_a_contact_with_a_reason():
    row = contact()
    shown = reveal_contact(row, by=factories.district_officer("jinpu"), reason=PURPOSE)
    assert (shown.name, shown.phone, shown.email) == ("演示员", "13800001234", "demo@example.com")


def test_reveal_contact_is_audited_without_the_contact_details():
    row, officer = contact(), factories.city_officer()
    reveal_contact(row, by=officer, reason=PURPOSE)
    line = AuditRecord.objects.get(action="查看联系方式")
    assert (line.actor, line.object_id, line.changes) == (officer, str(row.pk), {"reason": [None, PURPOSE]})
    assert line.object_label == "演**"


def test_reveal_contact_without_a_reason_is_refused_and_not_audited():
    with pytest.raises(ValidationError, match="用途"):
        reveal_contact(contact(), by=factories.city_officer(), reason=" ")
    assert not AuditRecord.objects.filter(action="查看联系方式").exists()


def test_without_consent_only_own_officers_reveal_a_contact():
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
def test_other_users_cannot_reveal_a_contact(who):
    with pytest.raises(PermissionDenied):
        reveal_contact(contact(), by=who(), reason=PURPOSE)


def test_reveal_applicant_for_staff_who_decide():
    sign_up = application()
    assert reveal_applicant(sign_up, by=factories.district_officer("jinpu"), reason=PURPOSE).phone == "13800001234"
    with pytest.raises(PermissionDenied):
        reveal_applicant(sign_up, by=factories.district_officer("210202"), reason=PURPOSE)
    assert AuditRecord.objects.filter(action="查看联系方式").count() == 1
