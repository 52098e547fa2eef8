import datetime
from datetime import date
from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.validators
import core.plain_text
import core.public_id
import core.public_text
import deals.models.confirmation
import deals.models.registration
from core.create_models import CreateModels
from core.roles import grant

FOUR = ["development", "transfer", "consulting", "service"]
FIVE = ["development", "transfer", "licence", "consulting", "service"]
NUMBER = r"\d{14}|\d{16}"
# What is not known for certain is said in the note; the city edits the rows.
RULES = [
    {
        "name": "技术合同认定登记管理办法（2000 年）",
        "authority": "科技主管部门",
        "kinds": FOUR,
        "number_pattern": NUMBER,
        "valid_from": None,
        "valid_to": date(2020, 12, 31),
        "source": "2000 年《技术合同认定登记管理办法》、2001 年《技术合同认定规则》",
        "note": "技术许可归入技术转让。",
    },
    {
        "name": "技术合同认定登记管理办法（2000 年，民法典施行后）",
        "authority": "科技主管部门",
        "kinds": FIVE,
        "number_pattern": NUMBER,
        "valid_from": date(2021, 1, 1),
        "valid_to": date(2026, 1, 22),
        "source": "民法典第三编第二十章：技术转让合同和技术许可合同分列",
        "note": "",
    },
    {
        "name": "技术合同认定登记管理办法（2026 年）",
        "authority": "工业和信息化主管部门",
        "kinds": FIVE,
        "number_pattern": NUMBER,
        "valid_from": date(2026, 1, 23),
        "valid_to": None,
        "source": "工业和信息化部 2026 年 1 月 23 日发布的《技术合同认定登记管理办法》",
        "note": "生效日期按发布日填写；施行日期、编号格式和本市受理机构请以原文为准，核实后在这里修改。",
    },
]


def fill_registration_rules(apps, schema_editor):
    Rule = apps.get_model("deals", "RegistrationRule")
    for row in RULES:
        Rule.objects.get_or_create(name=row["name"], defaults=row)


READ = [
    *("view_deal", "view_contract", "view_registrationrule"),
    *("view_payment", "view_landing", "view_instalment"),
]
GRANTS = {
    "city_officer": [*READ, "add_registrationrule", "change_registrationrule", "check_payment", "check_landing"],
    "district_officer": READ,
    "auditor": READ,
}


