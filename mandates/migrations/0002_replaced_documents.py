"""委托书 that were replaced are kept."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.public_id


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("mandates", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReplacedDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("file", models.FileField(max_length=200, upload_to="mandates/%Y/%m/", verbose_name="委托书")),
                ("file_name", models.CharField(max_length=200, verbose_name="委托书文件名")),
                ("file_type", models.CharField(max_length=100)),
                ("file_sha256", models.CharField(max_length=64)),
                ("replaced_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="更换时间")),
                (
                    "filed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
                (
                    "mandate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_documents",
                        to="mandates.mandate",
                        verbose_name="委托",
                    ),
                ),
                (
                    "replaced_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="更换人",
                    ),
                ),
            ],
            options={
                "verbose_name": "更换过的委托书",
                "verbose_name_plural": "更换过的委托书",
                "ordering": ["-replaced_at", "-pk"],
            },
        ),
    ]
