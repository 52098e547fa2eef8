"""The text field leaves the models; its column stays until no server of the release before runs any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("docking", "0006_organisers_and_desks")]
    operations = [
        migrations.AlterField(
            "dockinground",
            "undertaker",
            models.CharField("承办单位", max_length=200, blank=True, default="", db_default=""),
        ),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("dockinground", "undertaker")]),
    ]
