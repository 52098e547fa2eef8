from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
import deals.models.confirmation
from core.create_models import CreateModels
from core.roles import grant

SIGNALS = (
    *("affiliates", "ownership", "circles", "splits", "above_deal", "overpaid", "before_deal", "paid_before_signing"),
    *("year_end_signing", "late_registration", "round_year_end", "same_number", "same_terms", "same_deal"),
    *("sold_twice", "interested_person", "far_price"),
)
READ = ["view_case", "view_ownership", "view_registereddetails", "view_signalrule"]
WRITE = [
    *("add_ownership", "change_ownership", "add_registereddetails", "change_registereddetails", "change_signalrule"),
]


def create_rules(apps, schema_editor):
    rules = apps.get_model("integrity", "SignalRule")
    rules.objects.bulk_create(rules(signal=signal) for signal in SIGNALS)


def grant_permissions(apps, schema_editor):
    grant(apps, "integrity", {"city_officer": READ + WRITE, "auditor": READ})


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("deals", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="SignalRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "signal",
                            models.CharField(
                                choices=[
                                    ("affiliates", "关联单位"),
                                    ("ownership", "持股关系"),
                                    ("circles", "款项循环"),
                                    ("splits", "拆分合同"),
                                    ("above_deal", "高于成交项目"),
                                    ("overpaid", "到账超过合同"),
                                    ("before_deal", "合同早于成交"),
                                    ("paid_before_signing", "到账早于签订"),
                                    ("year_end_signing", "年底签订、跨年登记"),
                                    ("late_registration", "登记过晚"),
                                    ("round_year_end", "年底整数"),
                                    ("same_number", "编号重复"),
                                    ("same_terms", "内容重复"),
                                    ("same_deal", "同一成交重复登记"),
                                    ("sold_twice", "独占成果再卖"),
                                    ("interested_person", "经办人是当事方"),
                                    ("far_price", "价格悬殊"),
                                ],
                                max_length=20,
                                unique=True,
                                verbose_name="线索种类",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        ("thresholds", models.JSONField(blank=True, default=dict, verbose_name="阈值")),
                    ],
                    options={
                        "verbose_name": "核查规则",
                        "verbose_name_plural": "核查规则",
                        "ordering": ["pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Case",
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
                            "signal",
                            models.CharField(
                                choices=[
                                    ("affiliates", "关联单位"),
                                    ("ownership", "持股关系"),
                                    ("circles", "款项循环"),
                                    ("splits", "拆分合同"),
                                    ("above_deal", "高于成交项目"),
                                    ("overpaid", "到账超过合同"),
                                    ("before_deal", "合同早于成交"),
                                    ("paid_before_signing", "到账早于签订"),
                                    ("year_end_signing", "年底签订、跨年登记"),
                                    ("late_registration", "登记过晚"),
                                    ("round_year_end", "年底整数"),
                                    ("same_number", "编号重复"),
                                    ("same_terms", "内容重复"),
                                    ("same_deal", "同一成交重复登记"),
                                    ("sold_twice", "独占成果再卖"),
                                    ("interested_person", "经办人是当事方"),
                                    ("far_price", "价格悬殊"),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="线索种类",
                            ),
                        ),
                        ("key", models.CharField(editable=False, max_length=64)),
                        ("sentence", models.TextField(editable=False, verbose_name="看到了什么")),
                        (
                            "parties",
                            models.TextField(blank=True, default="", editable=False, verbose_name="当事方名称"),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(
                                decimal_places=2,
                                default=0,
                                editable=False,
                                max_digits=16,
                                verbose_name="涉及金额（万元）",
                            ),
                        ),
                        ("facts_hash", models.CharField(editable=False, max_length=32)),
                        ("revision", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("open", "待核查"),
                                    ("asked", "等说明"),
                                    ("answered", "已说明"),
                                    ("decided", "已决定"),
                                    ("gone", "线索消失"),
                                ],
                                default="open",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("unfounded", "不成立"),
                                    ("related", "成立，计入其中关联"),
                                    ("excluded", "成立，不计入"),
                                    ("corrected", "已改正"),
                                ],
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="决定",
                            ),
                        ),
                        ("decided_hash", models.CharField(blank=True, default="", editable=False, max_length=32)),
                        (
                            "seen_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="首次发现"
                            ),
                        ),
                        (
                            "changed_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="最近变化"
                            ),
                        ),
                        (
                            "organisations",
                            models.ManyToManyField(
                                editable=False, related_name="+", to="accounts.organisation", verbose_name="当事方"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "诚信线索",
                        "verbose_name_plural": "诚信线索",
                        "ordering": ["-amount_wan", "pk"],
                        "indexes": [models.Index(fields=["status", "-amount_wan"], name="integrity_case_queue")],
                        "constraints": [
                            models.UniqueConstraint(fields=("signal", "key"), name="integrity_case_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "decided"), _negated=True),
                                    models.Q(
                                        models.Q(("outcome", ""), _negated=True),
                                        models.Q(("decided_hash", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="integrity_case_decided_with_outcome",
                                violation_error_message="已决定的线索要有决定。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rows",
                                to="integrity.case",
                                verbose_name="线索",
                            ),
                        ),
                        (
                            "contract",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deals.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "payment",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deals.payment",
                                verbose_name="到账",
                            ),
                        ),
                        (
                            "deal",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        ("is_proposed", models.BooleanField(default=True, editable=False, verbose_name="建议处理")),
                        ("is_current", models.BooleanField(default=True, editable=False, verbose_name="仍在线索中")),
                        (
                            "figure_effect",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="case_row",
                                to="deals.figureeffect",
                                verbose_name="统计",
                            ),
                        ),
                        ("order", models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="顺序")),
                    ],
                    options={
                        "verbose_name": "线索中的记录",
                        "verbose_name_plural": "线索中的记录",
                        "ordering": ["case", "order", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "contract", "payment", "deal"),
                                name="integrity_row_once",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("contract__isnull", False), ("deal", None), ("payment", None)),
                                    models.Q(("contract", None), ("deal", None), ("payment__isnull", False)),
                                    models.Q(
                                        ("contract", None),
                                        ("deal__isnull", False),
                                        ("figure_effect", None),
                                        ("payment", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="integrity_row_is_one_record",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="integrity.case",
                                verbose_name="线索",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("unfounded", "不成立"),
                                    ("related", "成立，计入其中关联"),
                                    ("excluded", "成立，不计入"),
                                    ("corrected", "已改正"),
                                ],
                                max_length=10,
                                verbose_name="决定",
                            ),
                        ),
                        ("reason", models.CharField(max_length=500, verbose_name="理由")),
                        (
                            "correction",
                            models.CharField(blank=True, default="", max_length=200, verbose_name="改正情况"),
                        ),
                        ("facts_hash", models.CharField(max_length=32)),
                        ("effects", models.JSONField(blank=True, default=list)),
                        ("figures", models.JSONField(blank=True, default=list)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="决定人",
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="决定时间")),
                    ],
                    options={
                        "verbose_name": "线索决定",
                        "verbose_name_plural": "线索决定",
                        "ordering": ["-at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="integrity_decision_with_reason",
                                violation_error_message="作出决定请写明理由。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("outcome", "corrected"), _negated=True),
                                    models.Q(("correction", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="integrity_decision_names_correction",
                                violation_error_message="已改正的请写明改正情况，如更正后的登记编号。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Explanation",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="explanations",
                                to="integrity.case",
                                verbose_name="线索",
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
                        ("question", models.CharField(max_length=500, verbose_name="请说明")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="请求人",
                            ),
                        ),
                        (
                            "asked_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="请求时间"
                            ),
                        ),
                        ("due_on", models.DateField(editable=False, verbose_name="答复期限")),
                        ("text", models.TextField(blank=True, default="", max_length=2000, verbose_name="说明")),
                        (
                            "file",
                            models.FileField(
                                blank=True, max_length=200, upload_to="integrity/%Y/%m/", verbose_name="证明材料"
                            ),
                        ),
                        (
                            "file_name",
                            models.CharField(
                                blank=True, default="", editable=False, max_length=200, verbose_name="文件名"
                            ),
                        ),
                        (
                            "file_type",
                            models.CharField(
                                blank=True, default="", editable=False, max_length=100, verbose_name="类型"
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
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                        ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="撤回时间")),
                    ],
                    options={
                        "verbose_name": "当事方说明",
                        "verbose_name_plural": "当事方说明",
                        "ordering": ["-asked_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["organisation", "-asked_at"], name="explanation_by_organisation")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("answered_at", None), ("withdrawn_at", None)),
                                fields=("case", "organisation"),
                                name="explanation_one_pending",
                                violation_error_message="已经请这个单位说明，还没有答复。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answered_at", None), ("answered_by", None)),
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("answered_by__isnull", False),
                                        models.Q(("text", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="explanation_answered_with_text",
                                violation_error_message="请填写说明。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Ownership",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="持股单位",
                            ),
                        ),
                        (
                            "owned",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="被持股单位",
                            ),
                        ),
                        (
                            "share",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=5,
                                validators=[
                                    django.core.validators.MinValueValidator(Decimal("0.01")),
                                    django.core.validators.MaxValueValidator(Decimal("100")),
                                ],
                                verbose_name="持股比例（%）",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                help_text="如国家企业信用信息公示系统，2026年11月3日查询",
                                max_length=200,
                                verbose_name="依据",
                            ),
                        ),
                        ("held_from", models.DateField(blank=True, null=True, verbose_name="持股开始日期")),
                        ("ended_on", models.DateField(blank=True, null=True, verbose_name="终止日期")),
                        (
                            "recorded_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="登记时间"
                            ),
                        ),
                        (
                            "facts_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("owner")),
                                    deals.models.confirmation.FactText(models.F("owned")),
                                    deals.models.confirmation.FactText(models.F("share")),
                                    deals.models.confirmation.FactText(models.F("source")),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("held_from"))
                                    ),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "持股关系",
                        "verbose_name_plural": "持股关系",
                        "ordering": ["owner__name", "owned__name"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_on", None)),
                                fields=("owner", "owned"),
                                name="ownership_once",
                                violation_error_message="这两个单位的持股关系已经登记，比例有变化请先终止原来的。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("owner", models.F("owned")), _negated=True),
                                name="ownership_of_another",
                                violation_error_message="请选择两个不同的单位。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("share__gt", Decimal("0")), ("share__lte", Decimal("100"))),
                                name="ownership_share_within_whole",
                                violation_error_message="持股比例大于 0，不超过 100%。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("held_from", None),
                                    ("ended_on", None),
                                    ("ended_on__gte", models.F("held_from")),
                                    _connector="OR",
                                ),
                                name="ownership_days_in_order",
                                violation_error_message="终止日期不能早于持股开始日期。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="RegisteredDetails",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "organisation",
                            models.OneToOneField(
                                error_messages={"unique": "这个单位的登记信息已经录入，请修改原来的。"},
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="registered_details",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        ("address", models.CharField(blank=True, max_length=200, verbose_name="住所")),
                        (
                            "legal_representative",
                            models.CharField(blank=True, max_length=30, verbose_name="法定代表人"),
                        ),
                        ("phone", models.CharField(blank=True, max_length=30, verbose_name="联系电话")),
                        (
                            "source",
                            models.CharField(
                                help_text="如国家企业信用信息公示系统，2026年11月3日查询",
                                max_length=200,
                                verbose_name="依据",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="录入人",
                            ),
                        ),
                        ("recorded_at", models.DateTimeField(auto_now=True, verbose_name="录入时间")),
                    ],
                    options={
                        "verbose_name": "单位登记信息",
                        "verbose_name_plural": "单位登记信息",
                        "ordering": ["organisation__name"],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Scan",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        ("last_record", models.BigIntegerField(default=0, verbose_name="操作记录至")),
                        ("contracts", models.PositiveIntegerField(default=0, verbose_name="合同")),
                        ("findings", models.PositiveIntegerField(default=0, verbose_name="线索")),
                        ("opened", models.PositiveIntegerField(default=0, verbose_name="新线索")),
                        ("changed", models.PositiveIntegerField(default=0, verbose_name="有变化")),
                        ("gone", models.PositiveIntegerField(default=0, verbose_name="消失")),
                    ],
                    options={
                        "verbose_name": "诚信核查",
                        "verbose_name_plural": "诚信核查",
                        "ordering": ["-pk"],
                    },
                ),
            ]
        ),
        migrations.RunPython(create_rules, migrations.RunPython.noop),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
