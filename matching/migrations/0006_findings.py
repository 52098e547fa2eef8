import django.db.models.deletion
from accounts.roles import grant
from django.db import migrations, models


def fill(apps, schema_editor):
    view = ["view_finding"]
    grant(apps, "matching", {"district_officer": view, "city_officer": view, "auditor": view})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_audit_is_append_only"),
        ("demands", "0003_search"),
        ("matching", "0005_related_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("silence", models.FloatField(verbose_name="没有合适成果的可能")),
                ("is_silent", models.BooleanField(verbose_name="暂无高匹配")),
                ("standing", models.JSONField(default=dict, verbose_name="依据")),
                ("nearest", models.JSONField(default=list, verbose_name="最接近的成果")),
                (
                    "demand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="demands.demand",
                        verbose_name="需求",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="matching.matchrun",
                        verbose_name="匹配批次",
                    ),
                ),
            ],
            options={
                "verbose_name": "需求匹配结论",
                "verbose_name_plural": "需求匹配结论",
                "ordering": ["-run", "-silence", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "demand"), name="finding_once_per_run"),
                    models.CheckConstraint(
                        condition=models.Q(("silence__gte", 0), ("silence__lte", 1)),
                        name="finding_silence_is_a_probability",
                        violation_error_message="可能性应在 0 到 1 之间。",
                    ),
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
