"""Lists of institutions and their choices are read from an index, not from all firms."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="organisation",
            index=models.Index(fields=["kind", "name"], name="organisation_by_kind"),
        ),
    ]
