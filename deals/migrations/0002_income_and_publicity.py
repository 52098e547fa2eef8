from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("deals", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IncomeCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                (
                    "title",
                    models.CharField(help_text="如某成果许可的第一笔收入", max_length=150, verbose_name="事项名称"),
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
                ("income_on", models.DateField(help_text="年度报告按这个日期归入年份", verbose_name="取得收入的日期")),
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
                        blank=True, editable=False, max_length=200, upload_to="income/%Y/%m/", verbose_name="分配方案"
                    ),
                ),
                ("evidence_name", models.CharField(blank=True, editable=False, max_length=200, verbose_name="文件名")),
                ("evidence_type", models.CharField(blank=True, editable=False, max_length=100, verbose_name="类型")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="拟订时间"),
                ),
                ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="确定时间")),
            ],
            options={
                "verbose_name": "收益分配",
                "verbose_name_plural": "收益分配",
                "ordering": ["-income_on", "-pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="IncomeShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("name", models.CharField(max_length=30, verbose_name="姓名")),
                (
                    "part",
                    models.CharField(
                        blank=True, help_text="如第一完成人、转化服务", max_length=100, verbose_name="贡献"
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
                ("objected_at", models.DateTimeField(editable=False, null=True, verbose_name="本人提出异议的时间")),
                ("objection", models.CharField(blank=True, editable=False, max_length=300, verbose_name="异议")),
                ("paid_on", models.DateField(editable=False, null=True, verbose_name="发放日期")),
            ],
            options={
                "verbose_name": "个人份额",
                "verbose_name_plural": "个人份额",
                "ordering": ["pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.AddField(
            model_name="priceobjection",
            name="contact",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=100, verbose_name="怎样答复"
            ),
        ),
        migrations.AddField(
            model_name="priceobjection",
            name="due_on",
            field=models.DateField(editable=False, null=True, verbose_name="答复期限"),
        ),
        migrations.AddField(
            model_name="priceobjection",
            name="is_from_page",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="在公示页提出"),
        ),
        migrations.AddField(
            model_name="priceobjection",
            name="public_id",
            field=models.CharField(editable=False, max_length=10, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="priceobjection",
            name="public_id",
            field=models.CharField(
                default=core.public_id.new_public_id, editable=False, max_length=10, null=True, unique=True
            ),
        ),
        migrations.AddField(
            model_name="priceobjection",
            name="raised_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="提出人账号",
            ),
        ),
        migrations.AddField(
            model_name="priceobjection",
            name="settled_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="处理人",
            ),
        ),
        migrations.AddField(
            model_name="pricepublicity",
            name="is_public",
            field=models.BooleanField(db_default=False, default=False, verbose_name="在平台上公示"),
        ),
        migrations.AddField(
            model_name="pricepublicity",
            name="prolonged_reason",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=200, verbose_name="延长原因"
            ),
        ),
        migrations.AddField(
            model_name="pricepublicity",
            name="public_id",
            field=models.CharField(editable=False, max_length=10, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="pricepublicity",
            name="public_id",
            field=models.CharField(
                default=core.public_id.new_public_id, editable=False, max_length=10, null=True, unique=True
            ),
        ),
        migrations.AddField(
            model_name="pricepublicity",
            name="title",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200, verbose_name="公示的成果名称"
            ),
        ),
        migrations.AddConstraint(
            model_name="pricepublicity",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_public", False), models.Q(("title", ""), _negated=True), _connector="OR"),
                name="publicity_public_with_title",
                violation_error_message="在平台上公示请写明成果名称。",
            ),
        ),
        migrations.AddField(
            model_name="incomecase",
            name="contract",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="income_cases",
                to="deals.contract",
                verbose_name="技术合同",
            ),
        ),
        migrations.AddField(
            model_name="incomecase",
            name="deal",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="income_cases",
                to="deals.deal",
                verbose_name="成交项目",
            ),
        ),
        migrations.AddField(
            model_name="incomecase",
            name="decided_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="确定人",
            ),
        ),
        migrations.AddField(
            model_name="incomecase",
            name="institution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="income_cases",
                to="accounts.organisation",
                verbose_name="单位",
            ),
        ),
        migrations.AddField(
            model_name="incomecase",
            name="made_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="拟订人",
            ),
        ),
        migrations.AddField(
            model_name="incomeshare",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shares",
                to="deals.incomecase",
                verbose_name="收益分配",
            ),
        ),
        migrations.AddField(
            model_name="incomeshare",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="平台账号",
            ),
        ),
        migrations.AddIndex(
            model_name="incomecase",
            index=models.Index(fields=["institution", "status", "income_on"], name="income_by_institution"),
        ),
        migrations.AddConstraint(
            model_name="incomecase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("costs_wan__gte", Decimal("0")),
                    ("gross_wan__gt", Decimal("0")),
                    ("costs_wan__lte", models.F("gross_wan")),
                ),
                name="income_costs_within_gross",
                violation_error_message="成本不能大于收入。",
            ),
        ),
        migrations.AddConstraint(
            model_name="incomecase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", False), ("status", "decided"), models.Q(("evidence", ""), _negated=True)
                    ),
                    models.Q(models.Q(("status", "decided"), _negated=True), ("decided_at", None)),
                    _connector="OR",
                ),
                name="income_decided_with_evidence",
                violation_error_message="确定分配要先上传分配方案。",
            ),
        ),
        migrations.AddConstraint(
            model_name="incomecase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "cancelled"), models.Q(("cancelled_reason", ""), _negated=True)),
                    models.Q(models.Q(("status", "cancelled"), _negated=True), ("cancelled_reason", "")),
                    _connector="OR",
                ),
                name="income_cancelled_with_reason",
                violation_error_message="作废请写明原因。",
            ),
        ),
        migrations.AddConstraint(
            model_name="incomeshare",
            constraint=models.UniqueConstraint(
                fields=("case", "name", "part"),
                name="income_share_once_per_person",
                violation_error_message="这个人已经在分配里。同名的请在“贡献”里写明区别。",
            ),
        ),
        migrations.AddConstraint(
            model_name="incomeshare",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_wan__gt", Decimal("0"))),
                name="income_share_is_positive",
                violation_error_message="个人金额要大于 0。",
            ),
        ),
        migrations.AddConstraint(
            model_name="incomeshare",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("objected_at", None), ("objection", "")),
                    models.Q(("objected_at__isnull", False), models.Q(("objection", ""), _negated=True)),
                    _connector="OR",
                ),
                name="income_share_objected_with_text",
                violation_error_message="请写明异议的内容。",
            ),
        ),
        migrations.AddConstraint(
            model_name="incomeshare",
            constraint=models.CheckConstraint(
                condition=models.Q(("confirmed_at", None), ("objected_at", None), _connector="OR"),
                name="income_share_confirmed_or_objected",
            ),
        ),
    ]
