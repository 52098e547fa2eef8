from accounts.roles import grant
from django.db import migrations


def fill(apps, schema_editor):
    grant(
        apps,
        "notices",
        {
            "city_officer": ["view_delivery", "resend_delivery"],
            "auditor": ["view_delivery"],
            "sysadmin": ["view_delivery", "resend_delivery"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0001_notices"),
        ("accounts", "0004_permissions"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
