from accounts.roles import grant
from django.db import migrations

READ = [
    *("view_task", "view_measure", "view_milestone", "view_minutes", "view_policy", "view_policycondition"),
    *("view_fund", "view_investment", "export_fund", "view_base", "view_freeperiod", "view_baserequest"),
    "view_venture",
]
WRITE = [
    *("change_task", "add_measure", "change_measure", "add_milestone", "change_milestone"),
    *("add_minutes", "change_minutes", "add_policy", "change_policy"),
    *("add_policycondition", "change_policycondition"),
    *("add_fund", "change_fund", "import_fund", "add_investment", "change_investment"),
    *("add_base", "change_base", "add_freeperiod", "change_freeperiod"),
    *("change_baserequest", "add_venture", "change_venture"),
]
DISTRICT = [
    *("view_task", "view_measure", "view_milestone", "view_policy", "view_policycondition"),
    *("view_base", "view_freeperiod", "view_venture"),
]


def forward(apps, schema_editor):
    grant(apps, "mechanism", {"city_officer": READ + WRITE, "district_officer": DISTRICT, "auditor": READ})


class Migration(migrations.Migration):
    dependencies = [
        ("mechanism", "0001_initial"),
        ("accounts", "0004_permissions"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
