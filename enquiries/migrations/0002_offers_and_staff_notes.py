import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.public_text
from core.roles import grant

VIEWED = ["view_offer", "view_staffnote"]


def grant_permissions(apps, schema_editor):
    grant(apps, "enquiries", {"district_officer": VIEWED, "city_officer": VIEWED, "auditor": VIEWED})


class Migration(migrations.Migration):
    dependencies = [
        ("enquiries", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("method", models.TextField(blank=True, max_length=1000, verbose_name="准备怎么做")),
                ("duration", models.CharField(blank=True, max_length=60, verbose_name="大约要多久")),
                (
                    "price_min_wan",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="大致价格下限（万元）"
                    ),
                ),
                (
                    "price_max_wan",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="大致价格上限（万元）"
                    ),
                ),
                ("strength", models.TextField(blank=True, max_length=1000, verbose_name="为什么选我们")),
                (
                    "decline_reason",
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
                        default="",
                        editable=False,
                        max_length=20,
                        verbose_name="谢绝原因",
                    ),
                ),
                (
                    "approach",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offer",
                        to="enquiries.approach",
                        verbose_name="应答",
                    ),
                ),
            ],
            options={
                "verbose_name": "应答方案",
                "verbose_name_plural": "应答方案",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("price_min_wan__isnull", True), ("price_min_wan__gte", 0), _connector="OR"),
                        name="offer_price_not_negative",
                        violation_error_message="大致价格不能为负数。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("price_min_wan__isnull", True),
                            ("price_max_wan__isnull", True),
                            ("price_max_wan__gte", models.F("price_min_wan")),
                            _connector="OR",
                        ),
                        name="offer_price_in_order",
                        violation_error_message="大致价格的上限不能低于下限。",
                    ),
                ],
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
        migrations.CreateModel(
            name="StaffNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=500, verbose_name="备注")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                (
                    "approach",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff_notes",
                        to="enquiries.approach",
                        verbose_name="主动对接",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="记录人",
                    ),
                ),
            ],
            options={
                "verbose_name": "专员备注",
                "verbose_name_plural": "专员备注",
                "ordering": ["made_at", "pk"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="staff_note_has_text")
                ],
            },
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
