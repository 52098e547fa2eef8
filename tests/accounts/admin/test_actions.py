"""Actions of staff in the admin of accounts."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, Organisation, Role, SignUp, User
from accounts.services.source_files import store_source_file
from audit.models import AuditRecord
from tests import factories
from tests.members.services.test_sign_ups import application, code

pytestmark = pytest.mark.django_db
SENT = {"_form_submitted": "True"}
CHECKED = {"checks": ["已核对营业执照"]}


def deed(model, name, row) -> str:
    return reverse(f"admin:accounts_{model}_{name}", args=[row.pk])


class TestSignUps:
    def test_get_request_changes_nothing(self, client):
        sign_up = application()
        client.force_login(factories.city_officer())
        assert client.get(deed("signup", "approve", sign_up)).status_code == 200
        sign_up.refresh_from_db()
        assert sign_up.status == "submitted"

    def test_detail_actions_approve_and_reject(self, client):
        first = application()
        second = application(credit_code=code(2), username="second", firm_name="大连样例铸造有限公司")
        client.force_login(factories.district_officer("jinpu"))
        client.post(deed("signup", "approve", first), SENT)  # without saying what was checked
        first.refresh_from_db()
        assert first.status == "submitted"
        client.post(deed("signup", "approve", first), SENT | CHECKED)
        client.post(deed("signup", "reject", second), SENT | {"reason": "名称与执照不一致"})
        assert list(SignUp.objects.order_by("pk").values_list("status", flat=True)) == ["approved", "rejected"]

    def test_second_decision_is_refused_with_a_message(self, client):
        sign_up = application()
        client.force_login(factories.city_officer())
        client.post(deed("signup", "approve", sign_up), SENT | CHECKED)
        page = client.post(deed("signup", "reject", sign_up), SENT | {"reason": "重复"}, follow=True).content.decode()
        assert "这份申请已由" in page

    @pytest.mark.parametrize("action", ["approve", "reject", "reveal"])
    def test_other_district_gets_404(self, client, action):
        sign_up = application()
        client.force_login(factories.district_officer("210202"))
        assert client.post(deed("signup", action, sign_up), SENT | CHECKED | {"reason": "试"}).status_code == 404

    @pytest.mark.parametrize("action", ["approve", "reject", "reveal"])
    def test_auditor_has_read_access_only(self, client, action):
        sign_up = application()
        client.force_login(factories.auditor())
        assert client.post(deed("signup", action, sign_up), SENT | {"reason": "试"}).status_code == 403

    def test_rejecting_several_asks_for_one_reason(self, client):
        rows = [application(credit_code=code(n), username=f"u{n}", firm_name=f"大连样例{n}厂") for n in (1, 2)]
        client.force_login(factories.city_officer())
        chosen = {"action": "reject_all", "_selected_action": [row.pk for row in rows], "index": 0}
        response = client.post(reverse("admin:accounts_signup_changelist"), chosen)
        assert "大连样例1厂" in response.content.decode()
        assert SignUp.objects.awaiting_approval().count() == 2
        without = client.post(reverse("admin:accounts_signup_changelist"), chosen | SENT | {"reason": ""})
        assert without.status_code == 200
        client.post(reverse("admin:accounts_signup_changelist"), chosen | SENT | {"reason": "重复"})
        assert set(SignUp.objects.values_list("status", "decision_note")) == {("rejected", "重复")}

    def test_contact_is_masked_until_revealed_with_a_reason(self, client):
        sign_up = application()
        client.force_login(factories.city_officer())
        assert "13800001234" not in client.get(deed("signup", "change", sign_up)).content.decode()
        shown = client.post(deed("signup", "reveal", sign_up), SENT | {"reason": "核实执照"})
        assert "13800001234" in shown.content.decode()
        assert "no-store" in shown["Cache-Control"]


class TestContacts:
    def row(self, consented=True):
        return Contact.objects.create(
            organisation=factories.firm(),
            name="演示员",
            phone="13800001234",
            consented_at=timezone.now() if consented else None,
        )

    def test_contact_is_revealed_once_with_a_reason_and_audited(self, client):
        row = self.row()
        client.force_login(factories.district_officer("jinpu"))
        assert "13800001234" not in client.get(deed("contact", "change", row)).content.decode()
        assert (
            "13800001234" in client.post(deed("contact", "reveal", row), SENT | {"reason": "通知参会"}).content.decode()
        )
        assert AuditRecord.objects.get(action="查看联系方式").changes["reason"] == [None, "通知参会"]

    def test_contact_is_not_revealed_without_reason_or_consent(self, client):
        client.force_login(factories.city_officer())
        without_reason = client.post(deed("contact", "reveal", self.row()), SENT)
        without_consent = client.post(deed("contact", "reveal", self.row(consented=False)), SENT | {"reason": "通知"})
        assert "13800001234" not in without_reason.content.decode() + without_consent.content.decode()
        assert "没有同意" in without_consent.content.decode()

    def test_reveal_button_is_offered_only_to_permitted_users(self, client):
        row = self.row()
        for user, offered in [(factories.city_officer(), True), (factories.auditor(), False)]:
            client.force_login(user)
            assert (deed("contact", "reveal", row) in client.get(deed("contact", "change", row)).text) is offered


class TestOrganisations:
    def fields(self, firm, **new):
        return {
            "name": firm.name,
            "short_name": "",
            "kind": firm.kind,
            "credit_code": firm.credit_code,
            "firm_type": "",
            "is_active": "on",
            "stat_region": firm.stat_region_id,
            "reg_region": "",
            "is_local": "on",
            "profile": "",
            "website": "",
            "memberships-TOTAL_FORMS": 0,
            "memberships-INITIAL_FORMS": 0,
        } | new

    def test_edit_is_audited_with_values_and_origin(self, client):
        firm = factories.firm("大连演示轴承有限公司")
        client.force_login(factories.city_officer())
        client.post(
            deed("organisation", "change", firm),
            self.fields(firm, name="大连演示精密轴承有限公司"),
            REMOTE_ADDR="203.0.113.7",
        )
        line = AuditRecord.objects.get(action="修改")
        assert line.changes == {"name": ["大连演示轴承有限公司", "大连演示精密轴承有限公司"]}
        assert (line.object_type, line.object_id, line.ip, line.origin) == (
            "accounts.organisation",
            str(firm.pk),
            "203.0.113.7",
            "网页",
        )

    def test_unchanged_save_writes_no_audit_record(self, client):
        firm = factories.firm()
        client.force_login(factories.city_officer())
        client.post(deed("organisation", "change", firm), self.fields(firm))
        assert not AuditRecord.objects.filter(action="修改").exists()

    def test_creation_is_audited(self, client):
        client.force_login(factories.city_officer())
        draft = Organisation(name="大连演示新材料有限公司", kind="firm", stat_region=factories.region())
        client.post(reverse("admin:accounts_organisation_add"), self.fields(draft))
        assert AuditRecord.objects.get(action="新建").changes["name"] == [None, "大连演示新材料有限公司"]

    def test_district_officers_cannot_change_identity_or_region_of_a_firm(self, client):
        firm = factories.firm("大连演示轴承有限公司")
        client.force_login(factories.district_officer("jinpu"))
        client.post(
            deed("organisation", "change", firm),
            self.fields(firm, name="别的", stat_region=factories.region("210202").pk, profile="做轴承"),
        )
        firm.refresh_from_db()
        assert (firm.name, firm.stat_region.code, firm.profile) == ("大连演示轴承有限公司", "jinpu", "做轴承")

    def test_history_page_shows_the_audit_records(self, client):
        firm = factories.firm("大连演示轴承有限公司")
        client.force_login(factories.city_officer())
        client.post(deed("organisation", "change", firm), self.fields(firm, short_name="演示轴承"))
        assert "空 → 演示轴承" in client.get(deed("organisation", "history", firm)).content.decode()


class TestUsers:
    def test_new_user_needs_a_strong_password_and_gets_no_permissions(self, client):
        client.force_login(factories.sysadmin())
        new = {
            "username": "newcomer",
            "name": "新人",
            "password1": "Harbour-2026x",
            "password2": "Harbour-2026x",
            "new_phone": "13800001234",
            "new_email": "",
        }
        weak = client.post(reverse("admin:accounts_user_add"), new | {"password1": "123", "password2": "123"})
        assert weak.status_code == 200
        client.post(reverse("admin:accounts_user_add"), new)
        user = User.objects.get(username="newcomer")
        assert (user.check_password("Harbour-2026x"), user.is_staff, user.phone) == (True, False, "13800001234")
        assert "13800001234" not in str(list(AuditRecord.objects.values()))
        assert "Harbour" not in str(list(AuditRecord.objects.values()))

    def test_phone_and_mail_are_changed_without_being_shown(self, client):
        user = factories.firm_officer(username="someone", name="某人", phone="13800001234", email="demo@example.com")
        client.force_login(factories.sysadmin())
        page = client.get(deed("user", "change", user)).content.decode()
        assert "138****1234" in page
        assert "13800001234" not in page
        fields = {
            "username": "someone",
            "name": "某某人",
            "new_phone": "",
            "new_email": "other@example.com",
            "memberships-TOTAL_FORMS": 0,
            "memberships-INITIAL_FORMS": 0,
        }
        client.post(deed("user", "change", user), fields)
        user.refresh_from_db()
        assert (user.name, user.phone, user.email) == ("某某人", "13800001234", "other@example.com")
        assert AuditRecord.objects.get(action="修改").changes == {
            "name": ["某人", "某某人"],
            "new_email": [None, "已修改"],
        }

    def test_forged_field_does_not_make_a_superuser(self, client):
        user = factories.user(username="someone", name="某人")
        client.force_login(factories.sysadmin())
        fields = {
            "username": "someone",
            "name": "某人",
            "is_superuser": "on",
            "is_staff": "on",
            "user_permissions": "1",
        }
        client.post(
            deed("user", "change", user), fields | {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        )
        user.refresh_from_db()
        assert (user.is_superuser, user.is_staff, user.user_permissions.count()) == (False, False, 0)

    def test_membership_is_added_and_ended(self, client):
        user, firm = factories.user(), factories.firm()
        client.force_login(factories.sysadmin())
        where = client.get(deed("user", "join", user))["Location"]
        client.post(where, {"user": user.pk, "organisation": firm.pk, "role": Role.FIRM})
        membership = user.memberships.get()
        assert user.groups.get().name == "企业专员"
        assert AuditRecord.objects.filter(action="加入单位", object_id=str(membership.pk)).count() == 1
        client.post(deed("membership", "end", membership), SENT)
        assert not user.memberships.exists()
        assert not user.groups.exists()

    def test_role_that_does_not_fit_is_a_form_error(self, client):
        user, firm = factories.user(), factories.firm()
        client.force_login(factories.sysadmin())
        page = client.post(
            reverse("admin:accounts_membership_add"), {"user": user.pk, "organisation": firm.pk, "role": Role.CITY}
        )
        assert "只能任职于市科技局" in page.content.decode()
        assert not user.memberships.exists()

    def test_suspend_unlock_and_reset_password(self, client):
        user = factories.firm_officer()
        client.force_login(factories.sysadmin())
        client.post(deed("user", "suspend", user), SENT | {"reason": "离职"})
        user.refresh_from_db()
        assert not user.is_active
        client.post(deed("user", "reactivate", user), SENT)
        client.post(deed("user", "unlock", user), SENT)
        client.post(
            reverse("admin:auth_user_password_change", args=[user.pk]),
            {"password1": "Harbour-2026x", "password2": "Harbour-2026x"},
        )
        user.refresh_from_db()
        assert (user.is_active, user.check_password("Harbour-2026x")) == (True, True)
        actions = set(AuditRecord.objects.values_list("action", flat=True))
        assert {"停用用户", "恢复用户", "解除登录锁定", "重置密码"} <= actions

    @pytest.mark.parametrize("action", ["suspend", "reactivate", "unlock"])
    def test_auditor_has_read_access_only(self, client, action):
        user = factories.firm_officer()
        client.force_login(factories.auditor())
        assert client.post(deed("user", action, user), SENT | {"reason": "试"}).status_code == 403


class TestSourceFiles:
    def test_original_file_is_downloaded_under_its_name(self, client):
        source_file = store_source_file("demands", content=b"<script>", name="需求.html", by=factories.city_officer())
        client.force_login(factories.auditor())
        response = client.get(deed("sourcefile", "download", source_file))
        assert b"".join(response.streaming_content) == b"<script>"
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment;")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert AuditRecord.objects.filter(action="下载文件").count() == 1

    def test_foreign_source_file_is_404(self, client):
        source_file = store_source_file("demands", content=b"x", name="a.xlsx", by=factories.city_officer())
        client.force_login(factories.district_officer())
        assert client.get(deed("sourcefile", "download", source_file)).status_code == 404

    def test_missing_file_is_404(self, client):
        source_file = store_source_file("demands", content=b"x", name="a.xlsx", by=factories.city_officer())
        source_file.file.storage.delete(source_file.file.name)
        client.force_login(factories.auditor())
        assert client.get(deed("sourcefile", "download", source_file)).status_code == 404
