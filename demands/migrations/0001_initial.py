import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.public_id
import core.public_text
import search.bigrams
from core.create_models import CreateModels
from core.roles import grant

DEMANDS_SEEN = ["view_demand", "view_demandindicator", "view_demandrevision", "export_demand"]
DEMANDS_EDITED = [
    *DEMANDS_SEEN,
    "add_demand",
    "change_demand",
    "add_demandindicator",
    "change_demandindicator",
    "review_demand",
    "import_demand",
]
CONFIDENTIALITY_SEEN = ["view_undertaking", "view_demandreading", "view_agreement"]
GRANTS = {
    "district_officer": DEMANDS_EDITED,
    "city_officer": [*DEMANDS_EDITED, *CONFIDENTIALITY_SEEN, "change_undertaking"],
    "auditor": [*DEMANDS_SEEN, *CONFIDENTIALITY_SEEN],
}


def grant_permissions(apps, schema_editor):
    grant(apps, "demands", GRANTS)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("search", "0001_initial"),
        ("taxonomy", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Demand",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "paused_from",
                            models.CharField(
                                blank=True,
                                choices=[("published", "已发布"), ("docking", "对接中"), ("tracking", "长期跟踪")],
                                db_default="",
                                default="",
                                editable=False,
                                max_length=20,
                                verbose_name="暂停前的状态",
                            ),
                        ),
                        (
                            "paused_until",
                            models.DateField(blank=True, editable=False, null=True, verbose_name="暂停至"),
                        ),
                        (
                            "solution",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("platform", "平台上的成果"),
                                    ("institution", "平台以外的院所成果"),
                                    ("own", "本企业自行解决"),
                                    ("supplier", "其他供应商"),
                                    ("contract", "登记的技术合同"),
                                ],
                                db_default="",
                                default="",
                                editable=False,
                                max_length=12,
                                verbose_name="怎样解决",
                            ),
                        ),
                        (
                            "solver",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="解决单位",
                            ),
                        ),
                        (
                            "solution_note",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=200,
                                verbose_name="解决说明",
                            ),
                        ),
                        (
                            "public_id",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="需求名称")),
                        (
                            "firm",
                            models.ForeignKey(
                                limit_choices_to={"kind": "firm"},
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="demands",
                                to="accounts.organisation",
                                verbose_name="企业",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("problem", "技术攻关"),
                                    ("adoption", "成果引进"),
                                    ("upgrade", "产品升级"),
                                    ("process", "工艺改进"),
                                    ("testing", "检验检测"),
                                    ("talent", "人才团队"),
                                    ("other", "其他"),
                                ],
                                max_length=20,
                                verbose_name="需求类型",
                            ),
                        ),
                        (
                            "industry",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="demands",
                                to="taxonomy.industry",
                                verbose_name="产业链",
                            ),
                        ),
                        ("applied_industry", models.CharField(blank=True, max_length=60, verbose_name="应用行业")),
                        (
                            "problem",
                            models.TextField(
                                help_text="现在遇到什么问题，希望达到什么效果", max_length=5000, verbose_name="主要问题"
                            ),
                        ),
                        ("goal", models.TextField(blank=True, max_length=2000, verbose_name="预期目标")),
                        ("conditions", models.TextField(blank=True, max_length=2000, verbose_name="现有基础条件")),
                        (
                            "keywords",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=30),
                                blank=True,
                                default=list,
                                help_text="最多 5 个",
                                size=5,
                                verbose_name="关键词",
                            ),
                        ),
                        (
                            "transfer_ways",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
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
                                    max_length=20,
                                ),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="期望合作方式",
                            ),
                        ),
                        (
                            "budget_min_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="拟投入资金下限（万元）",
                            ),
                        ),
                        (
                            "budget_max_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="拟投入资金上限（万元）",
                            ),
                        ),
                        ("budget_negotiable", models.BooleanField(default=True, verbose_name="资金面议")),
                        ("period_start", models.DateField(blank=True, null=True, verbose_name="需求时限起")),
                        ("period_end", models.DateField(blank=True, null=True, verbose_name="需求时限止")),
                        (
                            "period_text",
                            models.CharField(
                                blank=True,
                                help_text="如 2026年1月至2027年12月、长期",
                                max_length=60,
                                verbose_name="需求时限",
                            ),
                        ),
                        ("intended_partner", models.CharField(blank=True, max_length=200, verbose_name="意向合作单位")),
                        ("wants_challenge", models.BooleanField(default=False, verbose_name="愿意揭榜挂帅")),
                        ("is_anonymous", models.BooleanField(default=False, verbose_name="匿名发布")),
                        (
                            "is_private",
                            models.BooleanField(db_default=False, default=False, editable=False, verbose_name="不公开"),
                        ),
                        (
                            "chosen_detail",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("district", "区市县和产业链"),
                                    ("industry", "产业链"),
                                    ("branch", "产业大类"),
                                    ("nothing", "都不写"),
                                ],
                                db_default="",
                                default="",
                                help_text="不选则由平台按符合的企业数选",
                                max_length=10,
                                verbose_name="匿名时对外写到哪里",
                            ),
                        ),
                        (
                            "public_detail",
                            models.CharField(
                                choices=[
                                    ("district", "区市县和产业链"),
                                    ("industry", "产业链"),
                                    ("branch", "产业大类"),
                                    ("nothing", "都不写"),
                                ],
                                db_default="nothing",
                                default="nothing",
                                editable=False,
                                max_length=10,
                                verbose_name="实际对外写到",
                            ),
                        ),
                        (
                            "public_alias",
                            models.CharField(
                                blank=True,
                                editable=False,
                                help_text="匿名时代替企业名称，由平台生成，每项需求不同",
                                max_length=60,
                                verbose_name="对外名称",
                            ),
                        ),
                        (
                            "disclosure",
                            models.CharField(
                                choices=[("full", "全文公开"), ("teaser", "只公开摘要，签署保密承诺的院所可看全文")],
                                db_default="full",
                                default="full",
                                max_length=10,
                                verbose_name="公开多少",
                            ),
                        ),
                        (
                            "teaser",
                            models.TextField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="只公开摘要时必填，代替正文和指标公开，不要写关键参数",
                                max_length=300,
                                verbose_name="公开摘要",
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="demands",
                                to="accounts.contact",
                                verbose_name="联系人",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "草稿"),
                                    ("district_review", "待区县初审"),
                                    ("diagnosis", "需求诊断中"),
                                    ("published", "已发布"),
                                    ("docking", "对接中"),
                                    ("solved", "已解决"),
                                    ("challenge", "转揭榜挂帅"),
                                    ("tracking", "长期跟踪"),
                                    ("paused", "暂停"),
                                    ("closed", "已关闭"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=20,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "status_reason",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="状态说明"),
                        ),
                        (
                            "status_changed_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="状态时间"
                            ),
                        ),
                        (
                            "published_at",
                            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="发布时间"),
                        ),
                        ("expires_on", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                        (
                            "source_file",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="demands",
                                to="accounts.sourcefile",
                                verbose_name="来源文件",
                            ),
                        ),
                        (
                            "source_row",
                            models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name="来源行"),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="录入人",
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                    ],
                    options={
                        "verbose_name": "技术需求",
                        "verbose_name_plural": "技术需求",
                        "ordering": ["-updated_at", "-pk"],
                        "permissions": [
                            ("review_demand", "Can review demands"),
                            ("import_demand", "Can import demands"),
                            ("export_demand", "Can export demands"),
                        ],
                        "indexes": [
                            models.Index(fields=["status", "-updated_at"], name="demand_by_status"),
                            models.Index(
                                condition=models.Q(("disclosure", "teaser")),
                                fields=["disclosure"],
                                name="demand_with_teaser",
                            ),
                            django.contrib.postgres.indexes.GinIndex(fields=["transfer_ways"], name="demand_by_way"),
                            search.bigrams.BigramIndex(
                                search.bigrams.Bigrams(
                                    search.bigrams.FoldedText(
                                        "keywords", "title", "problem", "goal", "conditions", "applied_industry"
                                    )
                                ),
                                name="demand_by_bigram",
                            ),
                            search.bigrams.BigramIndex(
                                search.bigrams.Bigrams(search.bigrams.FoldedText("keywords", "title")),
                                name="demand_by_headline",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "closed"), _negated=True),
                                fields=("firm", "title"),
                                name="demand_title_once_per_firm",
                                violation_error_message="该企业已有同名需求，请修改已有的一条，或在名称中写明区别。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("is_anonymous", True), _negated=True),
                                    models.Q(("public_alias", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="demand_anonymous_has_alias",
                                violation_error_message="匿名发布需要一个对外名称，例如“某区某轴承企业”。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("disclosure", "teaser"), _negated=True),
                                    models.Q(("teaser", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="demand_teaser_is_written",
                                violation_error_message="只公开摘要时，请写一段公开摘要，例如“寻找提高轴承寿命的热处理工艺”。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("budget_min_wan__isnull", True), ("budget_min_wan__gte", 0), _connector="OR"
                                ),
                                name="demand_budget_not_negative",
                                violation_error_message="拟投入资金不能为负数。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("budget_min_wan__isnull", True),
                                    ("budget_max_wan__isnull", True),
                                    ("budget_max_wan__gte", models.F("budget_min_wan")),
                                    _connector="OR",
                                ),
                                name="demand_budget_in_order",
                                violation_error_message="拟投入资金上限不能低于下限。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("period_start__isnull", True),
                                    ("period_end__isnull", True),
                                    ("period_end__gte", models.F("period_start")),
                                    _connector="OR",
                                ),
                                name="demand_period_in_order",
                                violation_error_message="需求时限的结束不能早于开始。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["draft", "district_review", "diagnosis", "closed"]),
                                    ("published_at__isnull", False),
                                    ("is_private", True),
                                    _connector="OR",
                                ),
                                name="demand_published_before_docking",
                                violation_error_message="需求须先发布。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("is_private", False), ("published_at", None), _connector="OR"),
                                name="demand_private_is_never_published",
                                violation_error_message="从询问写成的需求不公开；如要公开，请另外发布一项需求。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "closed"), _negated=True),
                                    models.Q(("status_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="demand_closed_with_reason",
                                violation_error_message="关闭需求必须写明原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("paused_from__in", ["published", "docking", "tracking"]), ("status", "paused")
                                    ),
                                    models.Q(
                                        models.Q(("status", "paused"), _negated=True),
                                        ("paused_from", ""),
                                        ("paused_until", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="demand_paused_iff_from",
                                violation_error_message="暂停的需求须记下暂停前的状态。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "paused"), _negated=True),
                                    models.Q(("status_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="demand_paused_with_reason",
                                violation_error_message="暂停须写明原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status", "solved"),
                                    models.Q(("solution", ""), ("solution_note", ""), ("solver", None)),
                                    _connector="OR",
                                ),
                                name="demand_solution_only_if_solved",
                                violation_error_message="只有已解决的需求才写怎样解决。",
                            ),
                        ],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="DemandIndicator",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=100, verbose_name="指标名称")),
                        (
                            "comparison",
                            models.CharField(
                                choices=[
                                    ("ge", "≥"),
                                    ("le", "≤"),
                                    ("gt", ">"),
                                    ("lt", "<"),
                                    ("eq", "="),
                                    ("about", "约"),
                                    ("between", "区间"),
                                    ("words", "文字描述"),
                                ],
                                default="ge",
                                max_length=10,
                                verbose_name="比较",
                            ),
                        ),
                        (
                            "value",
                            models.CharField(help_text="按原样填写，如 91 或 -40", max_length=60, verbose_name="数值"),
                        ),
                        ("value_to", models.CharField(blank=True, max_length=60, verbose_name="区间上限")),
                        ("unit", models.CharField(blank=True, max_length=30, verbose_name="单位")),
                        ("condition", models.CharField(blank=True, max_length=200, verbose_name="测试条件")),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="indicators",
                                to="demands.demand",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "技术指标",
                        "verbose_name_plural": "技术指标",
                        "ordering": ["order", "pk"],
                        "abstract": False,
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="Agreement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "institution",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="accounts.organisation",
                                verbose_name="院所",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发起人",
                            ),
                        ),
                        ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="发起时间")),
                        (
                            "ended_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="终止人",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="终止时间")),
                        (
                            "end_reason",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="终止原因"),
                        ),
                    ],
                    options={
                        "verbose_name": "保密协议",
                        "verbose_name_plural": "保密协议",
                        "ordering": ["-opened_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("demand", "institution"),
                                name="agreement_one_open_per_pair",
                                violation_error_message="双方就这项需求已有一份保密协议。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("end_reason", ""), ("ended_at", None), ("ended_by", None)),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("ended_by__isnull", False),
                                        models.Q(("end_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreement_ended_with_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgreementCopy",
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
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="copies",
                                to="demands.agreement",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("firm", "企业"), ("institution", "院所")],
                                max_length=12,
                                verbose_name="哪一方",
                            ),
                        ),
                        ("file", models.FileField(max_length=200, upload_to="agreements/%Y/%m/", verbose_name="文件")),
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
                        ("valid_until", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                        ("replaced_at", models.DateTimeField(editable=False, null=True, verbose_name="替换时间")),
                    ],
                    options={
                        "verbose_name": "保密协议签署件",
                        "verbose_name_plural": "保密协议签署件",
                        "ordering": ["uploaded_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("replaced_at", None)),
                                fields=("agreement", "side"),
                                name="agreement_copy_one_current_per_side",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Undertaking",
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
                                related_name="undertakings",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        ("version", models.CharField(max_length=10, verbose_name="文本版本")),
                        (
                            "signed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="签署人",
                            ),
                        ),
                        ("signed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="签署时间")),
                        ("valid_until", models.DateField(verbose_name="有效期至")),
                        (
                            "ended_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="终止人",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="终止时间")),
                        (
                            "end_reason",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="终止原因"),
                        ),
                        (
                            "is_barred",
                            models.BooleanField(default=False, editable=False, verbose_name="不能自行重新签署"),
                        ),
                    ],
                    options={
                        "verbose_name": "保密承诺",
                        "verbose_name_plural": "保密承诺",
                        "ordering": ["-signed_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("organisation",),
                                name="undertaking_one_open_per_organisation",
                                violation_error_message="本单位已签署保密承诺。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("end_reason", ""), ("ended_at", None), ("ended_by", None)),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("ended_by__isnull", False),
                                        models.Q(("end_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="undertaking_ended_with_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("is_barred", False), ("ended_at__isnull", False), _connector="OR"),
                                name="undertaking_barred_when_ended",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DemandFile",
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
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="files", to="demands.demand"
                            ),
                        ),
                        (
                            "file",
                            models.FileField(max_length=200, upload_to="demand_files/%Y/%m/", verbose_name="文件"),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("size", models.PositiveBigIntegerField(verbose_name="大小（字节）")),
                        ("pages", models.PositiveSmallIntegerField(verbose_name="页数")),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("undertaking", "签署保密承诺的院所和机构"),
                                    ("agreement", "与本企业签署保密协议的院所"),
                                ],
                                default="undertaking",
                                max_length=12,
                                verbose_name="谁能看",
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上传人",
                            ),
                        ),
                        ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="上传时间")),
                        (
                            "removed_at",
                            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="移除时间"),
                        ),
                    ],
                    options={
                        "verbose_name": "需求附件",
                        "verbose_name_plural": "需求附件",
                        "ordering": ["uploaded_at"],
                    },
                ),
                migrations.CreateModel(
                    name="DemandReading",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reading_records",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "reader",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="查看人",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="查看人所在单位",
                            ),
                        ),
                        (
                            "step",
                            models.CharField(
                                choices=[
                                    ("teaser", "公开摘要"),
                                    ("details", "需求全文"),
                                    ("file", "附件"),
                                    ("identity", "企业名称"),
                                ],
                                max_length=10,
                                verbose_name="看了什么",
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reading_records",
                                to="demands.demandfile",
                                verbose_name="附件",
                            ),
                        ),
                        ("day", models.DateField(verbose_name="日期")),
                        ("first_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="首次时间")),
                        ("last_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="最近时间")),
                        ("times", models.PositiveIntegerField(default=1, verbose_name="次数")),
                    ],
                    options={
                        "verbose_name": "需求查看记录",
                        "verbose_name_plural": "需求查看记录",
                        "ordering": ["-last_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("demand", "reader", "step", "file", "day"),
                                name="demand_reading_once_a_day",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("file__isnull", False), ("step", "file")),
                                    models.Q(models.Q(("step", "file"), _negated=True), ("file", None)),
                                    _connector="OR",
                                ),
                                name="demand_reading_names_its_file",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("last_at__gte", models.F("first_at"))),
                                name="demand_reading_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExposureConsent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="exposure_consents",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确认人",
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True, verbose_name="确认时间")),
                        ("fitting_firms", models.PositiveIntegerField(verbose_name="符合的企业数")),
                        ("finds", models.JSONField(default=list, verbose_name="提示")),
                        ("text_hash", models.CharField(max_length=64)),
                    ],
                    options={
                        "verbose_name": "匿名风险确认",
                        "verbose_name_plural": "匿名风险确认",
                        "ordering": ["-at"],
                    },
                ),
                migrations.CreateModel(
                    name="DemandRevision",
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
                        ("proposed_at", models.DateTimeField(auto_now_add=True, verbose_name="提交时间")),
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
                        ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="处理时间")),
                        (
                            "reason",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="退回原因"),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="revisions",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "需求修改",
                        "verbose_name_plural": "需求修改",
                        "ordering": ["-proposed_at", "-pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "pending")),
                                fields=("demand",),
                                name="demand_revision_pending_once",
                                violation_error_message="这项需求已有一份修改在等审核，请刷新页面。",
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
                                name="demand_revision_decided_iff_by_and_at",
                                violation_error_message="处理过的修改须有处理人和时间。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "returned"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="demand_revision_returned_with_reason",
                                violation_error_message="退回修改须写明原因。",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
