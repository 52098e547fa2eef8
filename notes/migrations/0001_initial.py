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
        ("achievements", "0001_initial"),
        ("demands", "0001_initial"),
        ("matching", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="TalkNote",
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
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "follow_up",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="matching.followup",
                                verbose_name="对接",
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
                        ("text", models.TextField(blank=True, max_length=2000, verbose_name="内容")),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="时间"
                            ),
                        ),
                        ("removed_at", models.DateTimeField(editable=False, null=True, verbose_name="删除时间")),
                    ],
                    options={
                        "verbose_name": "洽谈笔记",
                        "verbose_name_plural": "洽谈笔记",
                        "ordering": ["-made_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("achievement", None), ("demand", None), ("follow_up__isnull", False)),
                                    models.Q(("achievement__isnull", False), ("demand", None), ("follow_up", None)),
                                    models.Q(("achievement", None), ("demand__isnull", False), ("follow_up", None)),
                                    _connector="OR",
                                ),
                                name="talk_note_about_one_thing",
                                violation_error_message="一条笔记只能写一件事。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("removed_at", None), models.Q(("text", ""), _negated=True)),
                                    models.Q(("removed_at__isnull", False), ("text", "")),
                                    _connector="OR",
                                ),
                                name="talk_note_has_text_unless_removed",
                                violation_error_message="笔记不能为空。",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
