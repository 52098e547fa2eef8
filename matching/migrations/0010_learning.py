import django.db.models.deletion
from accounts.roles import grant
from django.conf import settings
from django.db import migrations, models


def fill(apps, schema_editor):
    grant(
        apps,
        "matching",
        {"city_officer": ["view_learned", "switch_ranker"], "auditor": ["view_learned"]},
    )


class Migration(migrations.Migration):
    """What is learned from decisions. Matches of earlier runs have no level and felt no effects."""

    dependencies = [
        ("accounts", "0003_audit_is_append_only"),
        ("matching", "0009_ask_earlier_ones"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="match",
            name="effects",
            field=models.JSONField(db_default=[], default=list, editable=False, verbose_name="审核影响"),
        ),
        migrations.AddField(
            model_name="match",
            name="level",
            field=models.CharField(
                blank=True,
                choices=[("high", "高"), ("middle", "中"), ("low", "低")],
                db_default="",
                default="",
                editable=False,
                max_length=10,
                verbose_name="级别",
            ),
        ),
        migrations.AddField(
            model_name="match",
            name="probability",
            field=models.FloatField(editable=False, null=True, verbose_name="预计采纳"),
        ),
        migrations.CreateModel(
            name="LiftedEffect",
            fields=[
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="lifted",
                        serialize=False,
                        to="matching.decision",
                        verbose_name="审核决定",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="解除时间")),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="解除人",
                    ),
                ),
            ],
            options={"verbose_name": "已解除的影响", "verbose_name_plural": "已解除的影响"},
        ),
        migrations.CreateModel(
            name="Learned",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("levels", "级别校准"), ("ranker", "学习排序")], max_length=10, verbose_name="内容"
                    ),
                ),
                ("engine", models.CharField(max_length=40, verbose_name="基础方法")),
                ("parameters", models.JSONField(default=dict, verbose_name="参数")),
                ("checksum", models.CharField(max_length=64)),
                ("figures", models.JSONField(default=dict, verbose_name="检验结果")),
                ("decisions", models.PositiveIntegerField(verbose_name="依据的决定数")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="学习时间")),
                ("is_winner", models.BooleanField(default=False, verbose_name="优于基础方法")),
                ("is_in_force", models.BooleanField(default=False, verbose_name="正在使用")),
                ("switched_at", models.DateTimeField(null=True, verbose_name="切换时间")),
                (
                    "switched_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="切换人",
                    ),
                ),
            ],
            options={
                "verbose_name": "学习结果",
                "verbose_name_plural": "学习结果",
                "ordering": ["-made_at", "-pk"],
                "permissions": [("switch_ranker", "Can switch the learned ranker on and off")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_in_force", True)),
                        fields=("kind", "engine"),
                        name="learned_one_in_force",
                        violation_error_message="已有一个正在使用的学习结果。",
                    )
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
