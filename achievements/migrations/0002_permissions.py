from accounts.roles import grant
from django.db import migrations

PARTS = ["indicator", "intellectualproperty", "completer", "attachment"]
SEES = ["view_achievement", *(f"view_{part}" for part in PARTS), "export_achievement"]
GRANTS = {
    "city_officer": [
        *SEES,
        "add_achievement",
        "change_achievement",
        *(f"{verb}_{part}" for part in PARTS for verb in ("add", "change")),
        "register_achievement",
        "import_achievement",
    ],
    "auditor": SEES,
}


def forward(apps, schema_editor):
    grant(apps, "achievements", GRANTS)


class Migration(migrations.Migration):
    dependencies = [
        ("achievements", "0001_initial"),
        ("accounts", "0003_audit_is_append_only"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
