import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Contact, Organisation, Region, SignUp
from audit.models import AuditRecord
from audit.services import record
from tests import factories
from tests.accounts.services.test_sign_ups import application, code

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
    def test_cannot_be_changed_even_by_sql(self, statement):
        record("试", factories.region(), by=None)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or TRUNCATE would stumble over the open transaction first
            with pytest.raises(DatabaseError, match="只能新增"), transaction.atomic():
                cursor.execute(statement)
        assert AuditRecord.objects.filter(action="试").exists()

    def test_nor_by_the_orm(self):
        line = record("试", factories.region(), by=None)
        line.action = "别的"
        with pytest.raises(DatabaseError), transaction.atomic():
            line.save()
        with pytest.raises(DatabaseError), transaction.atomic():
            line.delete()
        line.refresh_from_db()
        assert line.action == "试"

    def test_is_read_by_auditor_and_city_and_in_part_by_the_administrator(self):
        record("试", factories.region(), by=None)
        record("试", factories.achievement(), by=None)
        mine = AuditRecord.objects.filter(action="试")
        readers = [factories.auditor, factories.city_officer, factories.sysadmin, factories.district_officer]
        assert [mine.visible_to(who()).count() for who in readers] == [2, 2, 1, 0]


class TestRegions:
    def test_thirteen_units_report_and_do_not_overlap(self):
        assert Region.objects.reporting().count() == 13
        assert Region.objects.registered().count() == 10
        assert not Region.objects.reporting().filter(name="金州区").exists()


class TestOrganisation:
    def test_the_code_must_have_its_check_character(self):
        with pytest.raises(ValidationError, match="校验位"):
            Organisation(name="大连演示厂", kind="firm", credit_code=code()[:-1] + "0").full_clean()

    def test_one_code_one_organisation_but_many_without(self):
        Organisation.objects.create(name="甲", kind="firm", credit_code=code())
        Organisation.objects.create(name="乙", kind="firm")
        Organisation.objects.create(name="丙", kind="firm")
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.create(name="丁", kind="firm", credit_code=code())

    def test_a_district_has_its_region(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.create(name="某区科技局", kind="district")

    def test_who_sees_which(self):
        near, far = factories.firm(region_code="jinpu"), factories.firm(region_code="210202")
        school = factories.institution()
        all_three = {near, far, school}

        def seen(user):
            return set(Organisation.objects.visible_to(user)) & all_three

        assert seen(factories.city_officer()) == seen(factories.auditor()) == seen(factories.sysadmin()) == all_three
        assert seen(factories.district_officer("jinpu")) == {near}
        assert seen(factories.firm_officer(far)) == {far}
        assert seen(factories.institution_officer(school)) == {school}

    def test_nobody_else_sees_any(self):
        from django.contrib.auth.models import AnonymousUser

        factories.firm()
        assert not Organisation.objects.visible_to(AnonymousUser()).exists()
        assert not Organisation.objects.visible_to(factories.user()).exists()


class TestContact:
    def test_is_seen_by_who_sees_the_organisation(self):
        row = Contact.objects.create(organisation=factories.firm(region_code="jinpu"), name="演示员")
        assert list(Contact.objects.visible_to(factories.district_officer("jinpu"))) == [row]
        assert not Contact.objects.visible_to(factories.district_officer("210202")).exists()


class TestSignUp:
    def test_decided_iff_somebody_decided(self):
        sign_up = application()
        with pytest.raises(IntegrityError), transaction.atomic():
            SignUp.objects.filter(pk=sign_up.pk).update(status="approved")
        with pytest.raises(IntegrityError), transaction.atomic():
            SignUp.objects.filter(pk=sign_up.pk).update(decided_at=timezone.now())

    def test_each_district_sees_its_own(self):
        sign_up = application()
        assert list(SignUp.objects.visible_to(factories.district_officer("jinpu"))) == [sign_up]
        assert list(SignUp.objects.visible_to(factories.auditor())) == [sign_up]
        assert not SignUp.objects.visible_to(factories.district_officer("210202")).exists()
        assert not SignUp.objects.visible_to(factories.firm_officer()).exists()
