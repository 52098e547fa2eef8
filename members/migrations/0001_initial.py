import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

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
                    name="Invitation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("institution_officer", "院校专员"),
                                    ("firm_officer", "企业专员"),
                                    ("district_officer", "区县专员"),
                                    ("city_officer", "市级专员"),
                                    ("bureau_officer", "部门专员"),
                                    ("broker", "技术经纪人"),
                                    ("auditor", "审计员"),
                                    ("sysadmin", "系统管理员"),
                                ],
                                max_length=20,
                                verbose_name="角色",
                            ),
                        ),
                        ("email", models.EmailField(max_length=254, verbose_name="邮箱")),
                        ("is_administrator", models.BooleanField(default=False, verbose_name="单位管理员")),
                        ("secret_hash", models.CharField(editable=False, max_length=64, unique=True)),
                        (
                            "invited_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="邀请人",
                            ),
                        ),
                        ("invited_at", models.DateTimeField(auto_now_add=True, verbose_name="邀请时间")),
                        ("expires_at", models.DateTimeField(verbose_name="有效期至")),
                        ("accepted_at", models.DateTimeField(editable=False, null=True, verbose_name="接受时间")),
                        (
                            "accepted_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="接受人",
                            ),
                        ),
                        ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="撤回时间")),
                    ],
                    options={
                        "verbose_name": "成员邀请",
                        "verbose_name_plural": "成员邀请",
                        "ordering": ["-invited_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("accepted_at", None), ("accepted_by", None)),
                                    models.Q(
                                        ("accepted_at__isnull", False),
                                        ("accepted_by__isnull", False),
                                        ("withdrawn_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="invitation_accepted_by_a_user",
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
