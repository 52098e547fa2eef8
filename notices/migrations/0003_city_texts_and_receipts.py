import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
from core.roles import grant


def grant_permissions(apps, schema_editor):
    """The city words the texts, auditors read them; who may change one is decided by the scope."""
    grant(apps, "notices", {"city_officer": ["view_citytext"], "auditor": ["view_citytext"]})


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0002_challenge_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CityText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40, verbose_name="文字")),
                ("number", models.PositiveSmallIntegerField(verbose_name="版本")),
                ("subject", models.CharField(blank=True, max_length=100, verbose_name="标题")),
                ("body", models.TextField(blank=True, max_length=3000, verbose_name="正文")),
                ("line", models.CharField(blank=True, max_length=200, verbose_name="短信和平台消息")),
                ("is_reset", models.BooleanField(default=False, verbose_name="恢复平台自带的文字")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="更改时间"),
                ),
            ],
            options={
                "verbose_name": "全市的文字",
                "verbose_name_plural": "全市的文字",
                "ordering": ["key", "-number"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.AddField(
            model_name="delivery",
            name="delivered_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="送达时间"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="resends",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False, verbose_name="人工重发"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("delivered_at", None), models.Q(("channel", "gateway"), ("status", "sent")), _connector="OR"
                ),
                name="delivery_delivered_was_sent",
            ),
        ),
        migrations.AddField(
            model_name="citytext",
            name="made_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="更改人",
            ),
        ),
        migrations.AddConstraint(
            model_name="citytext",
            constraint=models.UniqueConstraint(
                fields=("key", "number"),
                name="city_text_version_once",
                violation_error_message="这段文字刚由别人改过，请刷新后再改。",
            ),
        ),
        migrations.AddConstraint(
            model_name="citytext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("body", ""), ("is_reset", True)),
                    models.Q(("is_reset", False), models.Q(("body", ""), _negated=True)),
                    _connector="OR",
                ),
                name="city_text_has_body_or_resets",
                violation_error_message="正文不能为空。",
            ),
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
