import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
import search.bigrams
from core.roles import grant

SEES = ["view_demand", "view_demandindicator", "export_demand"]
EDITS = [
    *SEES,
    "add_demand",
    "change_demand",
    "add_demandindicator",
    "change_demandindicator",
    "review_demand",
    "import_demand",
]
GRANTS = {"district_officer": EDITS, "city_officer": EDITS, "auditor": SEES}


def grant_permissions(apps, schema_editor):
    grant(apps, "demands", GRANTS)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("search", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("accounts", "0001_initial"),
        ("taxonomy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Demand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("title", models.CharField(max_length=200, verbose_name="需求名称")),
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
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="拟投入资金下限（万元）"
                    ),
                ),
                (
                    "budget_max_wan",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="拟投入资金上限（万元）"
                    ),
                ),
                ("budget_negotiable", models.BooleanField(default=True, verbose_name="资金面议")),
                ("period_start", models.DateField(blank=True, null=True, verbose_name="需求时限起")),
                ("period_end", models.DateField(blank=True, null=True, verbose_name="需求时限止")),
                (
                    "period_text",
                    models.CharField(
                        blank=True, help_text="如 2026年1月至2027年12月、长期", max_length=60, verbose_name="需求时限"
                    ),
                ),
                ("intended_partner", models.CharField(blank=True, max_length=200, verbose_name="意向合作单位")),
                ("wants_challenge", models.BooleanField(default=False, verbose_name="愿意揭榜挂帅")),
                ("is_anonymous", models.BooleanField(default=False, verbose_name="匿名发布")),
                (
                    "public_alias",
                    models.CharField(
                        blank=True,
                        help_text="匿名时代替企业名称，如“金普新区某轴承企业”",
                        max_length=60,
                        verbose_name="对外名称",
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
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="状态时间"),
                ),
                ("published_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="发布时间")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                (
                    "source_row",
                    models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name="来源行"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
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
                        violation_error_message="匿名发布需要一个对外名称，例如“金普新区某轴承企业”。",
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
                            _connector="OR",
                        ),
                        name="demand_published_before_docking",
                        violation_error_message="需求须先发布。",
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
                ],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="DemandIndicator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("value", models.CharField(help_text="按原样填写，如 91 或 -40", max_length=60, verbose_name="数值")),
                ("value_to", models.CharField(blank=True, max_length=60, verbose_name="区间上限")),
                ("unit", models.CharField(blank=True, max_length=30, verbose_name="单位")),
                ("condition", models.CharField(blank=True, max_length=200, verbose_name="测试条件")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                (
                    "demand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="indicators", to="demands.demand"
                    ),
                ),
            ],
            options={
                "verbose_name": "技术指标",
                "verbose_name_plural": "技术指标",
                "ordering": ["order", "pk"],
                "abstract": False,
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
