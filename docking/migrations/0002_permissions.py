from accounts.roles import grant
from django.db import migrations


def fill(apps, schema_editor):
    grant(
        apps,
        "docking",
        {
            "city_officer": ["view_dockinground", "add_dockinground", "change_dockinground", "close_dockinground"],
            "district_officer": ["view_dockinground"],
            "auditor": ["view_dockinground"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        ("docking", "0001_initial"),
        ("accounts", "0003_audit_is_append_only"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
