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

PARTS = ["indicator", "intellectualproperty", "completer", "attachment"]
SEES = ["view_achievement", *(f"view_{part}" for part in PARTS), "export_achievement", "view_achievementrevision"]
GRANTS = {
    "city_officer": [
        *SEES,
        "add_achievement",
        "change_achievement",
        *(f"{verb}_{part}" for part in PARTS for verb in ("add", "change")),
        "register_achievement",
        "import_achievement",
    ],
    "auditor": SEES,
}


def grant_permissions(apps, schema_editor):
    grant(apps, "achievements", GRANTS)


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
                    name="Achievement",
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
                        ("title", models.CharField(max_length=200, verbose_name="成果名称")),
                        (
                            "institution",
                            models.ForeignKey(
                                limit_choices_to={"kind": "institution"},
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="achievements",
                                to="accounts.organisation",
                                verbose_name="第一完成单位",
                            ),
                        ),
                        (
                            "college",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                help_text="本单位内的学院、研究所或部门",
                                max_length=60,
                                verbose_name="学院",
                            ),
                        ),
                        (
                            "partner_names",
                            models.CharField(
                                blank=True, help_text="按顺序填写，用分号分开", max_length=300, verbose_name="合作单位"
                            ),
                        ),
                        ("lead_person", models.CharField(max_length=30, verbose_name="负责人")),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("applied", "应用技术成果"),
                                    ("basic", "基础理论成果"),
                                    ("soft_science", "软科学研究成果"),
                                ],
                                default="applied",
                                max_length=20,
                                verbose_name="成果类别",
                            ),
                        ),
                        (
                            "form",
                            models.CharField(
                                choices=[
                                    ("technology", "新技术"),
                                    ("process", "新工艺"),
                                    ("product", "新产品"),
                                    ("material", "新材料"),
                                    ("equipment", "新装备"),
                                    ("medicine", "生物医药新品种"),
                                    ("agriculture", "农业新品种"),
                                    ("mineral", "矿产新品种"),
                                    ("standard", "标准"),
                                    ("other", "其他"),
                                ],
                                max_length=20,
                                verbose_name="成果体现形式",
                            ),
                        ),
                        (
                            "attribute",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("original", "原始性创新"),
                                    ("absorbed", "国外引进消化吸收创新"),
                                    ("secondary", "国内技术二次开发"),
                                ],
                                max_length=20,
                                verbose_name="成果属性",
                            ),
                        ),
                        (
                            "industry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="achievements",
                                to="taxonomy.industry",
                                verbose_name="产业链",
                            ),
                        ),
                        (
                            "applied_industry",
                            models.CharField(
                                blank=True, help_text="GB/T 4754 代码或名称", max_length=60, verbose_name="应用行业"
                            ),
                        ),
                        (
                            "discipline",
                            models.CharField(
                                blank=True, help_text="GB/T 13745 名称", max_length=60, verbose_name="学科"
                            ),
                        ),
                        (
                            "keywords",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=30),
                                blank=True,
                                default=list,
                                help_text="最多 3 个",
                                size=3,
                                verbose_name="关键词",
                            ),
                        ),
                        (
                            "summary",
                            models.TextField(
                                help_text="要解决的问题、怎么做、效果如何", max_length=3000, verbose_name="成果简介"
                            ),
                        ),
                        ("innovation", models.TextField(blank=True, max_length=3000, verbose_name="技术要点与创新点")),
                        ("scenario", models.TextField(blank=True, max_length=1000, verbose_name="应用场景")),
                        (
                            "economics",
                            models.TextField(blank=True, max_length=1000, verbose_name="与现有方案的经济性对比"),
                        ),
                        (
                            "standing",
                            models.CharField(
                                choices=[
                                    ("world_leading", "国际领先"),
                                    ("world_advanced", "国际先进"),
                                    ("national_leading", "国内领先"),
                                    ("national_advanced", "国内先进"),
                                    ("national_common", "国内一般"),
                                    ("not_evaluated", "未评价"),
                                ],
                                default="not_evaluated",
                                max_length=20,
                                verbose_name="成果水平",
                            ),
                        ),
                        (
                            "evaluation",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("appraisal", "鉴定"),
                                    ("acceptance", "验收"),
                                    ("conclusion", "结题"),
                                    ("review", "评审"),
                                    ("assessment", "第三方评估"),
                                    ("admission", "行业准入"),
                                    ("testing", "权威部门检测"),
                                    ("other", "其他"),
                                ],
                                max_length=20,
                                verbose_name="评价方式",
                            ),
                        ),
                        ("evaluated_by", models.CharField(blank=True, max_length=100, verbose_name="评价单位")),
                        ("evaluated_on", models.DateField(blank=True, null=True, verbose_name="评价日期")),
                        (
                            "national_number",
                            models.CharField(
                                blank=True,
                                help_text="科技成果登记的批准登记号，选填",
                                max_length=30,
                                verbose_name="成果登记号",
                            ),
                        ),
                        (
                            "stage",
                            models.CharField(
                                choices=[("early", "初期阶段"), ("middle", "中期阶段"), ("mature", "成熟应用阶段")],
                                max_length=10,
                                verbose_name="所处阶段",
                            ),
                        ),
                        (
                            "maturity_scale",
                            models.CharField(
                                choices=[
                                    ("trl9", "技术就绪度（9 级）"),
                                    ("gbt37264", "GB/T 37264 新材料（9 级）"),
                                    ("gbt22900_13", "GB/T 22900（13 级）"),
                                ],
                                default="trl9",
                                max_length=20,
                                verbose_name="成熟度标准",
                            ),
                        ),
                        (
                            "maturity_level",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="成熟度等级"),
                        ),
                        (
                            "maturity_bucket",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("concept", "概念验证"),
                                    ("lab", "小试"),
                                    ("pilot", "中试"),
                                    ("industrial", "可产业化"),
                                ],
                                editable=False,
                                max_length=10,
                                verbose_name="成熟度阶段",
                            ),
                        ),
                        (
                            "maturity_evidence",
                            models.TextField(
                                blank=True,
                                help_text="没有依据的等级显示为“自评”",
                                max_length=500,
                                verbose_name="成熟度依据",
                            ),
                        ),
                        (
                            "maturity_assessed_by",
                            models.CharField(blank=True, max_length=100, verbose_name="成熟度评定单位"),
                        ),
                        (
                            "maturity_assessed_on",
                            models.DateField(blank=True, null=True, verbose_name="成熟度评定日期"),
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
                                default=list,
                                size=None,
                                verbose_name="拟转化方式",
                            ),
                        ),
                        (
                            "price_min_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="意向价格下限（万元）",
                            ),
                        ),
                        (
                            "price_max_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="意向价格上限（万元）",
                            ),
                        ),
                        ("price_negotiable", models.BooleanField(default=True, verbose_name="价格面议")),
                        ("pay_later", models.BooleanField(default=False, verbose_name="可先使用后付费")),
                        ("wanted_partner", models.CharField(blank=True, max_length=300, verbose_name="希望的合作方")),
                        (
                            "funds_needed_wan",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="所需资金（万元）"
                            ),
                        ),
                        (
                            "willingness",
                            models.CharField(
                                choices=[("willing", "愿意转化"), ("unwilling", "暂无转化意愿"), ("done", "已转化")],
                                default="willing",
                                max_length=10,
                                verbose_name="转化意愿",
                            ),
                        ),
                        (
                            "transferred_note",
                            models.CharField(
                                blank=True,
                                help_text="方式、时间、所在地、金额",
                                max_length=300,
                                verbose_name="已转化情况",
                            ),
                        ),
                        (
                            "exclusive_from",
                            models.DateField(
                                blank=True,
                                editable=False,
                                help_text="从这一天起只归一家，不再推荐给别人",
                                null=True,
                                verbose_name="独占开始日期",
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="achievements",
                                to="accounts.contact",
                                verbose_name="联系人",
                            ),
                        ),
                        (
                            "non_secret_confirmed",
                            models.BooleanField(
                                default=False, help_text="确认不涉及国家秘密、可以公开", verbose_name="非涉密确认"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "草稿"),
                                    ("office_review", "待院校审核"),
                                    ("city_review", "待市科技局审核"),
                                    ("registered", "已入库"),
                                    ("featured", "已推介"),
                                    ("docking", "对接中"),
                                    ("transferred", "已转化"),
                                    ("paused", "暂停对接"),
                                    ("withdrawn", "已下架"),
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
                            "registry_number",
                            models.CharField(
                                blank=True,
                                editable=False,
                                max_length=20,
                                null=True,
                                unique=True,
                                verbose_name="入库编号",
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="入库人",
                            ),
                        ),
                        ("registered_at", models.DateTimeField(editable=False, null=True, verbose_name="入库时间")),
                        (
                            "published_at",
                            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="公开时间"),
                        ),
                        ("expires_on", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                        (
                            "source_file",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="achievements",
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
                        "verbose_name": "科技成果",
                        "verbose_name_plural": "科技成果",
                        "ordering": ["-updated_at", "-pk"],
                        "permissions": [
                            ("register_achievement", "Can register achievements"),
                            ("import_achievement", "Can import achievements"),
                            ("export_achievement", "Can export achievements"),
                        ],
                        "indexes": [
                            models.Index(fields=["status", "-updated_at"], name="achievement_by_status"),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["transfer_ways"], name="achievement_by_way"
                            ),
                            search.bigrams.BigramIndex(
                                search.bigrams.Bigrams(search.bigrams.FoldedText("keywords", "title", "summary")),
                                name="achievement_by_bigram",
                            ),
                            search.bigrams.BigramIndex(
                                search.bigrams.Bigrams(search.bigrams.FoldedText("keywords", "title")),
                                name="achievement_by_headline",
                            ),
                            models.Index(
                                condition=models.Q(("published_at__isnull", False)),
                                fields=["-updated_at", "-id"],
                                include=(
                                    "status",
                                    "expires_on",
                                    "industry",
                                    "institution",
                                    "maturity_bucket",
                                    "transfer_ways",
                                    "price_min_wan",
                                    "price_max_wan",
                                    "pay_later",
                                ),
                                name="achievement_published",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "withdrawn"), _negated=True),
                                fields=("institution", "title"),
                                name="achievement_title_once_per_institution",
                                violation_error_message="本单位已有同名成果，请修改已有的一条，或在名称中写明区别。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["draft", "office_review", "city_review", "withdrawn"]),
                                    models.Q(("registered_at__isnull", False), ("registry_number__isnull", False)),
                                    _connector="OR",
                                ),
                                name="achievement_registered_before_offered",
                                violation_error_message="成果须先入库。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("non_secret_confirmed", True)),
                                name="achievement_not_secret",
                                violation_error_message="必须确认成果不涉密。涉密成果不能录入本平台。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("price_min_wan__isnull", True), ("price_min_wan__gte", 0), _connector="OR"
                                ),
                                name="achievement_price_not_negative",
                                violation_error_message="意向价格不能为负数。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("price_min_wan__isnull", True),
                                    ("price_max_wan__isnull", True),
                                    ("price_max_wan__gte", models.F("price_min_wan")),
                                    _connector="OR",
                                ),
                                name="achievement_price_in_order",
                                violation_error_message="意向价格上限不能低于下限。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("maturity_level__isnull", True),
                                    models.Q(("maturity_level__range", (1, 13)), ("maturity_scale", "gbt22900_13")),
                                    models.Q(
                                        ("maturity_level__range", (1, 9)), ("maturity_scale__in", ["trl9", "gbt37264"])
                                    ),
                                    _connector="OR",
                                ),
                                name="achievement_maturity_on_scale",
                                violation_error_message="成熟度等级超出所选标准的范围。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["paused", "withdrawn"]), _negated=True),
                                    models.Q(("status_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="achievement_stopped_with_reason",
                                violation_error_message="暂停或下架必须写明原因。",
                            ),
                        ],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="RegistryCounter",
                    fields=[
                        ("year", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                        ("last", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "verbose_name": "入库编号计数",
                        "verbose_name_plural": "入库编号计数",
                    },
                ),
                migrations.CreateModel(
                    name="Attachment",
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
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="achievements.achievement",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("document", "资料"), ("drawing", "图纸"), ("poster", "海报")],
                                db_default="document",
                                default="document",
                                max_length=10,
                                verbose_name="类别",
                            ),
                        ),
                        ("file", models.FileField(max_length=200, upload_to="attachments/%Y/%m/", verbose_name="文件")),
                        ("name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                        ("size", models.PositiveBigIntegerField(verbose_name="大小（字节）")),
                        ("sha256", models.CharField(max_length=64)),
                        ("is_public", models.BooleanField(default=False, verbose_name="公开")),
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
                        "verbose_name": "附件",
                        "verbose_name_plural": "附件",
                        "ordering": ["uploaded_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Indicator",
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
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="indicators",
                                to="achievements.achievement",
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                blank=True,
                                help_text="如第三方检测、用户报告、单位自测",
                                max_length=100,
                                verbose_name="依据",
                            ),
                        ),
                        ("today", models.CharField(blank=True, max_length=60, verbose_name="行业常见水平")),
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
                    name="IntellectualProperty",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="intellectual_property",
                                to="achievements.achievement",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("invention", "发明专利"),
                                    ("utility_model", "实用新型"),
                                    ("design", "外观设计"),
                                    ("software", "软件著作权"),
                                    ("layout", "集成电路布图设计权"),
                                    ("plant_variety", "植物新品种"),
                                    ("know_how", "技术秘密"),
                                    ("other", "其他"),
                                ],
                                max_length=20,
                                verbose_name="类型",
                            ),
                        ),
                        ("title", models.CharField(blank=True, max_length=200, verbose_name="名称")),
                        ("number", models.CharField(blank=True, max_length=40, verbose_name="编号")),
                        (
                            "state",
                            models.CharField(
                                blank=True, help_text="如授权、实质审查", max_length=30, verbose_name="法律状态"
                            ),
                        ),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                    ],
                    options={
                        "verbose_name": "知识产权",
                        "verbose_name_plural": "知识产权",
                        "ordering": ["order", "pk"],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="Completer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="completers",
                                to="achievements.achievement",
                            ),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="姓名")),
                        ("unit", models.CharField(blank=True, max_length=100, verbose_name="单位")),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                    ],
                    options={
                        "verbose_name": "主要完成人",
                        "verbose_name_plural": "主要完成人",
                        "ordering": ["order", "pk"],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="AchievementRevision",
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
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="revisions",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "成果修改",
                        "verbose_name_plural": "成果修改",
                        "ordering": ["-proposed_at", "-pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "pending")),
                                fields=("achievement",),
                                name="achievement_revision_pending_once",
                                violation_error_message="这项成果已有一份修改在等审核，请刷新页面。",
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
                                name="achievement_revision_decided_iff_by_and_at",
                                violation_error_message="处理过的修改须有处理人和时间。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "returned"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="achievement_revision_returned_with_reason",
                                violation_error_message="退回修改须写明原因。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SheetImport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "source_file",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sheet_import",
                                to="accounts.sourcefile",
                                verbose_name="来源文件",
                            ),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上传人",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("reading", "正在读取"),
                                    ("open", "可以商量、导入"),
                                    ("writing", "正在导入"),
                                    ("cancelled", "已停止"),
                                    ("failed", "没有读成"),
                                ],
                                default="reading",
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("only_own", models.BooleanField(default=False, verbose_name="只导入本单位的行")),
                        ("sheet_title", models.CharField(blank=True, max_length=100, verbose_name="工作表")),
                        ("mapping", models.JSONField(blank=True, default=dict, verbose_name="手工对照")),
                        ("constants", models.JSONField(blank=True, default=dict, verbose_name="全表相同的内容")),
                        ("layout", models.JSONField(blank=True, default=dict, verbose_name="表的结构")),
                        ("message", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("row_count", models.PositiveIntegerField(default=0, verbose_name="行数")),
                        ("read_count", models.PositiveIntegerField(default=0, verbose_name="已读行数")),
                        ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="开始时间")),
                        ("moved_at", models.DateTimeField(auto_now=True, verbose_name="最近进展")),
                    ],
                    options={
                        "verbose_name": "导入中的表格",
                        "verbose_name_plural": "导入中的表格",
                    },
                ),
                migrations.CreateModel(
                    name="SheetImportRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "sheet_import",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rows",
                                to="achievements.sheetimport",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="行")),
                        ("title", models.CharField(blank=True, max_length=200, verbose_name="成果名称")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("ready", "可以导入"),
                                    ("open", "待商量"),
                                    ("kept", "库里已有，保持原样"),
                                    ("left", "不导入"),
                                    ("written", "已导入"),
                                ],
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("values", models.JSONField(default=dict)),
                        ("cells", models.JSONField(default=dict)),
                        ("kept_fields", models.JSONField(blank=True, default=list, verbose_name="保持库里的字段")),
                        (
                            "achievement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "导入中的一行",
                        "verbose_name_plural": "导入中的行",
                        "ordering": ["number"],
                        "indexes": [
                            models.Index(fields=["sheet_import", "state", "number"], name="sheet_import_row_by_state")
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("sheet_import", "number"), name="sheet_import_row_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SheetFinding",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "row",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="findings",
                                to="achievements.sheetimportrow",
                            ),
                        ),
                        (
                            "sheet_import",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="findings",
                                to="achievements.sheetimport",
                            ),
                        ),
                        ("key", models.CharField(max_length=40, verbose_name="列")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("proposed", "有建议"),
                                    ("asked", "要问"),
                                    ("refused", "要改"),
                                    ("missing", "没有填"),
                                    ("changed", "和库里不同"),
                                ],
                                max_length=10,
                                verbose_name="类别",
                            ),
                        ),
                        ("group", models.CharField(max_length=200, verbose_name="同类")),
                        ("written", models.CharField(blank=True, max_length=500, verbose_name="原文")),
                        ("shown", models.CharField(blank=True, max_length=500, verbose_name="建议")),
                        ("message", models.CharField(max_length=500, verbose_name="说明")),
                        ("value", models.JSONField(null=True)),
                        ("options", models.JSONField(default=list)),
                        ("extra", models.JSONField(default=dict)),
                        ("is_open", models.BooleanField(default=True, verbose_name="待定")),
                    ],
                    options={
                        "verbose_name": "要商量的一格",
                        "verbose_name_plural": "要商量的格",
                        "ordering": ["row__number", "pk"],
                        "indexes": [
                            models.Index(fields=["sheet_import", "is_open", "group"], name="sheet_finding_by_group")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LearnedSpelling",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="learned_spellings",
                                to="accounts.organisation",
                            ),
                        ),
                        ("key", models.CharField(blank=True, max_length=40, verbose_name="列")),
                        ("spelling", models.CharField(max_length=200, verbose_name="写法（规整后）")),
                        ("written", models.CharField(max_length=200, verbose_name="写法")),
                        ("shown", models.CharField(max_length=200, verbose_name="认作")),
                        ("value", models.JSONField(null=True)),
                        (
                            "learned_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="认可人",
                            ),
                        ),
                        ("learned_at", models.DateTimeField(auto_now=True, verbose_name="认可时间")),
                    ],
                    options={
                        "verbose_name": "记住的写法",
                        "verbose_name_plural": "记住的写法",
                        "ordering": ["key", "written"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation", "key", "spelling"), name="learned_spelling_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("spelling", ""), _negated=True), name="learned_spelling_not_empty"
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
