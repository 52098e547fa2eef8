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
                    name="KnownDevice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="known_devices",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("token_hash", models.CharField(max_length=64)),
                        ("address", models.GenericIPAddressField(null=True, verbose_name="地址")),
                        (
                            "first_seen_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="首次登录"),
                        ),
                        (
                            "last_seen_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="最近登录"),
                        ),
                    ],
                    options={
                        "verbose_name": "常用设备",
                        "verbose_name_plural": "常用设备",
                        "constraints": [
                            models.UniqueConstraint(fields=("user", "token_hash"), name="known_device_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UserSession",
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
                                related_name="sign_in_sessions",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("session_key", models.CharField(max_length=40, unique=True)),
                        (
                            "known_device",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="sessions",
                                to="authentication.knowndevice",
                            ),
                        ),
                        ("device", models.CharField(max_length=60, verbose_name="设备")),
                        ("address", models.CharField(help_text="末段不保存", max_length=45, verbose_name="地址")),
                        (
                            "signed_in_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="登录时间"),
                        ),
                    ],
                    options={
                        "verbose_name": "登录会话",
                        "verbose_name_plural": "登录会话",
                        "ordering": ["-signed_in_at"],
                    },
                ),
                migrations.CreateModel(
                    name="AddressChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="address_changes",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("old_address", models.EmailField(blank=True, max_length=254, verbose_name="原邮箱")),
                        ("new_address", models.EmailField(max_length=254, verbose_name="新邮箱")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("asked", "等待确认"),
                                    ("confirmed", "已确认"),
                                    ("undone", "已撤回"),
                                    ("dropped", "已作废"),
                                ],
                                default="asked",
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间")),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                        ("undone_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                    ],
                    options={
                        "verbose_name": "更换邮箱",
                        "verbose_name_plural": "更换邮箱",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "asked")),
                                fields=("user",),
                                name="address_change_one_open_per_user",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("confirmed_at", None), ("status__in", ["asked", "dropped"])),
                                    models.Q(("confirmed_at__isnull", False), ("status", "confirmed")),
                                    ("status", "undone"),
                                    _connector="OR",
                                ),
                                name="address_change_confirmed_iff_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccountMail",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("reset", "重置密码"),
                                    ("reset_done", "密码已重置"),
                                    ("confirm", "确认新邮箱"),
                                    ("changed", "邮箱已更换"),
                                    ("factor", "二次验证有变动"),
                                    ("device", "新设备登录"),
                                ],
                                max_length=10,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "address_change",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="authentication.addresschange",
                            ),
                        ),
                        ("sentence", models.CharField(blank=True, max_length=300, verbose_name="内容")),
                        ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间")),
                        ("sent_at", models.DateTimeField(null=True, verbose_name="发送时间")),
                    ],
                    options={
                        "verbose_name": "账号邮件",
                        "verbose_name_plural": "账号邮件",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("sent_at", None)), fields=["asked_at"], name="account_mail_unsent"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GovernmentAccount",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="government_account",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("issuer", models.CharField(max_length=200)),
                        ("subject", models.CharField(max_length=255)),
                        ("linked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="绑定时间")),
                        ("last_used_at", models.DateTimeField(null=True, verbose_name="最近使用")),
                    ],
                    options={
                        "verbose_name": "政务账号",
                        "verbose_name_plural": "政务账号",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("issuer", "subject"),
                                name="government_account_once",
                                violation_error_message="这个政务账号已经绑定了另一个平台账号。",
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
