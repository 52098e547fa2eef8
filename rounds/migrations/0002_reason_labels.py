from django.db import migrations, models

import matching.models.match


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="outcome",
            name="reason",
            field=models.CharField(
                blank=True, choices=matching.models.match.reject_reasons, max_length=20, verbose_name="不合适的原因"
            ),
        ),
    ]
