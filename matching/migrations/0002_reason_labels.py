from django.db import migrations, models

import matching.models.match


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="reason",
            field=models.CharField(
                blank=True, choices=matching.models.match.reject_reasons, max_length=20, verbose_name="退回原因"
            ),
        ),
        migrations.AlterField(
            model_name="demandreview",
            name="reason",
            field=models.CharField(
                blank=True, choices=matching.models.match.reject_reasons, max_length=20, verbose_name="退回原因"
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="reject_reason",
            field=models.CharField(
                blank=True,
                choices=matching.models.match.reject_reasons,
                editable=False,
                max_length=20,
                verbose_name="退回原因",
            ),
        ),
        migrations.AlterField(
            model_name="sidefeedback",
            name="reason",
            field=models.CharField(choices=matching.models.match.reject_reasons, max_length=20, verbose_name="原因"),
        ),
    ]
