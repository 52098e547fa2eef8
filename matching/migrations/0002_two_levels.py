from django.db import migrations, models


def merge_levels(apps, schema_editor):
    """中 and 低 become 候选: only 高 says that a match is probably worth sending."""
    apps.get_model("matching", "Match").objects.filter(level__in=["middle", "low"]).update(level="candidate")


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial")]

    operations = [
        migrations.RunPython(merge_levels, migrations.RunPython.noop),
        migrations.AlterField(
            "match",
            "level",
            models.CharField(
                verbose_name="级别",
                max_length=10,
                choices=[("high", "高"), ("candidate", "候选")],
                blank=True,
                default="",
                db_default="",
                editable=False,
            ),
        ),
        migrations.AlterField("demandresult", "has_no_match", models.BooleanField("没有候选")),
    ]
