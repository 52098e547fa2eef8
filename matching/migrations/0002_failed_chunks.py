from django.db import migrations, models
from django.db.models import Q

from core.roles import grant


def grant_permissions(apps, schema_editor):
    grant(apps, "matching", {"city_officer": ["retry_matchrun"]})


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="matchrun",
            options={
                "ordering": ["-queued_at"],
                "permissions": [("retry_matchrun", "Can retry a failed run")],
                "verbose_name": "匹配批次",
                "verbose_name_plural": "匹配批次",
            },
        ),
        migrations.AlterField(
            model_name="matchrun",
            name="status",
            field=models.CharField(
                choices=[("queued", "排队中"), ("done", "已完成"), ("failed", "失败")],
                default="queued",
                editable=False,
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AddField(
            model_name="matchchunk",
            name="error",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(model_name="matchchunk", name="failed_at", field=models.DateTimeField(null=True)),
        migrations.AddConstraint(
            model_name="matchchunk",
            constraint=models.CheckConstraint(
                condition=Q(finished_at=None) | Q(failed_at=None), name="match_chunk_not_finished_and_failed"
            ),
        ),
        migrations.RemoveConstraint(model_name="matchrun", name="match_run_finished_iff_done"),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.CheckConstraint(
                condition=Q(status="done", finished_at__isnull=False)
                | Q(status__in=["queued", "failed"], finished_at=None),
                name="match_run_finished_iff_done",
            ),
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
