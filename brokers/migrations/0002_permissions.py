from accounts.roles import grant
from django.db import migrations

SEES = ["view_agency", "view_broker", "export_agency", "export_broker"]
GRANTS = {
    "city_officer": [
        *SEES,
        "add_agency",
        "change_agency",
        "verify_agency",
        "import_agency",
        "add_broker",
        "change_broker",
        "import_broker",
    ],
    "district_officer": SEES,
    "auditor": SEES,
}


def forward(apps, schema_editor):
    grant(apps, "brokers", GRANTS)


class Migration(migrations.Migration):
    dependencies = [
        ("brokers", "0001_initial"),
        ("accounts", "0003_audit_is_append_only"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
