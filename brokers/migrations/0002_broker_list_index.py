"""The public list of brokers is read in its order from an index: 20,000 rows were sorted for each page."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("brokers", "0001_initial"),
        ("taxonomy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="broker",
            index=models.Index(condition=models.Q(("is_active", True)), fields=["name", "id"], name="broker_by_name"),
        ),
    ]
