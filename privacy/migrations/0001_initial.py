import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.plain_text
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
                    name="DataRequest",
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
                                default=core.public_id.new_public_id,
                                editable=False,
                                max_length=10,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("access", "查阅、复制"),
                                    ("correct", "更正"),
                                    ("withdraw", "撤回同意"),
                                    ("delete", "删除"),
                                ],
                                max_length=10,
                                verbose_name="请求",
                            ),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="姓名")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="登记的邮箱")),
                        ("phone", models.CharField(blank=True, max_length=20, verbose_name="登记的电话")),
                        ("unit", models.CharField(blank=True, max_length=100, verbose_name="单位")),
                        ("words", models.TextField(blank=True, max_length=1000, verbose_name="说明")),
                        (
                            "user",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("received", "待核实身份"),
                                    ("verified", "办理中"),
                                    ("done", "已办结"),
                                    ("refused", "不予办理"),
                                ],
                                default="received",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("received_at", models.DateTimeField(auto_now_add=True, verbose_name="收到时间")),
                        ("due_on", models.DateField(verbose_name="办理期限")),
                        ("prepared_at", models.DateTimeField(editable=False, null=True)),
                        ("link_hash", models.CharField(editable=False, max_length=64, null=True, unique=True)),
                        ("verified_at", models.DateTimeField(editable=False, null=True, verbose_name="核实时间")),
                        (
                            "verified_how",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("account", "本人登录"),
                                    ("mail", "登记邮箱中的链接"),
                                    ("officer", "工作人员核对"),
                                ],
                                editable=False,
                                max_length=10,
                                verbose_name="核实方式",
                            ),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核实人",
                            ),
                        ),
                        (
                            "verification_note",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="核实说明"),
                        ),
                        (
                            "confirmed_records",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=30),
                                blank=True,
                                default=list,
                                editable=False,
                                size=None,
                            ),
                        ),
                        (
                            "handled_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="办理人",
                            ),
                        ),
                        ("handled_at", models.DateTimeField(editable=False, null=True, verbose_name="办结时间")),
                        ("answer", models.TextField(blank=True, editable=False, max_length=1000, verbose_name="答复")),
                        (
                            "organisations",
                            models.ManyToManyField(
                                editable=False, related_name="+", to="accounts.organisation", verbose_name="登记的单位"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "个人信息请求",
                        "verbose_name_plural": "个人信息请求",
                        "ordering": ["due_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("handled_at", None), ("status__in", ["received", "verified"])),
                                    models.Q(
                                        ("handled_at__isnull", False),
                                        ("status__in", ["done", "refused"]),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="data_request_answered_iff_handled",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["received", "refused"]),
                                    ("verified_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="data_request_verified_before_handled",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("email", ""), _negated=True),
                                    models.Q(("phone", ""), _negated=True),
                                    ("user__isnull", False),
                                    models.Q(("unit", ""), _negated=True),
                                    ("status__in", ["done", "refused"]),
                                    _connector="OR",
                                ),
                                name="data_request_names_a_person",
                                violation_error_message="请至少填写登记的邮箱、电话或单位，否则无法查找。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="DataRequestStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="privacy.datarequest",
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="办理人",
                            ),
                        ),
                        ("text", models.CharField(max_length=300, verbose_name="办理")),
                    ],
                    options={
                        "verbose_name": "办理记录",
                        "verbose_name_plural": "办理记录",
                        "ordering": ["at", "pk"],
                    },
                ),
            ]
        ),
    ]
