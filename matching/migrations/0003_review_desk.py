import uuid

import accounts.public_id
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_permissions"),
        ("achievements", "0004_published"),
        ("brokers", "0002_permissions"),
        ("demands", "0003_search"),
        ("matching", "0002_permissions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="match",
            name="appeal",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=300, verbose_name="复议理由"
            ),
        ),
        migrations.AddField(
            model_name="match",
            name="assigned_to",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="交给",
            ),
        ),
        migrations.AddField(
            model_name="match",
            name="duplicate_of",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="duplicates",
                to="matching.match",
                verbose_name="与哪一条重复",
            ),
        ),
        migrations.AddField(
            model_name="match",
            name="held_until",
            field=models.DateField(editable=False, null=True, verbose_name="暂缓至"),
        ),
        migrations.AddField(
            model_name="match",
            name="revision",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="match",
            name="status",
            field=models.CharField(
                choices=[("proposed", "待审核"), ("accepted", "已采纳"), ("rejected", "已退回"), ("duplicate", "重复")],
                default="proposed",
                editable=False,
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "duplicate"), ("duplicate_of__isnull", False)),
                    models.Q(models.Q(("status", "duplicate"), _negated=True), ("duplicate_of", None)),
                    _connector="OR",
                ),
                name="match_duplicate_names_the_other",
                violation_error_message="标为重复时必须指明与哪一条重复。",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(("held_until", None), ("status", "proposed"), _connector="OR"),
                name="match_held_only_while_proposed",
                violation_error_message="已经审核的匹配不能暂缓。",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(("appeal", ""), models.Q(("status", "proposed"), _negated=True), _connector="OR"),
                name="match_appeal_only_when_decided",
                violation_error_message="还没有审核的匹配不需要复议。",
            ),
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("batch", models.UUIDField(db_index=True, editable=False, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accept", "采纳"),
                            ("reject", "退回"),
                            ("duplicate", "标为重复"),
                            ("broker", "委托经纪人"),
                            ("hold", "暂缓"),
                            ("ask", "提问"),
                            ("give", "交给同事"),
                            ("take", "接手"),
                            ("appeal", "请市里复议"),
                            ("uphold", "维持原审核"),
                            ("reopen", "重新审核"),
                        ],
                        max_length=10,
                        verbose_name="动作",
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("open_ms", models.PositiveIntegerField(null=True, verbose_name="查看时长（毫秒）")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("field", "领域不符"),
                            ("indicator", "指标不符"),
                            ("too_early", "阶段过早"),
                            ("price", "价格或合作方式不合"),
                            ("has_supplier", "企业已有供应商或方案"),
                            ("other", "其他原因"),
                        ],
                        max_length=20,
                        verbose_name="退回原因",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("revision", models.PositiveIntegerField()),
                ("engine", models.CharField(max_length=40, verbose_name="匹配方法")),
                ("score", models.FloatField(verbose_name="匹配度")),
                ("features", models.JSONField(default=dict, verbose_name="依据")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
                (
                    "match",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="matching.match",
                        verbose_name="匹配",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="matching.matchrun",
                        verbose_name="批次",
                    ),
                ),
            ],
            options={
                "verbose_name": "审核决定",
                "verbose_name_plural": "审核决定",
                "ordering": ["-made_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("match", "revision"), name="decision_once_per_revision"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "reject"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="decision_rejects_with_reason",
                        violation_error_message="退回必须选择原因。",
                    ),
                ],
                "indexes": [models.Index(fields=["by", "-made_at"], name="decision_by_officer")],
            },
        ),
        migrations.CreateModel(
            name="DeskPreference",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("single_keys", models.BooleanField(default=True)),
            ],
            options={"verbose_name": "审核台设置", "verbose_name_plural": "审核台设置"},
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=accounts.public_id.new_public_id, editable=False, max_length=10, unique=True
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("firm", "企业"), ("office", "院校")], max_length=10, verbose_name="问谁"
                    ),
                ),
                ("text", models.CharField(max_length=500, verbose_name="问题")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提问时间")),
                (
                    "status",
                    models.CharField(
                        choices=[("asked", "待答复"), ("answered", "已答复"), ("withdrawn", "已撤回")],
                        default="asked",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=1000, verbose_name="答复")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="答复人",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提问人",
                    ),
                ),
                (
                    "match",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="matching.match",
                        verbose_name="匹配",
                    ),
                ),
            ],
            options={
                "verbose_name": "提问",
                "verbose_name_plural": "提问",
                "ordering": ["-asked_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "asked")),
                        fields=("match",),
                        name="question_one_open_per_match",
                        violation_error_message="这条匹配已有一个问题在等答复。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                ("status", "answered"),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("status", "answered"), _negated=True),
                                ("answer", ""),
                                ("answered_at", None),
                                ("answered_by", None),
                            ),
                            _connector="OR",
                        ),
                        name="question_answered_iff_text",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "match",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reservation",
                        serialize=False,
                        to="matching.match",
                    ),
                ),
                ("is_open", models.BooleanField()),
                ("until", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "正在查看",
                "verbose_name_plural": "正在查看",
                "indexes": [models.Index(fields=["until"], name="reservation_by_end")],
            },
        ),
    ]
