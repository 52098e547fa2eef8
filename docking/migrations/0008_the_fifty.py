"""What a round presents gets an order and reasons. The table of the many-to-many field becomes a model's own: its rows
stay, and code that still fills in only the two ids goes on working."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

USER = settings.AUTH_USER_MODEL


def _person(words: str):
    return models.ForeignKey(USER, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=words)


class Migration(migrations.Migration):
    dependencies = [
        ("achievements", "0004_published"),
        ("docking", "0007_undertaker_is_a_row"),
        migrations.swappable_dependency(USER),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Feature",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "docking_round",
                            models.ForeignKey(
                                db_column="dockinground_id",
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="features",
                                to="docking.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="features",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "推介成果",
                        "verbose_name_plural": "推介成果",
                        "db_table": "docking_dockinground_featured",
                        "unique_together": {("docking_round", "achievement")},
                    },
                ),
                migrations.AlterField(
                    model_name="dockinground",
                    name="featured",
                    field=models.ManyToManyField(
                        blank=True,
                        related_name="rounds",
                        through="docking.Feature",
                        to="achievements.achievement",
                        verbose_name="推介成果",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="feature",
            name="rank",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="从 1 起，0 为未排序", verbose_name="顺序"
            ),
        ),
        migrations.AddField(
            model_name="feature",
            name="score",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="得分（十分之一分）"),
        ),
        migrations.AddField(
            model_name="feature",
            name="reasons",
            field=models.JSONField(blank=True, db_default=[], default=list, verbose_name="入选理由"),
        ),
        migrations.AddField(
            model_name="feature",
            name="is_pinned",
            field=models.BooleanField(db_default=False, default=False, verbose_name="必选"),
        ),
        migrations.AlterModelOptions(
            name="feature",
            options={
                "ordering": ["docking_round", "rank", "pk"],
                "verbose_name": "推介成果",
                "verbose_name_plural": "推介成果",
            },
        ),
        migrations.CreateModel(
            name="FiftyPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rules", models.JSONField(blank=True, default=dict, verbose_name="规则")),
                ("revision", models.PositiveIntegerField(default=0, editable=False)),
                ("changed_at", models.DateTimeField(editable=False, null=True, verbose_name="修改时间")),
                ("applied_at", models.DateTimeField(editable=False, null=True, verbose_name="写入时间")),
                ("changed_by", _person("修改人")),
                ("applied_by", _person("写入人")),
                (
                    "docking_round",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fifty_plan",
                        to="docking.dockinground",
                        verbose_name="对接活动",
                    ),
                ),
            ],
            options={
                "verbose_name": "推介名单规则",
                "verbose_name_plural": "推介名单规则",
                "permissions": [("plan_fifty", "Can choose what a round presents")],
            },
        ),
        migrations.CreateModel(
            name="FiftyMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        blank=True, choices=[("pin", "必选"), ("ban", "不选")], max_length=4, verbose_name="决定"
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="理由")),
                ("place", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="手动位置")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("made_by", _person("决定人")),
                (
                    "achievement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="achievements.achievement",
                        verbose_name="成果",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="docking.fiftyplan",
                        verbose_name="推介名单规则",
                    ),
                ),
            ],
            options={
                "verbose_name": "推介名单标记",
                "verbose_name_plural": "推介名单标记",
                "ordering": [models.OrderBy(models.F("place"), nulls_last=True), "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "achievement"), name="fifty_mark_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", ""), ("reason", "")),
                            models.Q(models.Q(("kind", ""), _negated=True), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="fifty_mark_with_reason",
                        violation_error_message="设为必选或不选请写明理由。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", ""), ("place__isnull", False)),
                            ("kind", "pin"),
                            models.Q(("kind", "ban"), ("place", None)),
                            _connector="OR",
                        ),
                        name="fifty_mark_says_something",
                        violation_error_message="不选的成果没有位置。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("place", None), ("place__gte", 1), _connector="OR"),
                        name="fifty_mark_place_from_one",
                        violation_error_message="位置从 1 起。",
                    ),
                ],
            },
        ),
    ]