def grant_permissions(apps, schema_editor):
    grant(apps, "deals", GRANTS)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("brokers", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("demands", "0001_initial"),
        ("matching", "0001_initial"),
        ("rounds", "0001_initial"),
        ("taxonomy", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Deal",
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
                            "origin",
                            models.CharField(
                                choices=[
                                    ("match", "平台匹配"),
                                    ("approach", "主动对接"),
                                    ("meeting", "对接洽谈"),
                                    ("outside", "平台之外"),
                                ],
                                editable=False,
                                max_length=10,
                                verbose_name="来源",
                            ),
                        ),
                        (
                            "follow_up",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deal",
                                to="matching.followup",
                                verbose_name="对接跟进",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals",
                                to="rounds.meeting",
                                verbose_name="洽谈",
                            ),
                        ),
                        (
                            "outside_achievement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="achievements.achievement",
                                verbose_name="成果（平台之外）",
                            ),
                        ),
                        (
                            "outside_demand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="demands.demand",
                                verbose_name="需求（平台之外）",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="项目名称")),
                        (
                            "seller",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals_sold",
                                to="accounts.organisation",
                                verbose_name="转让方",
                            ),
                        ),
                        (
                            "seller_name",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=100,
                                verbose_name="转让方名称（按登记人所写）",
                            ),
                        ),
                        (
                            "buyer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals_bought",
                                to="accounts.organisation",
                                verbose_name="受让方",
                            ),
                        ),
                        (
                            "buyer_name",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=100,
                                verbose_name="受让方名称（按登记人所写）",
                            ),
                        ),
                        (
                            "broker",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals",
                                to="brokers.broker",
                                verbose_name="技术经纪人",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deals",
                                to="brokers.agency",
                                verbose_name="服务机构",
                            ),
                        ),
                        (
                            "stage",
                            models.CharField(
                                choices=[
                                    ("intent", "意向"),
                                    ("signed", "协议签约"),
                                    ("registered", "合同登记"),
                                    ("performing", "履约到账"),
                                    ("landed", "落地"),
                                    ("reviewed", "已复盘"),
                                    ("failed", "未成"),
                                ],
                                default="intent",
                                editable=False,
                                max_length=12,
                                verbose_name="阶段",
                            ),
                        ),
                        (
                            "stage_on",
                            models.DateField(
                                default=django.utils.timezone.localdate, editable=False, verbose_name="进入该阶段的日期"
                            ),
                        ),
                        (
                            "intent_wan",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="意向金额（万元）"
                            ),
                        ),
                        (
                            "signed_wan",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="签约金额（万元）"
                            ),
                        ),
                        (
                            "way",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("assignment", "技术转让"),
                                    ("licence", "技术许可"),
                                    ("joint_development", "合作开发"),
                                    ("commissioned", "委托开发"),
                                    ("equity", "作价入股"),
                                    ("service", "技术咨询与服务"),
                                    ("own_investment", "自行实施"),
                                    ("other", "其他方式"),
                                ],
                                db_default="",
                                default="",
                                max_length=20,
                                verbose_name="转化方式",
                            ),
                        ),
                        (
                            "licence",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("exclusive", "独占许可"),
                                    ("sole", "排他许可"),
                                    ("plain", "普通许可"),
                                    ("open", "开放许可"),
                                    ("pay_later", "先使用后付费"),
                                ],
                                db_default="",
                                default="",
                                help_text="技术许可时填写",
                                max_length=10,
                                verbose_name="许可方式",
                            ),
                        ),
                        (
                            "pricing",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("agreed", "协议定价"),
                                    ("listed", "技术交易市场挂牌"),
                                    ("auction", "技术拍卖"),
                                ],
                                db_default="",
                                default="",
                                max_length=10,
                                verbose_name="定价方式",
                            ),
                        ),
                        (
                            "exclusive_from",
                            models.DateField(
                                blank=True,
                                help_text="转让、独占或排他许可从这一天起不再推荐给其他企业",
                                null=True,
                                verbose_name="独占开始日期",
                            ),
                        ),
                        (
                            "broker_part",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="由双方在合同中确认",
                                max_length=300,
                                verbose_name="技术经纪人的工作",
                            ),
                        ),
                        (
                            "failed_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("price", "价格或条件没有谈拢"),
                                    ("technology", "技术未达到要求"),
                                    ("funding", "资金没有落实"),
                                    ("changed", "一方情况变化"),
                                    ("other", "其他原因"),
                                ],
                                db_default="",
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="未成原因",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立时间")),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="建立人",
                            ),
                        ),
                        (
                            "facts_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(
                                        models.Case(
                                            models.When(stage="intent", then=models.Value("i")),
                                            models.When(stage="failed", then=models.Value("f")),
                                            default=models.Value("s"),
                                        )
                                    ),
                                    deals.models.confirmation.FactText(models.F("name")),
                                    deals.models.confirmation.FactText(models.F("seller")),
                                    deals.models.confirmation.FactText(models.F("seller_name")),
                                    deals.models.confirmation.FactText(models.F("buyer")),
                                    deals.models.confirmation.FactText(models.F("buyer_name")),
                                    deals.models.confirmation.FactText(models.F("outside_achievement")),
                                    deals.models.confirmation.FactText(models.F("outside_demand")),
                                    deals.models.confirmation.FactText(models.F("intent_wan")),
                                    deals.models.confirmation.FactText(models.F("signed_wan")),
                                    deals.models.confirmation.FactText(models.F("way")),
                                    deals.models.confirmation.FactText(models.F("licence")),
                                    deals.models.confirmation.FactText(models.F("pricing")),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("exclusive_from"))
                                    ),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "成交项目",
                        "verbose_name_plural": "成交项目",
                        "ordering": ["-made_at", "-pk"],
                        "indexes": [models.Index(fields=["stage", "stage_on"], name="deal_by_stage")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("follow_up", None), ("meeting", None), ("origin", "outside")),
                                    models.Q(
                                        ("follow_up__isnull", False),
                                        ("origin__in", ["match", "approach"]),
                                        ("outside_achievement", None),
                                        ("outside_demand", None),
                                    ),
                                    models.Q(
                                        ("follow_up__isnull", False),
                                        ("meeting__isnull", False),
                                        ("origin", "meeting"),
                                        ("outside_achievement", None),
                                        ("outside_demand", None),
                                    ),
                                    models.Q(("follow_up", None), ("meeting__isnull", False), ("origin", "meeting")),
                                    _connector="OR",
                                ),
                                name="deal_comes_from_where_it_says",
                                violation_error_message="平台内的成交从对接跟进或洽谈开始；平台之外的请选择“平台之外”。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("licence", ""), ("way", "licence"), _connector="OR"),
                                name="deal_licence_only_when_licensed",
                                violation_error_message="只有转化方式是“技术许可”时才填写许可方式。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("exclusive_from", None),
                                    ("way", "assignment"),
                                    ("licence__in", ["exclusive", "sole"]),
                                    _connector="OR",
                                ),
                                name="deal_exclusive_only_for_one_alone",
                                violation_error_message="只有转让、独占许可和排他许可才有独占开始日期。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("stage", "failed"), models.Q(("failed_reason", ""), _negated=True)),
                                    models.Q(models.Q(("stage", "failed"), _negated=True), ("failed_reason", "")),
                                    _connector="OR",
                                ),
                                name="deal_failed_with_reason",
                                violation_error_message="记为未成请选择原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("intent_wan", None), ("intent_wan__gte", Decimal("0")), _connector="OR"),
                                    models.Q(("signed_wan", None), ("signed_wan__gte", Decimal("0")), _connector="OR"),
                                ),
                                name="deal_money_not_negative",
                                violation_error_message="金额不能小于 0。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="DealStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        (
                            "stage",
                            models.CharField(
                                choices=[
                                    ("intent", "意向"),
                                    ("signed", "协议签约"),
                                    ("registered", "合同登记"),
                                    ("performing", "履约到账"),
                                    ("landed", "落地"),
                                    ("reviewed", "已复盘"),
                                    ("failed", "未成"),
                                ],
                                max_length=12,
                                verbose_name="阶段",
                            ),
                        ),
                        (
                            "move",
                            models.CharField(
                                choices=[
                                    ("open", "建立"),
                                    ("next", "进入"),
                                    ("skip", "跳至"),
                                    ("back", "退回"),
                                    ("fail", "结束"),
                                ],
                                db_default="next",
                                default="next",
                                max_length=5,
                                verbose_name="步骤",
                            ),
                        ),
                        ("on", models.DateField(verbose_name="日期")),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                        (
                            "person",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=30, verbose_name="经办人"
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="记录时间")),
                    ],
                    options={
                        "verbose_name": "成交进展",
                        "verbose_name_plural": "成交进展",
                        "ordering": ["-made_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("move__in", ["open", "next"]),
                                    models.Q(("note", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="deal_step_aside_with_reason",
                                violation_error_message="跳过阶段、退回或结束请说明原因。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DealFile",
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
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        (
                            "step",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="deals.dealstep",
                                verbose_name="进展",
                            ),
                        ),
                        ("file", models.FileField(max_length=200, upload_to="deals/%Y/%m/", verbose_name="文件")),
                        ("name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                        ("size", models.PositiveBigIntegerField(verbose_name="大小（字节）")),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上传人",
                            ),
                        ),
                        (
                            "uploaded_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间"),
                        ),
                        ("removed_at", models.DateTimeField(editable=False, null=True, verbose_name="移除时间")),
                    ],
                    options={
                        "verbose_name": "证明材料",
                        "verbose_name_plural": "证明材料",
                        "ordering": ["uploaded_at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Confirmation",
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
                        ("subject", models.CharField(editable=False, max_length=40, verbose_name="记录种类")),
                        ("subject_id", models.BigIntegerField(editable=False, verbose_name="记录")),
                        ("matter", models.CharField(editable=False, max_length=20, verbose_name="事项")),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("seller", "转让方"),
                                    ("buyer", "受让方"),
                                    ("broker", "技术经纪人"),
                                    ("agency", "服务机构"),
                                    ("company", "企业"),
                                    ("source", "成果完成单位"),
                                    ("operator", "运营单位"),
                                    ("one", "关联一方"),
                                    ("other", "关联另一方"),
                                ],
                                editable=False,
                                max_length=10,
                                verbose_name="身份",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "broker",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="brokers.broker",
                                verbose_name="技术经纪人",
                            ),
                        ),
                        (
                            "named_as",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=100,
                                verbose_name="写明的名称",
                            ),
                        ),
                        ("title", models.CharField(editable=False, max_length=200, verbose_name="名称")),
                        ("facts", models.JSONField(default=list, editable=False, verbose_name="内容")),
                        ("facts_hash", models.CharField(editable=False, max_length=32)),
                        (
                            "asked_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="请求时间"
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        ("reminded_at", models.DateTimeField(editable=False, null=True, verbose_name="上次提醒")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "待确认"),
                                    ("confirmed", "已确认"),
                                    ("proven", "凭证证明"),
                                    ("objected", "有异议"),
                                    ("expired", "已过期"),
                                ],
                                default="pending",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="确认时间")),
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
                            "capacity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("officer", "本单位专员"),
                                    ("author", "本单位登记"),
                                    ("person", "本人"),
                                    ("link", "联系人凭链接"),
                                ],
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="以什么身份",
                            ),
                        ),
                        ("person", models.CharField(blank=True, default="", max_length=30, verbose_name="答复人姓名")),
                        (
                            "confirms_broker",
                            models.BooleanField(default=False, editable=False, verbose_name="确认经纪人参与促成"),
                        ),
                        ("objected_at", models.DateTimeField(editable=False, null=True, verbose_name="提出异议时间")),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("not_us", "不是我们"),
                                    ("amount", "金额不对"),
                                    ("date", "日期不对"),
                                    ("party", "对方单位不对"),
                                    ("other", "其他内容不对"),
                                ],
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="异议",
                            ),
                        ),
                        ("text", models.CharField(blank=True, default="", max_length=300, verbose_name="异议说明")),
                        (
                            "decision",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "待处理"),
                                    ("upheld", "异议成立"),
                                    ("dismissed", "异议不成立"),
                                    ("lifted", "提出方已确认"),
                                ],
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="异议处理",
                            ),
                        ),
                        (
                            "decision_text",
                            models.CharField(blank=True, default="", max_length=300, verbose_name="处理理由"),
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
                            "proof",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deals.dealfile",
                                verbose_name="凭证",
                            ),
                        ),
                        (
                            "proof_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="凭证记录人",
                            ),
                        ),
                        (
                            "proof_checked_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="凭证复核人",
                            ),
                        ),
                        ("link_hash", models.CharField(blank=True, default="", editable=False, max_length=64)),
                        ("link_expires_at", models.DateTimeField(editable=False, null=True, verbose_name="链接有效期")),
                    ],
                    options={
                        "verbose_name": "当事方确认",
                        "verbose_name_plural": "当事方确认",
                        "ordering": ["-asked_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["organisation", "status"], name="confirmation_by_organisation"),
                            models.Index(
                                condition=models.Q(("decision__in", ["", "upheld"]), ("objected_at__isnull", False)),
                                fields=["subject", "subject_id"],
                                name="confirmation_blocking",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "expired"), _negated=True),
                                fields=("subject", "subject_id", "role"),
                                name="confirmation_one_current_per_role",
                                violation_error_message="这一方已经有一份待确认的记录，请刷新后再看。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("role__in", ["seller", "buyer", "one", "other"]), ("status", "confirmed")
                                ),
                                fields=("subject", "subject_id", "answered_by"),
                                name="confirmation_by_two_people",
                                violation_error_message="对方一侧也是您确认的，请由另一位专员确认。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("link_hash", ""), _negated=True),
                                fields=("link_hash",),
                                name="confirmation_link_opens_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("organisation", None), ("broker", None), _connector="OR"),
                                name="confirmation_of_one_party",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "confirmed"), _negated=True),
                                    models.Q(
                                        ("confirmed_at__isnull", False),
                                        models.Q(
                                            ("organisation__isnull", False), ("broker__isnull", False), _connector="OR"
                                        ),
                                        models.Q(
                                            models.Q(
                                                ("answered_by__isnull", False),
                                                models.Q(("capacity__in", ["", "link"]), _negated=True),
                                            ),
                                            models.Q(("capacity", "link"), models.Q(("person", ""), _negated=True)),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="confirmation_confirmed_by_somebody",
                                violation_error_message="确认要写明由谁、以什么身份作出。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "objected"), _negated=True),
                                    models.Q(("objected_at__isnull", False), models.Q(("reason", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="confirmation_objected_with_reason",
                                violation_error_message="提出异议请选择哪里不对。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decision__in", ["", "lifted"]),
                                    models.Q(
                                        ("decided_by__isnull", False),
                                        ("objected_at__isnull", False),
                                        models.Q(("decision_text", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="confirmation_decided_with_reason",
                                violation_error_message="处理异议请写明理由。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "proven"), _negated=True),
                                    models.Q(
                                        ("proof__isnull", False),
                                        ("proof_by__isnull", False),
                                        ("proof_checked_by__isnull", False),
                                        models.Q(("proof_by", models.F("proof_checked_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="confirmation_proven_by_two_of_staff",
                                violation_error_message="凭证要由另一位工作人员复核。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="RegistrationRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=100, unique=True, verbose_name="规则名称")),
                        ("authority", models.CharField(max_length=100, verbose_name="登记主管部门")),
                        (
                            "kinds",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=12),
                                help_text="这一规则下可以登记的类别",
                                size=None,
                                verbose_name="合同类别",
                            ),
                        ),
                        (
                            "number_pattern",
                            models.CharField(
                                blank=True,
                                help_text="正则表达式；不符合的编号不能登记，也不能导入",
                                max_length=100,
                                verbose_name="编号格式",
                            ),
                        ),
                        ("valid_from", models.DateField(blank=True, null=True, verbose_name="生效日期")),
                        ("valid_to", models.DateField(blank=True, null=True, verbose_name="失效日期")),
                        ("source", models.CharField(blank=True, max_length=300, verbose_name="出处")),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                    ],
                    options={
                        "verbose_name": "登记规则",
                        "verbose_name_plural": "登记规则",
                        "ordering": [models.OrderBy(models.F("valid_from"), nulls_first=True), "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_from", None),
                                    ("valid_to", None),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="registration_rule_dates_in_order",
                                violation_error_message="失效日期不能早于生效日期。",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (
                                        deals.models.registration.DateSpan(
                                            "valid_from", "valid_to", models.Value("[]")
                                        ),
                                        "&&",
                                    )
                                ],
                                name="registration_rules_do_not_overlap",
                                violation_error_message="有效期与另一条规则重叠。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Contract",
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
                            "deal",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contracts",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        ("number", models.CharField(blank=True, max_length=20, verbose_name="登记编号")),
                        ("name", models.CharField(max_length=150, verbose_name="合同名称")),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("development", "技术开发"),
                                    ("transfer", "技术转让"),
                                    ("licence", "技术许可"),
                                    ("consulting", "技术咨询"),
                                    ("service", "技术服务"),
                                ],
                                max_length=12,
                                verbose_name="合同类别",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("preparing", "填报中"),
                                    ("submitted", "已提交登记"),
                                    ("registered", "已认定登记"),
                                    ("cancelled", "已注销"),
                                    ("double", "重复登记"),
                                ],
                                default="preparing",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contracts_sold",
                                to="accounts.organisation",
                                verbose_name="卖方",
                            ),
                        ),
                        ("seller_name", models.CharField(max_length=100, verbose_name="卖方名称")),
                        (
                            "seller_region",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.region",
                                verbose_name="卖方统计归口",
                            ),
                        ),
                        ("is_seller_local", models.BooleanField(blank=True, null=True)),
                        (
                            "buyer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contracts_bought",
                                to="accounts.organisation",
                                verbose_name="买方",
                            ),
                        ),
                        ("buyer_name", models.CharField(max_length=100, verbose_name="买方名称")),
                        (
                            "buyer_region",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.region",
                                verbose_name="买方统计归口",
                            ),
                        ),
                        ("is_buyer_local", models.BooleanField(blank=True, null=True)),
                        (
                            "industry",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="taxonomy.industry",
                                verbose_name="产业链",
                            ),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="合同成交额（万元）",
                            ),
                        ),
                        (
                            "tech_amount_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="核定技术交易额（万元）",
                            ),
                        ),
                        ("signed_on", models.DateField(blank=True, null=True, verbose_name="签订日期")),
                        ("registered_on", models.DateField(blank=True, null=True, verbose_name="登记日期")),
                        ("cancelled_on", models.DateField(blank=True, null=True, verbose_name="注销日期")),
                        (
                            "cancelled_reason",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=200,
                                verbose_name="注销原因",
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contracts",
                                to="deals.registrationrule",
                                verbose_name="登记规则",
                            ),
                        ),
                        (
                            "doubt",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("deal", "可能是平台成交"),
                                    ("double", "可能重复"),
                                    ("party", "单位名称相近"),
                                    ("place", "所在地不明"),
                                    ("changed", "名单改了成交的单位"),
                                    ("number", "登记编号待更正"),
                                    ("money", "到账超过合同额"),
                                ],
                                db_default="",
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="待核对",
                            ),
                        ),
                        (
                            "duplicate_of",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="duplicates",
                                to="deals.contract",
                                verbose_name="与哪份重复",
                            ),
                        ),
                        (
                            "broker",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contracts",
                                to="brokers.broker",
                                verbose_name="技术经纪人",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contracts",
                                to="brokers.agency",
                                verbose_name="服务机构",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "source_file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contracts",
                                to="accounts.sourcefile",
                                verbose_name="登记名单",
                            ),
                        ),
                        ("source_row", models.PositiveIntegerField(blank=True, null=True, verbose_name="名单中的行")),
                        ("form", models.JSONField(blank=True, default=dict, verbose_name="登记表其他栏目")),
                        (
                            "official_hash",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                help_text="最近一份登记名单所载内容",
                                max_length=32,
                            ),
                        ),
                        (
                            "facts_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("deal")),
                                    deals.models.confirmation.FactText(models.F("name")),
                                    deals.models.confirmation.FactText(models.F("kind")),
                                    deals.models.confirmation.FactText(models.F("seller")),
                                    deals.models.confirmation.FactText(models.F("seller_name")),
                                    deals.models.confirmation.FactText(models.F("buyer")),
                                    deals.models.confirmation.FactText(models.F("buyer_name")),
                                    deals.models.confirmation.FactText(models.F("amount_wan")),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("signed_on"))
                                    ),
                                    deals.models.confirmation.FactText(models.F("broker")),
                                    deals.models.confirmation.FactText(models.F("agency")),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                        (
                            "list_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("number")),
                                    deals.models.confirmation.FactText(models.F("name")),
                                    deals.models.confirmation.FactText(models.F("kind")),
                                    deals.models.confirmation.FactText(models.F("seller_name")),
                                    deals.models.confirmation.FactText(models.F("buyer_name")),
                                    deals.models.confirmation.FactText(models.F("amount_wan")),
                                    deals.models.confirmation.FactText(models.F("tech_amount_wan")),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("signed_on"))
                                    ),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("registered_on"))
                                    ),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "技术合同",
                        "verbose_name_plural": "技术合同",
                        "ordering": ["-registered_on", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "registered")),
                                fields=["registered_on"],
                                include=(
                                    "amount_wan",
                                    "tech_amount_wan",
                                    "kind",
                                    "industry",
                                    "seller",
                                    "seller_region",
                                    "is_seller_local",
                                    "buyer",
                                    "buyer_region",
                                    "is_buyer_local",
                                    "broker",
                                    "agency",
                                ),
                                name="contract_counted",
                            ),
                            models.Index(fields=["seller", "registered_on"], name="contract_by_seller"),
                            models.Index(
                                condition=models.Q(("doubt", ""), _negated=True),
                                fields=["doubt", "-registered_on"],
                                name="contract_to_check",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("number", ""), _negated=True),
                                fields=("number",),
                                name="contract_number_once",
                                violation_error_message="已有合同使用这个登记编号。",
                            ),
                            models.UniqueConstraint(
                                django.db.models.functions.text.Right("number", models.Value(14)),
                                condition=models.Q(
                                    models.Q(("number", ""), _negated=True),
                                    models.Q(("status", "double"), _negated=True),
                                ),
                                name="contract_number_once_in_both_forms",
                                violation_error_message="已有合同使用这个登记编号（16 位编号的后 14 位与旧编号相同）。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "registered"), _negated=True),
                                    models.Q(models.Q(("number", ""), _negated=True), ("registered_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="contract_registered_has_number_and_day",
                                violation_error_message="已登记的合同要有登记编号和登记日期。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("cancelled_on__isnull", False), ("status", "cancelled")),
                                    models.Q(models.Q(("status", "cancelled"), _negated=True), ("cancelled_on", None)),
                                    _connector="OR",
                                ),
                                name="contract_cancelled_iff_day",
                                violation_error_message="注销合同要填写注销日期。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "cancelled"), _negated=True),
                                    models.Q(("cancelled_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="contract_cancelled_with_reason",
                                violation_error_message="注销合同要写明原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("duplicate_of__isnull", False), ("status", "double")),
                                    models.Q(models.Q(("status", "double"), _negated=True), ("duplicate_of", None)),
                                    _connector="OR",
                                ),
                                name="contract_duplicate_iff_of_another",
                                violation_error_message="重复登记要指明与哪份合同重复。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("amount_wan", None), ("amount_wan__gte", Decimal("0")), _connector="OR"),
                                    models.Q(
                                        ("tech_amount_wan", None),
                                        ("tech_amount_wan__gte", Decimal("0")),
                                        _connector="OR",
                                    ),
                                ),
                                name="contract_money_not_negative",
                                violation_error_message="合同金额不能小于 0。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount_wan", None),
                                    ("tech_amount_wan", None),
                                    ("tech_amount_wan__lte", models.F("amount_wan")),
                                    _connector="OR",
                                ),
                                name="contract_technology_within_sum",
                                violation_error_message="核定技术交易额不能大于合同成交额。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="PricePublicity",
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
                                null=True,
                                unique=True,
                            ),
                        ),
                        (
                            "is_public",
                            models.BooleanField(db_default=False, default=False, verbose_name="在平台上公示"),
                        ),
                        (
                            "title",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200, verbose_name="公示的成果名称"
                            ),
                        ),
                        (
                            "prolonged_reason",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=200,
                                verbose_name="延长原因",
                            ),
                        ),
                        (
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="publicities",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        (
                            "place",
                            models.CharField(help_text="如本单位网站、公告栏", max_length=200, verbose_name="公示处"),
                        ),
                        (
                            "price_wan",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=12,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="拟交易价格（万元）",
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="公示开始")),
                        ("ends_on", models.DateField(verbose_name="公示结束")),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="记录时间"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "价格公示",
                        "verbose_name_plural": "价格公示",
                        "ordering": ["-starts_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_on__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("starts_on"), "+", models.Value(datetime.timedelta(days=15))
                                        ),
                                    )
                                ),
                                name="publicity_long_enough",
                                violation_error_message="协议定价的公示不少于 15 日。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("price_wan__gte", Decimal("0"))),
                                name="publicity_price_not_negative",
                                violation_error_message="拟交易价格不能小于 0。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_public", False), models.Q(("title", ""), _negated=True), _connector="OR"
                                ),
                                name="publicity_public_with_title",
                                violation_error_message="在平台上公示请写明成果名称。",
                            ),
                        ],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="PriceObjection",
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
                                null=True,
                                unique=True,
                            ),
                        ),
                        (
                            "is_from_page",
                            models.BooleanField(
                                db_default=False, default=False, editable=False, verbose_name="在公示页提出"
                            ),
                        ),
                        (
                            "contact",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=100,
                                verbose_name="怎样答复",
                            ),
                        ),
                        (
                            "raised_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人账号",
                            ),
                        ),
                        ("due_on", models.DateField(editable=False, null=True, verbose_name="答复期限")),
                        (
                            "settled_by",
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
                            "publicity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="objections",
                                to="deals.pricepublicity",
                                verbose_name="价格公示",
                            ),
                        ),
                        ("raised_on", models.DateField(verbose_name="提出日期")),
                        ("who", models.CharField(max_length=60, verbose_name="提出人")),
                        ("text", models.CharField(max_length=500, verbose_name="异议内容")),
                        ("outcome", models.CharField(blank=True, max_length=500, verbose_name="处理结果")),
                        ("settled_on", models.DateField(blank=True, null=True, verbose_name="处理日期")),
                    ],
                    options={
                        "verbose_name": "公示异议",
                        "verbose_name_plural": "公示异议",
                        "ordering": ["raised_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("outcome", ""), ("settled_on", None)),
                                    models.Q(
                                        ("settled_on__gte", models.F("raised_on")),
                                        models.Q(("outcome", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="objection_settled_with_outcome",
                                violation_error_message="处理异议要写明结果和日期，日期不早于提出日期。",
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="PayLater",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "deal",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pay_later",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        ("free_until", models.DateField(verbose_name="免费使用至")),
                        (
                            "trigger",
                            models.CharField(
                                help_text="达到什么条件开始付费，如首批产品通过验收",
                                max_length=300,
                                verbose_name="付费条件",
                            ),
                        ),
                        (
                            "manner",
                            models.CharField(
                                help_text="如按销售额提成 3%，按季支付", max_length=300, verbose_name="付费方式"
                            ),
                        ),
                        ("guarantor", models.CharField(blank=True, max_length=100, verbose_name="担保机构")),
                        ("verdict", models.CharField(blank=True, max_length=500, verbose_name="试用评价")),
                    ],
                    options={
                        "verbose_name": "先使用后付费",
                        "verbose_name_plural": "先使用后付费",
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="EquityStake",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "deal",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="equity_stake",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        ("company", models.CharField(max_length=100, verbose_name="入股公司")),
                        (
                            "valuation_wan",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=12,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="评估作价（万元）",
                            ),
                        ),
                        (
                            "valuer",
                            models.CharField(
                                blank=True, help_text="一般由第三方机构评估", max_length=100, verbose_name="评估机构"
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
                                verbose_name="技术股占公司股份（%）",
                            ),
                        ),
                        (
                            "team_share",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                help_text="法律规定不低于 50%",
                                max_digits=5,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(Decimal("0")),
                                    django.core.validators.MaxValueValidator(Decimal("100")),
                                ],
                                verbose_name="技术股中奖励完成人（%）",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "作价入股",
                        "verbose_name_plural": "作价入股",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("share__gt", Decimal("0")),
                                    ("share__lte", Decimal("100")),
                                    ("valuation_wan__gte", Decimal("0")),
                                    models.Q(
                                        ("team_share", None),
                                        models.Q(
                                            ("team_share__gte", Decimal("0")), ("team_share__lte", Decimal("100"))
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                name="equity_shares_within_whole",
                                violation_error_message="股份在 0 到 100% 之间，作价不能小于 0。",
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="InvestThenShare",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "deal",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invest_then_share",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        (
                            "invested_wan",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=12,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="先投金额（万元）",
                            ),
                        ),
                        ("trustee", models.CharField(max_length=100, verbose_name="受托管理机构")),
                        (
                            "trigger",
                            models.CharField(
                                choices=[("financing", "社会融资"), ("value", "估值或市值"), ("term", "到期")],
                                max_length=10,
                                verbose_name="转股条件",
                            ),
                        ),
                        ("trigger_words", models.CharField(max_length=300, verbose_name="转股条件说明")),
                        ("due_on", models.DateField(blank=True, null=True, verbose_name="转股期限")),
                        (
                            "share",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=5,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(Decimal("0.01")),
                                    django.core.validators.MaxValueValidator(Decimal("100")),
                                ],
                                verbose_name="转股比例（%）",
                            ),
                        ),
                        ("concession", models.CharField(blank=True, max_length=300, verbose_name="让利安排")),
                        ("converted_on", models.DateField(blank=True, null=True, verbose_name="转股日期")),
                        ("ended_as", models.CharField(blank=True, max_length=300, verbose_name="退出或核销情况")),
                    ],
                    options={
                        "verbose_name": "先投后股",
                        "verbose_name_plural": "先投后股",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("invested_wan__gte", Decimal("0")),
                                    models.Q(
                                        ("share", None),
                                        models.Q(("share__gt", Decimal("0")), ("share__lte", Decimal("100"))),
                                        _connector="OR",
                                    ),
                                ),
                                name="invest_then_share_within_whole",
                                violation_error_message="先投金额不能小于 0，转股比例在 0 到 100% 之间。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("trigger", "term"), _negated=True),
                                    ("due_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="invest_then_share_term_has_day",
                                violation_error_message="按到期转股请填写转股期限。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("converted_on", None), ("share__isnull", False), _connector="OR"),
                                name="invest_then_share_converted_with_share",
                                violation_error_message="已转股请填写转股比例。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="OpenChallenge",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "deal",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="open_challenge",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        ("list_number", models.CharField(max_length=40, verbose_name="榜单号")),
                        (
                            "aims",
                            models.TextField(
                                help_text="逐条写，含数值和单位", max_length=1000, verbose_name="技术指标"
                            ),
                        ),
                        (
                            "prize_wan",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=12,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="榜金（万元）",
                            ),
                        ),
                        (
                            "total_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="总投入（万元）",
                            ),
                        ),
                        ("conditions", models.CharField(blank=True, max_length=500, verbose_name="揭榜条件")),
                        ("closes_on", models.DateField(verbose_name="揭榜截止")),
                        ("publicity_from", models.DateField(blank=True, null=True, verbose_name="公示开始")),
                        ("publicity_to", models.DateField(blank=True, null=True, verbose_name="公示结束")),
                        ("milestones", models.TextField(blank=True, max_length=1000, verbose_name="里程碑")),
                        ("accepted_on", models.DateField(blank=True, null=True, verbose_name="验收日期")),
                        ("verdict", models.CharField(blank=True, max_length=300, verbose_name="验收结论")),
                    ],
                    options={
                        "verbose_name": "揭榜挂帅",
                        "verbose_name_plural": "揭榜挂帅",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("prize_wan__gte", Decimal("0")),
                                    models.Q(
                                        ("total_wan", None), ("total_wan__gte", models.F("prize_wan")), _connector="OR"
                                    ),
                                ),
                                name="open_challenge_prize_within_total",
                                violation_error_message="榜金不能小于 0，也不能大于总投入。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("publicity_to", None),
                                    models.Q(
                                        ("publicity_from__isnull", False),
                                        ("publicity_to__gte", models.F("publicity_from")),
                                    ),
                                    _connector="OR",
                                ),
                                name="open_challenge_publicity_in_order",
                                violation_error_message="公示结束不能早于公示开始。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("accepted_on", None), models.Q(("verdict", ""), _negated=True), _connector="OR"
                                ),
                                name="open_challenge_accepted_with_verdict",
                                violation_error_message="填写验收日期时请写验收结论。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Landing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "check_result",
                            models.CharField(
                                blank=True,
                                choices=[("", "待核实"), ("accepted", "核实属实"), ("refused", "核实不符")],
                                db_default="",
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="核实结果",
                            ),
                        ),
                        (
                            "check_text",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=300,
                                verbose_name="核实说明",
                            ),
                        ),
                        (
                            "checked_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核实人",
                            ),
                        ),
                        ("checked_at", models.DateTimeField(editable=False, null=True, verbose_name="核实时间")),
                        (
                            "checked_hash",
                            models.CharField(blank=True, db_default="", default="", editable=False, max_length=32),
                        ),
                        (
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="landings",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("company", "新设公司"),
                                    ("line", "生产线"),
                                    ("product", "新产品上市"),
                                    ("process", "工艺改进投用"),
                                    ("other", "其他"),
                                ],
                                max_length=10,
                                verbose_name="落地形式",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(help_text="公司、产线或产品的名称", max_length=100, verbose_name="名称"),
                        ),
                        (
                            "credit_code",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="新设公司必填，18 位",
                                max_length=18,
                                validators=[accounts.validators.validate_credit_code],
                                verbose_name="统一社会信用代码",
                            ),
                        ),
                        (
                            "capital_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                help_text="新设公司必填",
                                max_digits=12,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="注册资本（万元）",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                blank=True,
                                limit_choices_to={"is_reporting": True},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.region",
                                verbose_name="落地区市县",
                            ),
                        ),
                        (
                            "place",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="不在本市的写省市",
                                max_length=60,
                                verbose_name="外地注册地",
                            ),
                        ),
                        ("landed_on", models.DateField(help_text="公司写成立日期", verbose_name="落地日期")),
                        ("jobs", models.PositiveIntegerField(blank=True, null=True, verbose_name="新增就业（人）")),
                        (
                            "invested_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="投资（万元）",
                            ),
                        ),
                        (
                            "yearly_output_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="年新增产值（万元）",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="记录时间"
                            ),
                        ),
                        (
                            "facts_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("deal")),
                                    deals.models.confirmation.FactText(models.F("kind")),
                                    deals.models.confirmation.FactText(
                                        models.Case(
                                            models.When(credit_code="", then=models.F("name")),
                                            default=django.db.models.functions.text.Concat(
                                                "name",
                                                "credit_code",
                                                deals.models.confirmation.FactText(models.F("capital_wan")),
                                                "place",
                                                output_field=models.TextField(),
                                            ),
                                            output_field=models.TextField(),
                                        )
                                    ),
                                    deals.models.confirmation.FactText(models.F("region")),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("landed_on"))
                                    ),
                                    deals.models.confirmation.FactText(models.F("jobs")),
                                    deals.models.confirmation.FactText(models.F("invested_wan")),
                                    deals.models.confirmation.FactText(models.F("yearly_output_wan")),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                        (
                            "evidence_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("deal")),
                                    deals.models.confirmation.FactText(models.F("kind")),
                                    deals.models.confirmation.FactText(models.F("name")),
                                    deals.models.confirmation.FactText(models.F("credit_code")),
                                    deals.models.confirmation.FactText(models.F("capital_wan")),
                                    deals.models.confirmation.FactText(models.F("region")),
                                    deals.models.confirmation.FactText(models.F("place")),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("landed_on"))
                                    ),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "落地情况",
                        "verbose_name_plural": "落地情况",
                        "ordering": ["landed_on", "pk"],
                        "permissions": [("check_landing", "核实落地公司")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("invested_wan", None), ("invested_wan__gte", Decimal("0")), _connector="OR"
                                    ),
                                    models.Q(
                                        ("yearly_output_wan", None),
                                        ("yearly_output_wan__gte", Decimal("0")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("capital_wan", None), ("capital_wan__gte", Decimal("0")), _connector="OR"
                                    ),
                                ),
                                name="landing_money_not_negative",
                                violation_error_message="金额不能小于 0。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("credit_code", ""), _negated=True),
                                fields=("deal", "credit_code"),
                                name="landing_company_once_per_deal",
                                violation_error_message="这项成交已经登记过这家公司。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("check_result", ""),
                                        ("checked_at", None),
                                        ("checked_by", None),
                                        ("checked_hash", ""),
                                    ),
                                    models.Q(
                                        models.Q(("check_result", ""), _negated=True),
                                        ("checked_at__isnull", False),
                                        ("checked_by__isnull", False),
                                        models.Q(("checked_hash", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="landing_checked_by_somebody",
                                violation_error_message="核实要写明由谁、什么时候作出。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("check_result", "accepted"), _negated=True),
                                    models.Q(("kind", "company"), _negated=True),
                                    models.Q(
                                        models.Q(("credit_code", ""), _negated=True),
                                        ("capital_wan__isnull", False),
                                        models.Q(
                                            ("region__isnull", False),
                                            models.Q(("place", ""), _negated=True),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="landing_checked_company_is_complete",
                                violation_error_message="核实落地公司要有信用代码、注册资本和注册地。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Payment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "check_result",
                            models.CharField(
                                blank=True,
                                choices=[("", "待核实"), ("accepted", "核实属实"), ("refused", "核实不符")],
                                db_default="",
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="核实结果",
                            ),
                        ),
                        (
                            "check_text",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=300,
                                verbose_name="核实说明",
                            ),
                        ),
                        (
                            "checked_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核实人",
                            ),
                        ),
                        ("checked_at", models.DateTimeField(editable=False, null=True, verbose_name="核实时间")),
                        (
                            "checked_hash",
                            models.CharField(blank=True, db_default="", default="", editable=False, max_length=32),
                        ),
                        (
                            "deal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        (
                            "contract",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="deals.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(decimal_places=2, max_digits=12, verbose_name="到账金额（万元）"),
                        ),
                        ("received_on", models.DateField(verbose_name="到账日期")),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                        (
                            "voucher",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="deals.dealfile",
                                verbose_name="凭证",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="记录时间"
                            ),
                        ),
                        ("struck_at", models.DateTimeField(editable=False, null=True, verbose_name="划去时间")),
                        (
                            "struck_reason",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=200,
                                verbose_name="划去原因",
                            ),
                        ),
                        (
                            "facts_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("deal")),
                                    deals.models.confirmation.FactText(models.F("amount_wan")),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("received_on"))
                                    ),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                        (
                            "evidence_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("deal")),
                                    deals.models.confirmation.FactText(models.F("amount_wan")),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("received_on"))
                                    ),
                                    deals.models.confirmation.FactText(models.F("voucher")),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "到账",
                        "verbose_name_plural": "到账",
                        "ordering": ["received_on", "pk"],
                        "permissions": [("check_payment", "核实到账凭证")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_wan__gt", Decimal("0"))),
                                name="payment_is_positive",
                                violation_error_message="到账金额要大于 0。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("struck_at", None), ("struck_reason", "")),
                                    models.Q(
                                        ("struck_at__isnull", False), models.Q(("struck_reason", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="payment_struck_with_reason",
                                violation_error_message="划去一笔到账请说明原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("check_result", ""),
                                        ("checked_at", None),
                                        ("checked_by", None),
                                        ("checked_hash", ""),
                                    ),
                                    models.Q(
                                        models.Q(("check_result", ""), _negated=True),
                                        ("checked_at__isnull", False),
                                        ("checked_by__isnull", False),
                                        models.Q(("checked_hash", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="payment_checked_by_somebody",
                                violation_error_message="核实要写明由谁、什么时候作出。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("check_result", "accepted"), _negated=True),
                                    ("voucher__isnull", False),
                                    _connector="OR",
                                ),
                                name="payment_checked_has_voucher",
                                violation_error_message="没有凭证的到账不能核实，请先补凭证。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FigureEffect",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                            "effect",
                            models.CharField(
                                blank=True,
                                choices=[("", "照常计入"), ("related", "计入其中关联"), ("excluded", "不计入")],
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="统计",
                            ),
                        ),
                        (
                            "decided_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="决定时间"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "决定对统计的影响",
                        "verbose_name_plural": "决定对统计的影响",
                        "ordering": ["pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("effect", ""), _negated=True),
                                fields=["effect"],
                                include=("contract", "payment"),
                                name="figure_effect_in_force",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("contract__isnull", False), ("payment", None)),
                                    models.Q(
                                        ("contract", None),
                                        ("payment__isnull", False),
                                        models.Q(("effect", "related"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="figure_effect_on_one_record",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Instalment",
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
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="instalments",
                                to="deals.contract",
                                verbose_name="合同",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="应付日期")),
                        (
                            "amount_wan",
                            models.DecimalField(decimal_places=2, max_digits=12, verbose_name="应付金额（万元）"),
                        ),
                        (
                            "condition",
                            models.CharField(
                                blank=True,
                                help_text="如合同签订后 10 日内、验收合格后",
                                max_length=200,
                                verbose_name="付款条件",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="记录时间"
                            ),
                        ),
                        ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="撤销时间")),
                        (
                            "withdrawn_reason",
                            models.CharField(
                                blank=True, default="", editable=False, max_length=200, verbose_name="撤销原因"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "付款计划",
                        "verbose_name_plural": "付款计划",
                        "ordering": ["due_on", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("withdrawn_at", None)), fields=["due_on"], name="instalment_by_day"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_wan__gt", Decimal("0"))),
                                name="instalment_is_positive",
                                violation_error_message="应付金额要大于 0。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("withdrawn_at", None), ("withdrawn_reason", "")),
                                    models.Q(
                                        ("withdrawn_at__isnull", False),
                                        models.Q(("withdrawn_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="instalment_withdrawn_with_reason",
                                violation_error_message="撤销一期付款计划请说明原因。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="PaymentLetter",
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
                            "instalment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="letters",
                                to="deals.instalment",
                                verbose_name="付款计划",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="应付日期")),
                        (
                            "open_wan",
                            models.DecimalField(decimal_places=2, max_digits=12, verbose_name="未付金额（万元）"),
                        ),
                        ("pay_until", models.DateField(verbose_name="请在此日前支付")),
                        ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="补充说明")),
                        (
                            "sender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="发函单位",
                            ),
                        ),
                        (
                            "sent_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发函人",
                            ),
                        ),
                        ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="发函时间")),
                        ("sent_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="发函日期")),
                        ("notified_count", models.PositiveIntegerField(default=0, verbose_name="平台通知人数")),
                    ],
                    options={
                        "verbose_name": "催付函",
                        "verbose_name_plural": "催付函",
                        "ordering": ["-sent_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("instalment", "sent_on"),
                                name="payment_letter_once_a_day",
                                violation_error_message="今天已经就这一期发过催付函。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("open_wan__gt", 0)),
                                name="payment_letter_asks_for_money",
                                violation_error_message="这一期已经付清，不用催付。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("due_on__lt", models.F("sent_on")), ("pay_until__gte", models.F("sent_on"))
                                ),
                                name="payment_letter_dates_in_order",
                                violation_error_message="只催付已过应付日期的款项，请对方支付的日期不能早于今天。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="IncomeCase",
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
                            "institution",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="income_cases",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "deal",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="income_cases",
                                to="deals.deal",
                                verbose_name="成交项目",
                            ),
                        ),
                        (
                            "contract",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="income_cases",
                                to="deals.contract",
                                verbose_name="技术合同",
                            ),
                        ),
                        (
                            "title",
                            models.CharField(
                                help_text="如某成果许可的第一笔收入", max_length=150, verbose_name="事项名称"
                            ),
                        ),
                        (
                            "way",
                            models.CharField(
                                choices=[
                                    ("transfer", "转让"),
                                    ("licence", "许可"),
                                    ("equity", "作价投资"),
                                    ("cooperation", "自行实施或合作实施"),
                                    ("services", "技术开发、咨询、服务"),
                                ],
                                max_length=12,
                                verbose_name="转化方式",
                            ),
                        ),
                        (
                            "income_on",
                            models.DateField(help_text="年度报告按这个日期归入年份", verbose_name="取得收入的日期"),
                        ),
                        (
                            "gross_wan",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=12,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                                verbose_name="收入（万元）",
                            ),
                        ),
                        (
                            "costs_wan",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0"),
                                help_text="税费、评估费、中介费等，按本单位的办法",
                                max_digits=12,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="可以扣除的成本（万元）",
                            ),
                        ),
                        ("costs_note", models.CharField(blank=True, max_length=300, verbose_name="成本说明")),
                        (
                            "low_reward_reason",
                            models.CharField(
                                blank=True,
                                help_text="与完成人事先约定的，写明约定的文件和日期",
                                max_length=300,
                                verbose_name="奖励低于 50% 的依据",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("draft", "拟订中"), ("decided", "已定"), ("cancelled", "已作废")],
                                default="draft",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "cancelled_reason",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="作废原因"),
                        ),
                        (
                            "evidence",
                            models.FileField(
                                blank=True,
                                editable=False,
                                max_length=200,
                                upload_to="income/%Y/%m/",
                                verbose_name="分配方案",
                            ),
                        ),
                        (
                            "evidence_name",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="文件名"),
                        ),
                        (
                            "evidence_type",
                            models.CharField(blank=True, editable=False, max_length=100, verbose_name="类型"),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="拟订人",
                            ),
                        ),
                        (
                            "made_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="拟订时间"
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确定人",
                            ),
                        ),
                        ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="确定时间")),
                    ],
                    options={
                        "verbose_name": "收益分配",
                        "verbose_name_plural": "收益分配",
                        "ordering": ["-income_on", "-pk"],
                        "indexes": [
                            models.Index(fields=["institution", "status", "income_on"], name="income_by_institution")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("costs_wan__gte", Decimal("0")),
                                    ("gross_wan__gt", Decimal("0")),
                                    ("costs_wan__lte", models.F("gross_wan")),
                                ),
                                name="income_costs_within_gross",
                                violation_error_message="成本不能大于收入。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("status", "decided"),
                                        models.Q(("evidence", ""), _negated=True),
                                    ),
                                    models.Q(models.Q(("status", "decided"), _negated=True), ("decided_at", None)),
                                    _connector="OR",
                                ),
                                name="income_decided_with_evidence",
                                violation_error_message="确定分配要先上传分配方案。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status", "cancelled"), models.Q(("cancelled_reason", ""), _negated=True)
                                    ),
                                    models.Q(
                                        models.Q(("status", "cancelled"), _negated=True), ("cancelled_reason", "")
                                    ),
                                    _connector="OR",
                                ),
                                name="income_cancelled_with_reason",
                                violation_error_message="作废请写明原因。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="IncomeShare",
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
                                related_name="shares",
                                to="deals.incomecase",
                                verbose_name="收益分配",
                            ),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="姓名")),
                        (
                            "part",
                            models.CharField(
                                blank=True, help_text="如第一完成人、转化服务", max_length=100, verbose_name="贡献"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="平台账号",
                            ),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=12,
                                validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                                verbose_name="金额（万元）",
                            ),
                        ),
                        ("issue", models.PositiveSmallIntegerField(default=1, editable=False)),
                        ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="本人确认时间")),
                        (
                            "objected_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="本人提出异议的时间"),
                        ),
                        (
                            "objection",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="异议"),
                        ),
                        ("paid_on", models.DateField(editable=False, null=True, verbose_name="发放日期")),
                    ],
                    options={
                        "verbose_name": "个人份额",
                        "verbose_name_plural": "个人份额",
                        "ordering": ["pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "name", "part"),
                                name="income_share_once_per_person",
                                violation_error_message="这个人已经在分配里。同名的请在“贡献”里写明区别。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_wan__gt", Decimal("0"))),
                                name="income_share_is_positive",
                                violation_error_message="个人金额要大于 0。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("objected_at", None), ("objection", "")),
                                    models.Q(
                                        ("objected_at__isnull", False), models.Q(("objection", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="income_share_objected_with_text",
                                violation_error_message="请写明异议的内容。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("confirmed_at", None), ("objected_at", None), _connector="OR"),
                                name="income_share_confirmed_or_objected",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
            ]
        ),
        migrations.RunPython(fill_registration_rules, migrations.RunPython.noop),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
