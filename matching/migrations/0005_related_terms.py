from django.db import migrations, models


class Migration(migrations.Migration):
    """Terms that the two texts say in different words. Matches of earlier runs have none."""

    dependencies = [("matching", "0004_withdrawn_requests")]
    operations = [
        migrations.AddField(
            model_name="match",
            name="related_terms",
            field=models.JSONField(db_default=[], default=list, verbose_name="相关术语"),
        ),
    ]
