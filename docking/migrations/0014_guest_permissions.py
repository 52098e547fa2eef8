from accounts.roles import grant
from django.db import migrations

SEE = ["view_party", "view_attendee", "export_party"]


def fill(apps, schema_editor):
    grant(
        apps,
        "docking",
        {
            "city_officer": [*SEE, "add_party", "change_party", "change_attendee"],
            "district_officer": [*SEE, "add_party", "change_party"],
            "auditor": SEE,
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        ("docking", "0013_guests"),
        ("accounts", "0003_audit_is_append_only"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
