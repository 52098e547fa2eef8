from decimal import Decimal

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.state import StateApps

import core.plain_text
import core.public_id
import core.public_text
from core.create_models import CreateModels
from core.roles import grant


def grant_to_roles(apps: StateApps, _schema_editor) -> None:
    grant(
        apps,
        "brokerage",
        {
            "city_officer": ["view_profilerevision", "review_profile"],
            "auditor": ["view_profilerevision"],
        },
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
        ("achievements", "0001_initial"),
        ("brokers", "0001_initial"),
        ("deals", "0001_initial"),
        ("demands", "0001_initial"),
        ("mandates", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Commission",
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
                            "percent",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=5, null=True, verbose_name="比例（%）"
                            ),
                        ),
                        (
                            "fixed_wan",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="固定金额（万元）"
                            ),
                        ),
                        (
                            "base",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("received", "已核实的到账金额"),
                                    ("contract", "登记合同的成交额"),
                                    ("technology", "登记合同的技术交易额"),
                                ],
                                max_length=10,
                                verbose_name="按什么计算",
                            ),
                        ),
                        (
                            "cap_wan",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="最高金额（万元）"
                            ),
                        ),
                        (
                            "due",
                            models.CharField(
                                choices=[
                                    ("payment", "每笔到账后 30 天内"),
                                    ("registered", "合同登记后 30 天内"),
                                    ("day", "约定日期以前"),
                                ],
                                max_length=10,
                                verbose_name="何时支付",
                            ),
                        ),
                        ("due_on", models.DateField(blank=True, null=True, verbose_name="约定日期")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="其他约定")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("proposed", "待对方同意"),
                                    ("agreed", "双方同意"),
                                    ("refused", "未同意"),
                                    ("withdrawn", "已撤回"),
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
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                        ("reason", models.CharField(blank=True, editable=False, max_length=300, verbose_name="原因")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
                        (
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="commissions",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        (
                            "mandate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="commissions",
                                to="mandates.mandate",
                                verbose_name="委托",
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
                        "verbose_name": "佣金约定",
                        "verbose_name_plural": "佣金约定",
                        "ordering": ["-proposed_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("fixed_wan", None),
                                        ("percent__isnull", False),
                                        models.Q(("base", ""), _negated=True),
                                    ),
                                    models.Q(("base", ""), ("fixed_wan__isnull", False), ("percent", None)),
                                    _connector="OR",
                                ),
                                name="commission_percent_or_fixed",
                                violation_error_message="请填写比例和计算基数，或者填写固定金额，只填一种。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("percent", None),
                                        models.Q(("percent__gt", Decimal("0")), ("percent__lte", Decimal("100"))),
                                        _connector="OR",
                                    ),
                                    models.Q(("fixed_wan", None), ("fixed_wan__gt", Decimal("0")), _connector="OR"),
                                    models.Q(("cap_wan", None), ("cap_wan__gt", Decimal("0")), _connector="OR"),
                                ),
                                name="commission_sums_positive",
                                violation_error_message="比例应大于 0、不超过 100；金额应大于 0。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("due", "day"), ("due_on__isnull", False)),
                                    models.Q(models.Q(("due", "day"), _negated=True), ("due_on", None)),
                                    _connector="OR",
                                ),
                                name="commission_due_on_a_day",
                                violation_error_message="选“约定日期以前”时请填写日期，其他情况不填。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answered_at", None), ("status", "proposed")),
                                    models.Q(
                                        models.Q(("status", "proposed"), _negated=True), ("answered_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="commission_answered_iff_decided",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["proposed", "agreed"])),
                                fields=("deal", "mandate"),
                                name="commission_open_once",
                                violation_error_message="这项成交已有一份佣金约定，请先撤回或由对方答复。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="CommissionPayment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(decimal_places=2, max_digits=12, verbose_name="金额（万元）"),
                        ),
                        ("paid_on", models.DateField(verbose_name="支付日期")),
                        (
                            "told_side",
                            models.CharField(
                                choices=[
                                    ("client", "委托方"),
                                    ("agent", "受托方"),
                                    ("staff", "科技部门"),
                                    ("term", "到期"),
                                ],
                                editable=False,
                                max_length=6,
                                verbose_name="由谁记录",
                            ),
                        ),
                        (
                            "told_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="记录时间"
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="确认时间")),
                        (
                            "commission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="brokerage.commission",
                                verbose_name="佣金约定",
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
                            "told_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "佣金支付",
                        "verbose_name_plural": "佣金支付",
                        "ordering": ["paid_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_wan__gt", Decimal("0"))),
                                name="commission_payment_positive",
                                violation_error_message="金额应大于 0。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("confirmed_at", None), ("confirmed_by", None)),
                                    models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="commission_payment_confirmed_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HelpRequest",
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
                        ("text", models.TextField(max_length=1000, verbose_name="想请帮什么忙")),
                        (
                            "asked_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="提出时间"
                            ),
                        ),
                        ("answer_due_on", models.DateField(verbose_name="答复期限")),
                        ("reminded_at", models.DateTimeField(editable=False, null=True, verbose_name="提醒时间")),
                        (
                            "district_told_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="提请区县时间"),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("sent", "待答复"),
                                    ("taken", "已接受"),
                                    ("declined", "已谢绝"),
                                    ("withdrawn", "已撤回"),
                                ],
                                default="sent",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                        ("reason", models.CharField(blank=True, editable=False, max_length=300, verbose_name="原因")),
                        (
                            "achievement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="help_requests",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="help_requests",
                                to="brokers.agency",
                                verbose_name="服务机构",
                            ),
                        ),
                        (
                            "answered_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
                        (
                            "asked_by_user",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                        (
                            "asker",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="help_requests",
                                to="accounts.organisation",
                                verbose_name="提出单位",
                            ),
                        ),
                        (
                            "broker",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="help_requests",
                                to="brokers.broker",
                                verbose_name="技术经纪人",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="help_requests",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "mandate",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="help_request",
                                to="mandates.mandate",
                                verbose_name="委托",
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taken_requests",
                                to="brokers.broker",
                                verbose_name="接受人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "帮我找",
                        "verbose_name_plural": "帮我找",
                        "ordering": ["-asked_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "sent")),
                                fields=["answer_due_on"],
                                name="help_request_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("broker", None), ("agency", None), _connector="OR"),
                                name="help_request_to_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("demand", None), ("achievement", None), _connector="OR"),
                                name="help_request_about_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["sent", "withdrawn"]),
                                    models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="help_request_answered_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "taken"), ("taken_by__isnull", False)),
                                    models.Q(models.Q(("status", "taken"), _negated=True), ("taken_by", None)),
                                    _connector="OR",
                                ),
                                name="help_request_taken_by_a_broker",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "declined"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="help_request_declined_with_reason",
                                violation_error_message="谢绝请写明原因。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("status__in", ["sent", "taken"]),
                                    models.Q(
                                        ("demand__isnull", False), ("achievement__isnull", False), _connector="OR"
                                    ),
                                ),
                                fields=("asker", "demand", "achievement", "broker", "agency"),
                                name="help_request_open_once",
                                nulls_distinct=False,
                                violation_error_message="这件事已经请对方帮忙，正在进行中，请在原来的一条里继续。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="NextStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("subject_type", models.CharField(max_length=20)),
                        ("subject_id", models.BigIntegerField()),
                        ("text", models.CharField(max_length=200, verbose_name="下一步")),
                        ("due_on", models.DateField(verbose_name="日期")),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="记录时间"
                            ),
                        ),
                        ("done_at", models.DateTimeField(editable=False, null=True, verbose_name="完成时间")),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="服务机构",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "下一步",
                        "verbose_name_plural": "下一步",
                        "ordering": ["due_on", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("done_at", None)),
                                fields=("agency", "subject_type", "subject_id"),
                                name="next_step_open_once",
                                violation_error_message="这件事已有下一步，请先完成或改写它。",
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Profile",
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
                        ("introduction", models.TextField(blank=True, max_length=1500, verbose_name="介绍")),
                        (
                            "languages",
                            models.CharField(
                                blank=True, help_text="如普通话、英语、日语", max_length=60, verbose_name="工作语言"
                            ),
                        ),
                        (
                            "services",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("development", "技术开发服务"),
                                        ("transfer", "技术转让服务"),
                                        ("technical_service", "技术服务"),
                                        ("consulting", "技术咨询服务"),
                                        ("evaluation", "技术评价服务"),
                                        ("financing", "技术投融资服务"),
                                        ("platform", "信息网络平台服务"),
                                    ],
                                    max_length=20,
                                ),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="提供的服务",
                            ),
                        ),
                        ("takes_requests", models.BooleanField(default=True, verbose_name="接受“帮我找”")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                        (
                            "agency",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="profile",
                                to="brokers.agency",
                                verbose_name="服务机构",
                            ),
                        ),
                        (
                            "broker",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="profile",
                                to="brokers.broker",
                                verbose_name="技术经纪人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "经纪人主页",
                        "verbose_name_plural": "经纪人主页",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("agency", None), ("broker__isnull", False)),
                                    models.Q(("agency__isnull", False), ("broker", None)),
                                    _connector="OR",
                                ),
                                name="profile_of_one",
                            )
                        ],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="ProfileCase",
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
                        ("text", models.CharField(max_length=300, verbose_name="案例")),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="提出时间"
                            ),
                        ),
                        (
                            "seller_agreed_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="卖方同意时间"),
                        ),
                        (
                            "buyer_agreed_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="买方同意时间"),
                        ),
                        ("removed_at", models.DateTimeField(editable=False, null=True, verbose_name="撤下时间")),
                        (
                            "buyer_agreed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deals.contract",
                                verbose_name="登记合同",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                        (
                            "profile",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="brokerage.profile",
                                verbose_name="主页",
                            ),
                        ),
                        (
                            "seller_agreed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "主页案例",
                        "verbose_name_plural": "主页案例",
                        "ordering": ["-made_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("removed_at", None)),
                                fields=("profile", "contract"),
                                name="profile_case_once",
                                violation_error_message="这份合同已经写成案例。",
                            )
                        ],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="ProfileRevision",
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
                        ("before", models.JSONField(default=dict, editable=False, verbose_name="原来的内容")),
                        ("after", models.JSONField(default=dict, editable=False, verbose_name="修改后的内容")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "待审核"),
                                    ("accepted", "已批准"),
                                    ("returned", "已退回"),
                                    ("withdrawn", "已撤回"),
                                ],
                                default="pending",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("proposed_at", models.DateTimeField(auto_now_add=True, verbose_name="提交时间")),
                        ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="处理时间")),
                        (
                            "reason",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="退回原因"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="处理人",
                            ),
                        ),
                        (
                            "profile",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="revisions",
                                to="brokerage.profile",
                                verbose_name="主页",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提交人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "主页的修改",
                        "verbose_name_plural": "主页的修改",
                        "ordering": ["-proposed_at", "-pk"],
                        "permissions": [("review_profile", "Can review profiles")],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "pending")),
                                fields=("profile",),
                                name="profile_revision_pending_once",
                                violation_error_message="已有一份修改在等审核。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at", None), ("decided_by", None), ("status", "pending")),
                                    models.Q(
                                        models.Q(("status", "pending"), _negated=True),
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="profile_revision_decided_iff_by_and_at",
                                violation_error_message="处理过的修改须有处理人和时间。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "returned"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="profile_revision_returned_with_reason",
                                violation_error_message="退回修改须写明原因。",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunPython(grant_to_roles, migrations.RunPython.noop),
    ]
