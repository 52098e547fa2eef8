import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id


class Migration(migrations.Migration):
    dependencies = [
        ("achievements", "0001_initial"),
        ("mechanism", "0003_subsidy_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="opinion",
            name="declared_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="声明没有关联的时间"),
        ),
        migrations.CreateModel(
            name="EvaluationRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                (
                    "purpose",
                    models.CharField(help_text="如作价投资前、申报奖励、验收", max_length=200, verbose_name="评价用途"),
                ),
                (
                    "evidence",
                    models.TextField(
                        help_text="逐条写：检测报告、用户证明、查新、专利等，文件请放在成果的附件里",
                        max_length=2000,
                        verbose_name="依据材料",
                    ),
                ),
                (
                    "relations",
                    models.TextField(
                        blank=True,
                        help_text="完成人的近亲属、合作者和有利益关系的单位，每行一个。只有市科技局能看到",
                        max_length=1000,
                        verbose_name="应当回避的人和单位",
                    ),
                ),
                (
                    "science_weight",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="科学价值权重（%）",
                    ),
                ),
                (
                    "technology_weight",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="技术价值权重（%）",
                    ),
                ),
                (
                    "economy_weight",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="经济价值权重（%）",
                    ),
                ),
                (
                    "society_weight",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="社会价值权重（%）",
                    ),
                ),
                (
                    "culture_weight",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="文化价值权重（%）",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "等市科技局受理"),
                            ("accepted", "已受理"),
                            ("declined", "未受理"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="waiting",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("answer", models.CharField(blank=True, editable=False, max_length=300, verbose_name="答复")),
                (
                    "asked_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="申请时间"),
                ),
                ("due_on", models.DateField(editable=False, verbose_name="答复期限")),
                ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                (
                    "achievement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluation_requests",
                        to="achievements.achievement",
                        verbose_name="科技成果",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        editable=False,
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
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                (
                    "evaluation",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="request",
                        to="mechanism.evaluation",
                        verbose_name="成果评价",
                    ),
                ),
            ],
            options={
                "verbose_name": "评价申请",
                "verbose_name_plural": "评价申请",
                "ordering": ["-asked_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "science_weight",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.Value(100), "-", models.F("technology_weight")
                                            ),
                                            "-",
                                            models.F("economy_weight"),
                                        ),
                                        "-",
                                        models.F("society_weight"),
                                    ),
                                    "-",
                                    models.F("culture_weight"),
                                ),
                            )
                        ),
                        name="evaluation_request_weights_make_a_hundred",
                        violation_error_message="五项权重合计应为 100。",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "waiting")),
                        fields=("achievement",),
                        name="evaluation_request_one_waiting",
                        violation_error_message="这项成果的评价申请正在等答复。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("evaluation__isnull", False), ("status", "accepted")),
                            models.Q(models.Q(("status", "accepted"), _negated=True), ("evaluation", None)),
                            _connector="OR",
                        ),
                        name="evaluation_request_accepted_opens_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "declined"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="evaluation_request_declined_with_reason",
                        violation_error_message="不受理请写明原因。",
                    ),
                ],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
    ]
