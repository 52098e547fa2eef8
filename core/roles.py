"""Each role is a group; each app grants its own permissions to the groups in a migration of its own."""

from django.contrib.auth.management import create_permissions

GROUP_NAMES = {
    "institution_officer": "院校专员",
    "firm_officer": "企业专员",
    "district_officer": "区县专员",
    "city_officer": "市级专员",
    "broker": "技术经纪人",
    "auditor": "审计员",
    "sysadmin": "系统管理员",
}
STAFF_ROLES = {"district_officer", "city_officer", "auditor", "sysadmin"}
"""Who works in the admin; the others have their workbench."""


def grant(apps, app_label: str, grants: dict[str, list[str]]) -> None:
    """Give the groups named by role the permissions named by codename, inside a migration.

    Permissions are usually made after all migrations ran; they are made here first, so that a grant finds them.
    Raises LookupError for a codename the app does not have.
    """
    from django.apps import apps as current_apps  # the real registry: create_permissions wants its app config

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
