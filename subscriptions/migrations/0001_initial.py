import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
import matching.models.match
from core.create_models import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("demands", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="SavedSearch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "public_id",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="saved_searches",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="订阅人",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("achievement", "成果"), ("demand", "需求")],
                                max_length=12,
                                verbose_name="订阅什么",
                            ),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        (
                            "mode",
                            models.CharField(
                                choices=[
                                    ("words", "按字面：含有这些字"),
                                    ("meaning", "按意思：写一两句话，由平台比对"),
                                ],
                                default="words",
                                max_length=8,
                                verbose_name="怎样比对",
                            ),
                        ),
                        ("text", models.TextField(blank=True, max_length=500, verbose_name="内容")),
                        ("filters", models.JSONField(blank=True, default=dict, verbose_name="条件")),
                        ("is_paused", models.BooleanField(default=False, verbose_name="已暂停")),
                        (
                            "checked_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="查到"
                            ),
                        ),
                        (
                            "starts_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="起算时间"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "订阅",
                        "verbose_name_plural": "订阅",
                        "ordering": ["pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("is_paused", False)), fields=["checked_at"], name="saved_search_due"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "kind", "mode", "text", "filters"),
                                name="saved_search_once",
                                violation_error_message="您已订阅同样的内容。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("text", ""), _negated=True),
                                    models.Q(("filters", {}), _negated=True),
                                    _connector="OR",
                                ),
                                name="saved_search_asks_something",
                                violation_error_message="请写要找的内容，或至少选一个条件。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("mode", "words"), models.Q(("text", ""), _negated=True), _connector="OR"
                                ),
                                name="saved_search_by_meaning_has_text",
                                violation_error_message="按意思比对要写一两句话。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Dismissal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "public_id",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="谁",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="dismissals",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="dismissals",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "own_demand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="demands.demand",
                                verbose_name="针对本企业的需求",
                            ),
                        ),
                        (
                            "own_achievement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="achievements.achievement",
                                verbose_name="针对本单位的成果",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=matching.models.match.reject_reasons, max_length=20, verbose_name="原因"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                        (
                            "is_for_organisation",
                            models.BooleanField(default=False, verbose_name="同事的订阅里也不再出现"),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="时间"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "不适合的条目",
                        "verbose_name_plural": "不适合的条目",
                        "ordering": ["-made_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("achievement", None), ("demand__isnull", False), ("own_demand", None)),
                                    models.Q(
                                        ("achievement__isnull", False), ("demand", None), ("own_achievement", None)
                                    ),
                                    _connector="OR",
                                ),
                                name="dismissal_of_one_item",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_for_organisation", False), ("organisation__isnull", False), _connector="OR"
                                ),
                                name="dismissal_for_an_organisation_names_it",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reason", "other"), _negated=True),
                                    models.Q(("note", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="dismissal_other_is_explained",
                                violation_error_message="选“其他原因”时，请用一句话说明。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("achievement__isnull", False)),
                                fields=("user", "achievement"),
                                name="dismissal_achievement_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("demand__isnull", False)),
                                fields=("user", "demand"),
                                name="dismissal_demand_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Hit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "public_id",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="subscription_hits",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="订阅人",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        ("version", models.CharField(max_length=64)),
                        ("is_change", models.BooleanField(default=False, verbose_name="有更新")),
                        ("was_anonymous", models.BooleanField(default=False)),
                        ("reasons", models.JSONField(default=list, verbose_name="符合的订阅")),
                        ("day", models.DateField(default=django.utils.timezone.localdate, verbose_name="日期")),
                    ],
                    options={
                        "verbose_name": "订阅到的内容",
                        "verbose_name_plural": "订阅到的内容",
                        "ordering": ["-day", "public_id"],
                        "indexes": [models.Index(fields=["user", "-day"], name="hit_by_day")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("achievement", None), ("demand__isnull", False)),
                                    models.Q(("achievement__isnull", False), ("demand", None)),
                                    _connector="OR",
                                ),
                                name="hit_of_one_item",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("achievement__isnull", False)),
                                fields=("user", "achievement", "version"),
                                name="hit_achievement_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("demand__isnull", False)),
                                fields=("user", "demand", "version"),
                                name="hit_demand_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedView",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "public_id",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                        ("page", models.CharField(max_length=40, verbose_name="列表")),
                        ("name", models.CharField(max_length=30, verbose_name="名称")),
                        ("query", models.CharField(max_length=500, verbose_name="条件")),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="保存时间"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "保存的视图",
                        "verbose_name_plural": "保存的视图",
                        "ordering": ["made_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "page", "name"),
                                name="saved_view_name_once",
                                violation_error_message="您已有同名的视图，请换一个名称。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("name", ""), _negated=True), models.Q(("query", ""), _negated=True)
                                ),
                                name="saved_view_has_name_and_filters",
                                violation_error_message="请写视图的名称，并至少选一个条件。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
            ]
        ),
    ]
