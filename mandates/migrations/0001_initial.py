import django.contrib.postgres.fields
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
        ("accounts", "__first__"),
        ("brokers", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Mandate",
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
                            "rights",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("post", "发布和修改需求"),
                                        ("named", "以企业名称公开需求（不选则只能匿名）"),
                                        ("answer", "询问成果、答复对方、约定时间"),
                                        ("attend", "查看对接和洽谈的进展"),
                                        ("contact", "查看委托方指定的联系人"),
                                    ],
                                    max_length=10,
                                ),
                                size=None,
                                verbose_name="委托范围",
                            ),
                        ),
                        ("purpose", models.CharField(max_length=500, verbose_name="委托事项")),
                        (
                            "starts_on",
                            models.DateField(default=django.utils.timezone.localdate, verbose_name="开始日期"),
                        ),
                        ("ends_on", models.DateField(verbose_name="结束日期")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("proposed", "待对方确认"),
                                    ("confirmed", "有效"),
                                    ("refused", "未同意"),
                                    ("withdrawn", "已撤回"),
                                    ("ended", "已终止"),
                                ],
                                default="proposed",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "proposed_side",
                            models.CharField(
                                choices=[
                                    ("client", "委托方"),
                                    ("agent", "受托方"),
                                    ("staff", "科技部门"),
                                    ("term", "到期"),
                                ],
                                editable=False,
                                max_length=6,
                                verbose_name="由谁提出",
                            ),
                        ),
                        (
                            "proposed_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="提出时间"
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                blank=True,
                                choices=[("account", "双方账号确认"), ("document", "书面委托书，科技部门核对")],
                                editable=False,
                                max_length=10,
                                verbose_name="依据",
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="确认时间")),
                        ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="终止时间")),
                        (
                            "closed_side",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("client", "委托方"),
                                    ("agent", "受托方"),
                                    ("staff", "科技部门"),
                                    ("term", "到期"),
                                ],
                                editable=False,
                                max_length=6,
                                verbose_name="由谁终止",
                            ),
                        ),
                        (
                            "closed_reason",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="终止原因"),
                        ),
                        (
                            "file",
                            models.FileField(
                                blank=True,
                                editable=False,
                                max_length=200,
                                upload_to="mandates/%Y/%m/",
                                verbose_name="委托书",
                            ),
                        ),
                        (
                            "file_name",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="委托书文件名"),
                        ),
                        ("file_type", models.CharField(blank=True, editable=False, max_length=100)),
                        ("file_sha256", models.CharField(blank=True, editable=False, max_length=64)),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mandates",
                                to="brokers.agency",
                                verbose_name="服务机构",
                            ),
                        ),
                        (
                            "broker",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mandates",
                                to="brokers.broker",
                                verbose_name="技术经纪人",
                            ),
                        ),
                        (
                            "client",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mandates_given",
                                to="accounts.organisation",
                                verbose_name="委托方",
                            ),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="终止人",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确认人",
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.contact",
                                verbose_name="委托方联系人",
                            ),
                        ),
                        (
                            "filed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上传人",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "委托",
                        "verbose_name_plural": "委托",
                        "ordering": ["-proposed_at", "-pk"],
                        "indexes": [models.Index(fields=["status", "ends_on"], name="mandate_by_term")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("agency", None), ("broker__isnull", False)),
                                    models.Q(("agency__isnull", False), ("broker", None)),
                                    _connector="OR",
                                ),
                                name="mandate_has_one_agent",
                                violation_error_message="请选择一位技术经纪人，或者一家服务机构。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                                name="mandate_term_in_order",
                                violation_error_message="结束日期不能早于开始日期。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("rights", []), _negated=True),
                                name="mandate_has_a_right",
                                violation_error_message="请至少选择一项委托范围。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("basis", ""), ("confirmed_at", None), ("confirmed_by", None)),
                                    models.Q(
                                        ("confirmed_at__isnull", False),
                                        ("confirmed_by__isnull", False),
                                        models.Q(("basis", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="mandate_confirmed_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "confirmed"), _negated=True),
                                    ("confirmed_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="mandate_in_force_when_confirmed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("basis", "document"), _negated=True),
                                    models.Q(("file", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="mandate_document_is_kept",
                                violation_error_message="按书面委托书确认，需要先上传委托书。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at", None),
                                        ("closed_side", ""),
                                        ("status__in", ["proposed", "confirmed"]),
                                    ),
                                    models.Q(
                                        models.Q(("status__in", ["proposed", "confirmed"]), _negated=True),
                                        ("closed_at__isnull", False),
                                        models.Q(("closed_side", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="mandate_closed_by_a_side",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("broker__isnull", False), ("status__in", ["proposed", "confirmed"])
                                ),
                                fields=("client", "broker"),
                                name="mandate_open_once_with_broker",
                                violation_error_message="双方之间已有一份有效或待确认的委托，请先终止或撤回那一份。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("agency__isnull", False), ("status__in", ["proposed", "confirmed"])
                                ),
                                fields=("client", "agency"),
                                name="mandate_open_once_with_agency",
                                violation_error_message="双方之间已有一份有效或待确认的委托，请先终止或撤回那一份。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="MandatedAct",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        ("action", models.CharField(max_length=60, verbose_name="做了什么")),
                        ("subject_type", models.CharField(max_length=60)),
                        ("subject_id", models.BigIntegerField()),
                        ("subject_title", models.CharField(max_length=200, verbose_name="有关记录")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "mandate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acts",
                                to="mandates.mandate",
                                verbose_name="委托",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "受托办理",
                        "verbose_name_plural": "受托办理",
                        "ordering": ["-at", "-pk"],
                        "indexes": [
                            models.Index(fields=["subject_type", "subject_id"], name="mandated_act_by_subject")
                        ],
                    },
                ),
            ]
        ),
    ]
