import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.public_id
from core.create_models import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="AnnualReport",
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
                            "institution",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="annual_reports",
                                to="accounts.organisation",
                                verbose_name="填报单位",
                            ),
                        ),
                        (
                            "year",
                            models.PositiveSmallIntegerField(
                                editable=False,
                                validators=[
                                    django.core.validators.MinValueValidator(2000),
                                    django.core.validators.MaxValueValidator(2100),
                                ],
                                verbose_name="报告年度",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "填报中"),
                                    ("checking", "待审核"),
                                    ("reviewed", "已审核"),
                                    ("handed_in", "已报送"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "answers",
                            models.JSONField(blank=True, default=dict, editable=False, verbose_name="填写的内容"),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "reviewed",
                            models.JSONField(blank=True, default=dict, editable=False, verbose_name="审核时的数"),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="建立时间"
                            ),
                        ),
                        (
                            "filled_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="填报人",
                            ),
                        ),
                        ("submitted_at", models.DateTimeField(editable=False, null=True, verbose_name="提交审核时间")),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审核人",
                            ),
                        ),
                        ("reviewed_at", models.DateTimeField(editable=False, null=True, verbose_name="审核时间")),
                        (
                            "is_self_reviewed",
                            models.BooleanField(default=False, editable=False, verbose_name="自填自审"),
                        ),
                    ],
                    options={
                        "verbose_name": "转化年度报告",
                        "verbose_name_plural": "转化年度报告",
                        "ordering": ["-year", "institution__name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("institution", "year"),
                                name="annual_report_once_a_year",
                                violation_error_message="这个年度的报告已经建立了。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reviewed_at__isnull", False), ("status__in", ["reviewed", "handed_in"])),
                                    models.Q(
                                        ("is_self_reviewed", False),
                                        ("reviewed_at", None),
                                        ("reviewed_by", None),
                                        ("status__in", ["draft", "checking"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="annual_report_reviewed_iff_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReportVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="annual_reports.annualreport",
                                verbose_name="年度报告",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="第几版")),
                        ("content", models.JSONField(verbose_name="报送的内容")),
                        (
                            "handed_in_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="报送时间"),
                        ),
                        (
                            "handed_in_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="报送人",
                            ),
                        ),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审核人",
                            ),
                        ),
                        ("is_self_reviewed", models.BooleanField(default=False, verbose_name="自填自审")),
                    ],
                    options={
                        "verbose_name": "报送的版本",
                        "verbose_name_plural": "报送的版本",
                        "ordering": ["-number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("report", "number"), name="report_version_number_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReportFile",
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
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="annual_reports.reportversion",
                                verbose_name="版本",
                            ),
                        ),
                        ("layout", models.CharField(max_length=20, verbose_name="表式")),
                        ("name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                        ("file", models.FileField(max_length=200, upload_to="annual_reports/%Y/", verbose_name="文件")),
                        ("sha256", models.CharField(max_length=64)),
                    ],
                    options={
                        "verbose_name": "报送的文件",
                        "verbose_name_plural": "报送的文件",
                        "ordering": ["pk"],
                    },
                ),
            ]
        ),
    ]
