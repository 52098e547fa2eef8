from accounts.roles import grant
from django.db import migrations

SEES = ["view_demand", "view_demandindicator", "export_demand"]
EDITS = [
    *SEES,
    "add_demand",
    "change_demand",
    "add_demandindicator",
    "change_demandindicator",
    "review_demand",
    "import_demand",
]
GRANTS = {"district_officer": EDITS, "city_officer": EDITS, "auditor": SEES}


def forward(apps, schema_editor):
    grant(apps, "demands", GRANTS)


class Migration(migrations.Migration):
    dependencies = [
        ("demands", "0001_initial"),
        ("accounts", "0003_audit_is_append_only"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
