import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0005_guests_and_messages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("text", models.CharField(max_length=80, verbose_name="内容")),
                ("shown_until", models.DateTimeField(verbose_name="显示到")),
                ("is_sent", models.BooleanField(default=False, verbose_name="同时发通知")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="发布时间")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="撤下时间")),
                (
                    "docking_round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="announcements",
                        to="rounds.dockinground",
                        verbose_name="对接活动",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发布人",
                    ),
                ),
            ],
            options={
                "verbose_name": "现场通知",
                "verbose_name_plural": "现场通知",
                "ordering": ["docking_round", "-made_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("shown_until__gt", models.F("made_at"))),
                        name="announcement_ends_after_start",
                        violation_error_message="显示的结束时间要晚于现在。",
                    )
                ],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="LateRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("shift", "顺延，占用休息时间；休息不够时缩短"), ("shorten", "缩短，按原定时间结束")],
                        default="shift",
                        max_length=10,
                        verbose_name="晚开始的洽谈",
                    ),
                ),
                (
                    "min_minutes",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(120),
                        ],
                        verbose_name="至少洽谈分钟数",
                    ),
                ),
                (
                    "docking_round",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="late_rule",
                        to="rounds.dockinground",
                        verbose_name="对接活动",
                    ),
                ),
            ],
            options={
                "verbose_name": "晚开始的规则",
                "verbose_name_plural": "晚开始的规则",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("min_minutes__gte", 1), ("min_minutes__lte", 120)),
                        name="late_rule_minutes_in_range",
                        violation_error_message="至少洽谈分钟数请填 1 到 120。",
                    )
                ],
            },
        ),
    ]
