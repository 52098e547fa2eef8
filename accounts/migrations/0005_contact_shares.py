import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_permissions"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(db_index=True, max_length=40, verbose_name="事由")),
                ("shared_at", models.DateTimeField(auto_now_add=True, verbose_name="同意时间")),
                ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="终止时间")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="accounts.contact",
                        verbose_name="联系人",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="单位",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "联系方式授权",
                "verbose_name_plural": "联系方式授权",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organisation__isnull", True), ("user__isnull", False)),
                            models.Q(("organisation__isnull", False), ("user__isnull", True)),
                            _connector="OR",
                        ),
                        name="contact_share_has_one_recipient",
                    )
                ],
            },
        ),
    ]
