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
                                blank=True,
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
                        (
                            "delegation",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="invitations",
                                to="members.delegation",
                                verbose_name="成果授权",
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
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("delegation", None), models.Q(("role", ""), _negated=True)),
                                    models.Q(("delegation__isnull", False), ("is_administrator", False), ("role", "")),
                                    _connector="OR",
                                ),
                                name="invitation_to_a_role_or_a_delegation",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Delegation",
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
                                related_name="delegations",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("college", "学院办公室"), ("completer", "完成人")],
                                max_length=10,
                                verbose_name="授权给",
                            ),
                        ),
                        ("college", models.CharField(blank=True, max_length=60, verbose_name="学院")),
                        (
                            "user",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegations",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="授权人",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="授权时间"
                            ),
                        ),
                        ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="结束时间")),
                        (
                            "ended_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="结束人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "成果授权",
                        "verbose_name_plural": "成果授权",
                        "ordering": ["-made_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "college"), models.Q(("college", ""), _negated=True)),
                                    models.Q(("college", ""), ("kind", "completer")),
                                    _connector="OR",
                                ),
                                name="delegation_college_iff_of_a_college",
                                violation_error_message="请选择学院。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("ended_by", None)),
                                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="delegation_ended_by_a_user",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("organisation", "user", "kind", "college"),
                                name="delegation_in_force_once",
                                violation_error_message="这位用户已有同样的授权。",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
