import accounts.public_id
import django.db.models.deletion
import django.utils.timezone
from accounts.roles import grant
from django.conf import settings
from django.db import migrations, models

# What has been released is what people have read: the database refuses, whatever SQL the application sends.
FORWARD = """
CREATE FUNCTION docking_released_report_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '已发布的活动总结不能修改或删除' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER released_report_stands BEFORE UPDATE OR DELETE ON docking_roundreport
    FOR EACH ROW WHEN (OLD.status = 'released') EXECUTE FUNCTION docking_released_report_stands();
"""
BACKWARD = """
DROP TRIGGER released_report_stands ON docking_roundreport;
DROP FUNCTION docking_released_report_stands();
"""


def fill(apps, schema_editor):
    grant(
        apps,
        "docking",
        {"city_officer": ["view_roundreport", "write_roundreport"], "auditor": ["view_roundreport"]},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("docking", "0015_planning"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RoundReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=accounts.public_id.new_public_id, editable=False, max_length=10, unique=True
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="版本")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "草稿"), ("released", "已发布")],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("figures", models.JSONField(default=dict, verbose_name="数字")),
                ("text", models.JSONField(default=list, verbose_name="文字")),
                ("revision", models.PositiveIntegerField(default=0, editable=False)),
                ("counted_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="统计时间")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="起草时间")),
                ("edited_at", models.DateTimeField(editable=False, null=True, verbose_name="修改时间")),
                ("released_at", models.DateTimeField(editable=False, null=True, verbose_name="发布时间")),
                (
                    "word_file",
                    models.FileField(blank=True, max_length=200, upload_to="reports/%Y/%m/", verbose_name="Word 文件"),
                ),
                (
                    "pdf_file",
                    models.FileField(blank=True, max_length=200, upload_to="reports/%Y/%m/", verbose_name="PDF 文件"),
                ),
                ("checksums", models.JSONField(default=dict, verbose_name="文件校验值")),
                (
                    "docking_round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="docking.dockinground",
                        verbose_name="对接活动",
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
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
                        verbose_name="起草人",
                    ),
                ),
                (
                    "released_by",
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
                "verbose_name": "活动总结",
                "verbose_name_plural": "活动总结",
                "ordering": ["docking_round", "-number"],
                "permissions": [("write_roundreport", "Can write and release reports of rounds")],
                "constraints": [
                    models.UniqueConstraint(fields=("docking_round", "number"), name="report_numbers_are_unique"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "draft")),
                        fields=("docking_round",),
                        name="report_one_draft_per_round",
                        violation_error_message="这场活动已有一份草稿，请继续修改那一份。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("pdf_file", ""), ("released_at", None), ("status", "draft"), ("word_file", "")),
                            models.Q(
                                ("released_at__isnull", False),
                                ("status", "released"),
                                models.Q(("word_file", ""), _negated=True),
                                models.Q(("pdf_file", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="report_released_iff_files",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
