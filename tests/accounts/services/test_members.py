import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Role, User
from accounts.services.members import KIND_OF_ROLE, add_member, end_membership, reactivate_user, suspend_user
from audit.models import AuditRecord
from tests import factories

pytestmark = pytest.mark.django_db


def rows_of(user) -> dict:
    """What `add_member` writes about a user, without keys and times."""
    user = User.objects.get(pk=user.pk)
    trail = AuditRecord.objects.filter(object_label__contains=user.name).exclude(action="新增")
    return {
        "memberships": list(user.memberships.values_list("organisation", "role", "is_administrator")),
        "groups": list(user.groups.values_list("name", flat=True)),
        "staff": user.is_staff,
        "trail": list(trail.values_list("action", "actor", "actor_name", "object_type", "changes", "origin")),
    }


@pytest.mark.parametrize("role", Role)
def test_users_of_the_factories_are_as_add_member_leaves_them(role):
    kind = KIND_OF_ROLE.get(role, "agency")
    region = {"stat_region": factories.region("jinpu")} if kind == "district" else {}
    made = factories.user(role, factories.organisation(kind, "甲单位", **region), name="甲")
    written = rows_of(made)
    user = factories.user(name="乙")
    add_member(user, factories.organisation(kind, "乙单位", **region), role, by=None)
    other = rows_of(user)
    assert written["memberships"][0][1:] == other["memberships"][0][1:] == (role, True)
    assert (written["groups"], written["staff"]) == (other["groups"], other["staff"])
    assert len(written["groups"]) == 1
    assert written["trail"] == [
        (*entry[:4], {"role": [None, role], "organisation": [None, "甲单位"]}, entry[5]) for entry in other["trail"]
    ]
    assert len(written["trail"]) == 1


def test_add_member_sets_the_group_and_admin_access_of_staff_roles():
    region = factories.region("jinpu")
    user = factories.user()
    add_member(user, factories.organisation("district", "某区科技局", stat_region=region), Role.DISTRICT, by=None)
    user.refresh_from_db()
    assert [group.name for group in user.groups.all()] == ["区县专员"]
    assert user.is_staff
    assert user.has_perm("accounts.change_signup")


def test_firm_officers_have_no_admin_access():
    user = factories.firm_officer()
    user.refresh_from_db()
    assert not user.is_staff


def test_add_member_twice_creates_one_membership():
    user, firm = factories.user(), factories.firm()
    assert add_member(user, firm, Role.FIRM, by=None) == add_member(user, firm, Role.FIRM, by=None)
    assert AuditRecord.objects.filter(action="加入单位").count() == 1


def test_ending_a_membership_removes_group_admin_access_and_scope():
    user = factories.district_officer("jinpu")
    end_membership(user.memberships.get(), by=factories.sysadmin())
    user.refresh_from_db()
    assert (user.groups.count(), user.is_staff, user.scope.region_ids) == (0, False, frozenset())


def test_ending_one_of_two_memberships_in_a_role_keeps_the_group():
    user = factories.district_officer("jinpu")
    west = factories.organisation("district", "西岗区科技局", stat_region=factories.region("210203"))
    other = add_member(user, west, Role.DISTRICT, by=None)
    end_membership(other, by=factories.sysadmin())
    user.refresh_from_db()
    assert user.is_staff
    assert user.groups.count() == 1


def test_memberships_are_audited():
    user = factories.firm_officer(factories.firm("大连演示轴承有限公司"))
    end_membership(user.memberships.get(), by=factories.sysadmin())
    assert AuditRecord.objects.get(action="离开单位").changes["organisation"] == ["大连演示轴承有限公司", None]


@pytest.mark.parametrize(
    ("role", "kind"),
    [(Role.CITY, "firm"), (Role.FIRM, "institution"), (Role.DISTRICT, "city"), (Role.INSTITUTION, "firm")],
)
def test_role_must_fit_the_organisation(role, kind):
    with pytest.raises(ValidationError, match="只能任职于"):
        add_member(factories.user(), factories.organisation(kind), role, by=None)


@pytest.mark.parametrize(("first", "second"), [(Role.SYSADMIN, Role.AUDITOR), (Role.AUDITOR, Role.SYSADMIN)])
def test_system_administrator_and_auditor_are_incompatible_roles(first, second):
    city = factories.organisation("city", "市科技局")
    user = factories.user(first, city)
    with pytest.raises(ValidationError, match="不能兼任"):
        add_member(user, city, second, by=None)


@pytest.mark.parametrize("who", [factories.auditor, factories.city_officer, factories.district_officer])
def test_only_system_administrators_grant_staff_roles(who):
    city = factories.organisation("city", "市科技局")
    with pytest.raises(PermissionDenied):
        add_member(factories.user(), city, Role.CITY, by=who())


@pytest.mark.parametrize("who", [factories.district_officer, factories.city_officer, factories.auditor])
def test_nobody_but_the_system_administrator_adds_members(who):
    with pytest.raises(PermissionDenied):
        add_member(factories.user(), factories.firm(region_code="jinpu"), Role.FIRM, by=who())


def test_users_cannot_grant_themselves_a_role():
    admin = factories.sysadmin()
    with pytest.raises(PermissionDenied, match="自己"):
        add_member(admin, factories.organisation("city", "市科技局"), Role.CITY, by=admin)


def test_suspension_ends_open_sessions(client):
    user = factories.firm_officer()
    client.force_login(user)
    suspend_user(user, by=factories.sysadmin(), reason="离职")
    assert client.get("/accounts/password/").status_code == 302


def test_suspension_needs_a_reason_and_is_audited():
    user, admin = factories.user(), factories.sysadmin()
    with pytest.raises(ValidationError, match="请写明停用理由"):
        suspend_user(user, by=admin, reason="")
    suspend_user(user, by=admin, reason="离职")
    assert AuditRecord.objects.get(action="停用用户").changes["is_active"] == [True, False]
    with pytest.raises(ValidationError, match="已经停用"):
        suspend_user(user, by=admin, reason="离职")
    reactivate_user(user, by=admin)
    user.refresh_from_db()
    assert user.is_active


def test_only_system_administrators_suspend_others():
    admin = factories.sysadmin()
    with pytest.raises(PermissionDenied):
        suspend_user(factories.user(), by=factories.city_officer(), reason="试")
    with pytest.raises(PermissionDenied, match="自己"):
        suspend_user(admin, by=admin, reason="试")
