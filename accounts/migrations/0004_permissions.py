from django.db import migrations

from accounts.roles import grant

READ = ["view_organisation", "view_signup", "view_contact", "view_sourcefile"]


def fill(apps, schema_editor):
    grant(
        apps,
        "accounts",
        {
            "district_officer": [*READ, "change_organisation", "change_signup"],
            "city_officer": [
                *READ,
                "view_region",
                "change_region",
                "add_organisation",
                "change_organisation",
                "change_signup",
                "view_auditrecord",
            ],
            "auditor": [*READ, "view_user", "view_membership", "view_region", "view_auditrecord"],
            "sysadmin": [
                "view_user",
                "add_user",
                "change_user",
                "view_membership",
                "add_membership",
                "view_organisation",
                "add_organisation",
                "change_organisation",
                "view_region",
                "add_region",
                "change_region",
                "view_auditrecord",
            ],
            "institution_officer": [],
            "firm_officer": [],
            "broker": [],
        },
    )
    grant(
        apps,
        "taxonomy",
        {
            "city_officer": ["view_industry", "add_industry", "change_industry"],
            "district_officer": ["view_industry"],
            "auditor": ["view_industry"],
            "sysadmin": ["view_industry"],
        },
    )
    grant(apps, "auth", {"auditor": ["view_group"], "sysadmin": ["view_group"]})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_audit_is_append_only"),
        ("taxonomy", "0002_industries"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
