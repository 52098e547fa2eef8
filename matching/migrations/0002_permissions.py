from accounts.roles import grant
from django.db import migrations

VIEW = ["view_match", "view_matchrun", "view_brokerrequest"]
DECIDE = ["review_match", "ask_broker", "export_match"]


def fill(apps, schema_editor):
    grant(
        apps,
        "matching",
        {"district_officer": VIEW + DECIDE, "city_officer": VIEW + DECIDE, "auditor": [*VIEW, "export_match"]},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0001_initial"),
        ("accounts", "0003_audit_is_append_only"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
