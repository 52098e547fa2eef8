"""A run is prepared in a task: its chunks hold what decisions change in their demands."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial")]

    operations = [
        migrations.AddField(
            "matchrun",
            "prepared_at",
            models.DateTimeField("准备完成时间", null=True, editable=False),
        ),
        migrations.AddField("matchchunk", "effects", models.JSONField(default=dict, db_default={}, editable=False)),
    ]
