"""Roles as groups. Each app grants its permissions to the groups in its own migration."""

from django.contrib.auth.management import create_permissions
from django.db.migrations.state import StateApps

GROUP_NAMES = {
    "institution_officer": "院校专员",
    "firm_officer": "企业专员",
    "district_officer": "区县专员",
    "city_officer": "市级专员",
    "bureau_officer": "部门专员",
    "broker": "技术经纪人",
    "auditor": "审计员",
    "sysadmin": "系统管理员",
}
STAFF_ROLES = {"district_officer", "city_officer", "auditor", "sysadmin"}
"""Roles that use the admin; the other roles use the workbench."""


def grant(apps: StateApps, app_label: str, grants: dict[str, list[str]]) -> None:
    """Grant permissions (role → codenames of the app) to the groups of the roles, inside a migration.

    Django creates permissions after all migrations have run, so they are created here first. Raises LookupError for an
    unknown codename.
    """
    from django.apps import apps as current_apps  # create_permissions needs an app config of the real registry

    config = current_apps.get_app_config(app_label)
    create_permissions(config, apps=apps, verbosity=0)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    known = {p.codename: p for p in Permission.objects.filter(content_type__app_label=app_label)}
    for role, codenames in grants.items():
        missing = set(codenames) - known.keys()
        if missing:
            raise LookupError(f"{app_label} has no permissions {sorted(missing)}")
        group, _made = Group.objects.get_or_create(name=GROUP_NAMES[role])
        group.permissions.add(*(known[codename] for codename in codenames))
