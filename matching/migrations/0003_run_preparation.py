"""A run is prepared in a task: its chunks hold what decisions change in their demands. Batches store the candidates from
which immediate runs continue, and the refresh of similar items stores how far it has come."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("demands", "0001_initial"), ("matching", "0002_failed_chunks")]

    operations = [
        migrations.AddField(
            "matchrun",
            "prepared_at",
            models.DateTimeField("准备完成时间", null=True, editable=False),
        ),
        migrations.AddField("matchchunk", "effects", models.JSONField(default=dict, db_default={}, editable=False)),
        migrations.AddField("matchrun", "extension", models.JSONField(default=dict, db_default={}, editable=False)),
        migrations.CreateModel(
            "StoredRanking",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("parts", models.JSONField()),
                ("candidates", models.JSONField()),
                ("background", models.JSONField()),
                ("is_whole", models.BooleanField()),
                (
                    "demand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="demands.demand"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="matching.matchrun"
                    ),
                ),
            ],
            options={
                "verbose_name": "批次候选排序",
                "verbose_name_plural": "批次候选排序",
                "constraints": [models.UniqueConstraint(fields=("run", "demand"), name="stored_ranking_once_per_run")],
            },
        ),
        migrations.CreateModel(
            "SimilarRefresh",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, unique=True)),
                ("begun_at", models.DateTimeField(null=True)),
                ("since", models.DateTimeField(null=True)),
                ("after", models.BigIntegerField(default=0)),
                ("is_over", models.BooleanField(default=True)),
                ("snapshot_hash", models.CharField(blank=True, default="", max_length=64)),
                ("indexed_at", models.DateTimeField(null=True)),
            ],
            options={"verbose_name": "相似项计算进度", "verbose_name_plural": "相似项计算进度"},
        ),
    ]
