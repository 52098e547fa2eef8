from accounts.roles import grant
from django.db import migrations

READ = [
    *("view_honour", "view_objection", "view_relatedparties"),
    *("view_expert", "view_evaluation"),
]
WRITE = [
    *("add_honour", "change_honour", "release_honour", "add_relatedparties", "change_relatedparties"),
    *("add_expert", "change_expert", "add_evaluation", "run_evaluation"),
]


def forward(apps, schema_editor):
    grant(apps, "mechanism", {"city_officer": READ + WRITE, "auditor": READ})


class Migration(migrations.Migration):
    dependencies = [("mechanism", "0006_honours_and_evaluations")]
    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
