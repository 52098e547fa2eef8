from django.db import migrations, models

import matching.models.match


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="dismissal",
            name="reason",
            field=models.CharField(choices=matching.models.match.reject_reasons, max_length=20, verbose_name="原因"),
        ),
    ]
