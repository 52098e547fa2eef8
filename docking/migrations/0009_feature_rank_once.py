"""Apart from the columns, as it locks the table for a moment; no row can be in its way, all have no rank yet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("docking", "0008_the_fifty")]
    operations = [
        migrations.AddConstraint(
            model_name="feature",
            constraint=models.UniqueConstraint(
                condition=models.Q(("rank__gt", 0)),
                fields=("docking_round", "rank"),
                name="feature_rank_once",
                violation_error_message="这个顺序已有一项成果。",
            ),
        ),
    ]
