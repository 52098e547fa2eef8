import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Contact, Organisation, Region, SignUp
from audit.models import AuditRecord
from audit.services import record
from tests import factories
from tests.members.services.test_sign_ups import application, code

pytestmark = pytest.mark.django_db


class TestTrail:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_auditrecord SET actor_name = 'x'",
            "UPDATE audit_auditrecord SET actor_name = 'x' WHERE false",
            "DELETE FROM audit_auditrecord",
            "TRUNCATE audit_auditrecord",
            "TRUNCATE accounts_user CASCADE",
        ],
    )
    def test_audit_records_cannot_be_changed_by_sql(self, statement):
        record("试", factories.region(), by=None)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or TRUNCATE would stumble over the open transaction first
            with pytest.raises(DatabaseError, match="只能新增"), transaction.atomic():
                cursor.execute(statement)
        assert AuditRecord.objects.filter(action="试").exists()

    def test_audit_records_cannot_be_changed_by_the_orm(self):
        line = record("试", factories.region(), by=None)
        line.action = "别的"
        with pytest.raises(DatabaseError), transaction.atomic():
            line.save()
        with pytest.raises(DatabaseError), transaction.atomic():
            line.delete()
        line.refresh_from_db()
        assert line.action == "试"

    def test_auditor_and_city_read_all_records_administrator_those_of_accounts(self):
        record("试", factories.region(), by=None)
        record("试", factories.achievement(), by=None)
        mine = AuditRecord.objects.filter(action="试")
        readers = [factories.auditor, factories.city_officer, factories.sysadmin, factories.district_officer]
        assert [mine.visible_to(who()).count() for who in readers] == [2, 2, 1, 0]


class TestRegions:
    def test_thirteen_reporting_units_do_not_overlap(self):
        assert Region.objects.reporting().count() == 13
        assert Region.objects.registered().count() == 10
        assert not Region.objects.reporting().filter(name="金州区").exists()


class TestOrganisation:
    def test_credit_code_needs_a_valid_check_character(self):
        with pytest.raises(ValidationError, match="校验位"):
            Organisation(name="大连演示厂", kind="firm", credit_code=code()[:-1] + "0").full_clean()

    def test_credit_code_is_unique_unless_empty(self):
        Organisation.objects.create(name="甲", kind="firm", credit_code=code())
        Organisation.objects.create(name="乙", kind="firm")
        Organisation.objects.create(name="丙", kind="firm")
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.create(name="丁", kind="firm", credit_code=code())

    def test_district_organisation_needs_a_region(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.create(name="某区科技局", kind="district")

    def test_visible_organisations_by_role(self):
        near, far = factories.firm(region_code="jinpu"), factories.firm(region_code="210202")
        school = factories.institution()
        all_three = {near, far, school}

        def seen(user):
            return set(Organisation.objects.visible_to(user)) & all_three

        assert seen(factories.city_officer()) == seen(factories.auditor()) == seen(factories.sysadmin()) == all_three
        assert seen(factories.district_officer("jinpu")) == {near}
        assert seen(factories.firm_officer(far)) == {far}
        assert seen(factories.institution_officer(school)) == {school}

    def test_other_users_see_no_organisations(self):
        from django.contrib.auth.models import AnonymousUser

        factories.firm()
        assert not Organisation.objects.visible_to(AnonymousUser()).exists()
        assert not Organisation.objects.visible_to(factories.user()).exists()


class TestContact:
    def test_contact_is_visible_with_its_organisation(self):
        row = Contact.objects.create(organisation=factories.firm(region_code="jinpu"), name="演示员")
        assert list(Contact.objects.visible_to(factories.district_officer("jinpu"))) == [row]
        assert not Contact.objects.visible_to(factories.district_officer("210202")).exists()


class TestSignUp:
    def test_decision_fields_are_set_iff_decided(self):
        sign_up = application()
        with pytest.raises(IntegrityError), transaction.atomic():
            SignUp.objects.filter(pk=sign_up.pk).update(status="approved")
        with pytest.raises(IntegrityError), transaction.atomic():
            SignUp.objects.filter(pk=sign_up.pk).update(decided_at=timezone.now())

    def test_districts_see_their_own_applications(self):
        sign_up = application()
        assert list(SignUp.objects.visible_to(factories.district_officer("jinpu"))) == [sign_up]
        assert list(SignUp.objects.visible_to(factories.auditor())) == [sign_up]
        assert not SignUp.objects.visible_to(factories.district_officer("210202")).exists()
        assert not SignUp.objects.visible_to(factories.firm_officer()).exists()
