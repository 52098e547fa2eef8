import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
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
                    name="Favourite",
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
                                related_name="favourites",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="收藏人",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="favourites",
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
                                related_name="favourites",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "shared_in",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="与本单位同事共享",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="给自己的备注")),
                        ("known", models.JSONField(default=dict, editable=False, verbose_name="收藏时的情况")),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="收藏时间"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "收藏",
                        "verbose_name_plural": "收藏",
                        "ordering": ["-made_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("achievement", None), ("demand__isnull", False)),
                                    models.Q(("achievement__isnull", False), ("demand", None)),
                                    _connector="OR",
                                ),
                                name="favourite_of_one_item",
                                violation_error_message="一条收藏对应一项成果或一项需求。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("achievement__isnull", False)),
                                fields=("user", "achievement"),
                                name="favourite_achievement_once",
                                violation_error_message="您已收藏这项成果。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("demand__isnull", False)),
                                fields=("user", "demand"),
                                name="favourite_demand_once",
                                violation_error_message="您已收藏这项需求。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
            ]
        ),
    ]
