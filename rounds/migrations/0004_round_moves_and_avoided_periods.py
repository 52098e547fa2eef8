"""Moves of rounds, days without rounds, and the state 已取消. A round that a person opened again keeps its matching."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
from core.roles import grant

STATUSES = [
    ("preparing", "筹备中"),
    ("gathering", "会前撮合"),
    ("scheduled", "日程已发布"),
    ("running", "进行中"),
    ("closed", "会后跟踪"),
    ("archived", "已结束"),
    ("cancelled", "已取消"),
]
STEPS = [
    ("announce", "发布活动"),
    ("schedule", "发布日程"),
    ("begin", "活动开始"),
    ("close", "结束并匹配"),
    ("end_early", "提前结束"),
    ("archive", "归档"),
    ("postpone", "改期"),
    ("cancel", "取消活动"),
    ("back", "撤销上一步"),
]


READ = ["view_avoidedperiod"]
WRITE = ["add_avoidedperiod", "change_avoidedperiod"]


def grant_permissions(apps, schema_editor):
    grant(apps, "rounds", {"city_officer": READ + WRITE, "district_officer": READ, "auditor": READ})


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("rounds", "0003_places_by_hand"),
    ]

    operations = [
        migrations.CreateModel(
            name="AvoidedPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="例如：夏季达沃斯论坛", max_length=40, verbose_name="名称")),
                ("from_on", models.DateField(verbose_name="从")),
                ("until_on", models.DateField(verbose_name="到")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
            ],
            options={
                "verbose_name": "不办活动的日子",
                "verbose_name_plural": "不办活动的日子",
                "ordering": ["from_on", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until_on__gte", models.F("from_on"))),
                        name="avoided_period_ends_after_start",
                        violation_error_message="“到”不能早于“从”。",
                    )
                ],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="RoundMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(choices=STEPS, max_length=10, verbose_name="操作")),
                ("from_status", models.CharField(choices=STATUSES, max_length=10, verbose_name="原状态")),
                ("to_status", models.CharField(choices=STATUSES, max_length=10, verbose_name="新状态")),
                (
                    "reason",
                    models.CharField(blank=True, db_default="", default="", max_length=300, verbose_name="原因"),
                ),
                ("parties_told", models.PositiveIntegerField(db_default=0, default=0, verbose_name="通知的单位")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
                (
                    "docking_round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to="rounds.dockinground",
                        verbose_name="对接活动",
                    ),
                ),
            ],
            options={
                "verbose_name": "活动的一步",
                "verbose_name_plural": "活动的各步",
                "ordering": ["at", "pk"],
                "indexes": [models.Index(fields=["docking_round", "at"], name="round_moves_in_order")],
            },
        ),
        migrations.AddField(
            model_name="dockinground",
            name="copied_from",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="rounds.dockinground",
                verbose_name="照哪一场办",
            ),
        ),
        migrations.AlterField(
            model_name="dockinground",
            name="status",
            field=models.CharField(
                choices=STATUSES, default="preparing", editable=False, max_length=10, verbose_name="状态"
            ),
        ),
        migrations.RemoveConstraint(model_name="dockinground", name="round_has_run_iff_closed"),
        migrations.AddConstraint(
            model_name="dockinground",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("match_run__isnull", False),
                        ("status__in", ["closed", "archived"]),
                    ),
                    models.Q(models.Q(("status__in", ["closed", "archived"]), _negated=True), ("closed_at", None)),
                    _connector="OR",
                ),
                name="round_has_run_if_closed",
            ),
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
