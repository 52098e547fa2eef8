from django.db import migrations, models

import matching.models.match


class Migration(migrations.Migration):
    dependencies = [
        ("enquiries", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="offer",
            name="decline_reason",
            field=models.CharField(
                blank=True,
                choices=matching.models.match.reject_reasons,
                default="",
                editable=False,
                max_length=20,
                verbose_name="谢绝原因",
            ),
        ),
    ]
