import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
import core.public_text
from core.roles import grant

# No grant beyond the year's budget and no payout beyond its grant, whatever SQL the application sends. The triggers lock
# the budget (the application) before they add up, so that two transactions cannot both fit into the same rest.
CREATE_TRIGGERS = """
CREATE FUNCTION mechanism_subsidy_budget_suffices(budget bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    amount numeric;
    committed numeric;
BEGIN
    SELECT amount_wan INTO amount FROM mechanism_subsidybudget WHERE id = budget FOR NO KEY UPDATE;
    SELECT coalesce(sum(CASE WHEN a.status = 'failed' THEN
        (SELECT coalesce(sum(p.amount_wan), 0) FROM mechanism_subsidypayout p
         WHERE p.application_id = a.id AND p.struck_at IS NULL) ELSE a.granted_wan END), 0)
    INTO committed
    FROM mechanism_subsidyapplication a JOIN mechanism_subsidycall c ON c.id = a.call_id
    WHERE c.budget_id = budget AND a.status IN ('publicised', 'granted', 'reported', 'passed', 'failed');
    IF committed > amount THEN
        RAISE EXCEPTION 'subsidy_within_budget: % granted of a budget of %', committed, amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'subsidy_within_budget';
    END IF;
END $$;
CREATE FUNCTION mechanism_subsidy_grant_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.granted_wan IS NOT NULL THEN
        PERFORM mechanism_subsidy_budget_suffices((SELECT budget_id FROM mechanism_subsidycall WHERE id = NEW.call_id));
        IF NEW.granted_wan < (SELECT coalesce(sum(amount_wan), 0) FROM mechanism_subsidypayout
                              WHERE application_id = NEW.id AND struck_at IS NULL) THEN
            RAISE EXCEPTION 'subsidy_payouts_within_grant: the grant is less than what was paid'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'subsidy_payouts_within_grant';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION mechanism_subsidy_budget_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mechanism_subsidy_budget_suffices(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION mechanism_subsidy_payout_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    grant_wan numeric;
    state text;
BEGIN
    SELECT granted_wan, status INTO grant_wan, state FROM mechanism_subsidyapplication
        WHERE id = NEW.application_id FOR NO KEY UPDATE;
    IF NEW.struck_at IS NULL AND (state NOT IN ('granted', 'reported', 'passed') OR grant_wan <
        (SELECT sum(amount_wan) FROM mechanism_subsidypayout
         WHERE application_id = NEW.application_id AND struck_at IS NULL)) THEN
        RAISE EXCEPTION 'subsidy_payouts_within_grant: % of % in state %', NEW.amount_wan, grant_wan, state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'subsidy_payouts_within_grant';
    END IF;
    RETURN NULL;
END $$;
-- A changed size begins today; what the size was before stays for the periods before.
CREATE FUNCTION mechanism_fund_keeps_sizes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    INSERT INTO mechanism_fundsize (fund_id, from_on, subscribed_wan, paid_in_wan)
        SELECT NEW.id, least(OLD.valid_from, today - 1), OLD.subscribed_wan, OLD.paid_in_wan
        WHERE NOT EXISTS (SELECT FROM mechanism_fundsize WHERE fund_id = NEW.id);
    INSERT INTO mechanism_fundsize (fund_id, from_on, subscribed_wan, paid_in_wan)
        VALUES (NEW.id, today, NEW.subscribed_wan, NEW.paid_in_wan)
        ON CONFLICT (fund_id, from_on)
        DO UPDATE SET subscribed_wan = EXCLUDED.subscribed_wan, paid_in_wan = EXCLUDED.paid_in_wan;
    RETURN NULL;
END $$;
CREATE TRIGGER fund_keeps_sizes AFTER UPDATE OF subscribed_wan, paid_in_wan ON mechanism_fund FOR EACH ROW
    WHEN ((OLD.subscribed_wan, OLD.paid_in_wan) IS DISTINCT FROM (NEW.subscribed_wan, NEW.paid_in_wan))
    EXECUTE FUNCTION mechanism_fund_keeps_sizes();
CREATE TRIGGER subsidy_grant_fits AFTER INSERT OR UPDATE OF status, granted_wan, call_id
    ON mechanism_subsidyapplication FOR EACH ROW EXECUTE FUNCTION mechanism_subsidy_grant_fits();
CREATE TRIGGER subsidy_budget_fits AFTER UPDATE OF amount_wan
    ON mechanism_subsidybudget FOR EACH ROW EXECUTE FUNCTION mechanism_subsidy_budget_fits();
CREATE TRIGGER subsidy_payout_fits AFTER INSERT OR UPDATE OF amount_wan, struck_at, application_id
    ON mechanism_subsidypayout FOR EACH ROW EXECUTE FUNCTION mechanism_subsidy_payout_fits();
"""
DROP_TRIGGERS = """
DROP TRIGGER fund_keeps_sizes ON mechanism_fund;
DROP FUNCTION mechanism_fund_keeps_sizes();
DROP TRIGGER subsidy_payout_fits ON mechanism_subsidypayout;
DROP TRIGGER subsidy_budget_fits ON mechanism_subsidybudget;
DROP TRIGGER subsidy_grant_fits ON mechanism_subsidyapplication;
DROP FUNCTION mechanism_subsidy_payout_fits();
DROP FUNCTION mechanism_subsidy_budget_fits();
DROP FUNCTION mechanism_subsidy_grant_fits();
DROP FUNCTION mechanism_subsidy_budget_suffices(bigint);
"""
READ = ["view_fundsize", "view_fundproject", "view_subsidybudget", "view_subsidycall", "view_subsidyapplication"]
WRITE = [
    "add_fundsize",
    "change_fundsize",
    "add_subsidybudget",
    "change_subsidybudget",
    "add_subsidycall",
    "change_subsidycall",
    "decide_subsidy",
]


def grant_permissions(apps, schema_editor):
    grant(apps, "mechanism", {"city_officer": READ + WRITE, "auditor": READ})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("deals", "0001_initial"),
        ("mechanism", "0004_obstacles_reports_trials"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="fund",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                help_text="这个单位的用户可以办理基金的项目",
                limit_choices_to={"kind__in": ["agency", "firm"]},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="funds",
                to="accounts.organisation",
                verbose_name="管理机构（平台单位）",
            ),
        ),
        migrations.CreateModel(
            name="FundProject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("seen", "看过"),
                            ("diligence", "尽调"),
                            ("committee", "投决"),
                            ("invested", "已投资"),
                            ("dropped", "放弃"),
                        ],
                        default="seen",
                        editable=False,
                        max_length=10,
                        verbose_name="到哪一步",
                    ),
                ),
                (
                    "stage_on",
                    models.DateField(
                        default=django.utils.timezone.localdate, editable=False, verbose_name="进入这一步的日期"
                    ),
                ),
                (
                    "dropped_reason",
                    models.CharField(blank=True, editable=False, max_length=300, verbose_name="放弃的原因"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="开始时间"),
                ),
                (
                    "achievement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fund_projects",
                        to="achievements.achievement",
                        verbose_name="成果",
                    ),
                ),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="mechanism.fund",
                        verbose_name="基金",
                    ),
                ),
                (
                    "investment",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project",
                        to="mechanism.investment",
                        verbose_name="投资",
                    ),
                ),
            ],
            options={
                "verbose_name": "基金项目",
                "verbose_name_plural": "基金项目",
                "ordering": ["-stage_on", "-pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="FundProjectStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("seen", "看过"),
                            ("diligence", "尽调"),
                            ("committee", "投决"),
                            ("invested", "已投资"),
                            ("dropped", "放弃"),
                        ],
                        max_length=10,
                        verbose_name="到哪一步",
                    ),
                ),
                ("on", models.DateField(default=django.utils.timezone.localdate, verbose_name="日期")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="记录时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="记录人",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="mechanism.fundproject",
                        verbose_name="基金项目",
                    ),
                ),
            ],
            options={
                "verbose_name": "基金项目进展",
                "verbose_name_plural": "基金项目进展",
                "ordering": ["made_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="FundSize",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField(verbose_name="自")),
                (
                    "subscribed_wan",
                    models.DecimalField(decimal_places=2, max_digits=14, verbose_name="认缴规模（万元）"),
                ),
                ("paid_in_wan", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="实缴规模（万元）")),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sizes",
                        to="mechanism.fund",
                        verbose_name="基金",
                    ),
                ),
            ],
            options={
                "verbose_name": "基金规模变动",
                "verbose_name_plural": "基金规模变动",
                "ordering": ["from_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SubsidyBudget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(2015),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="年度",
                    ),
                ),
                ("amount_wan", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="预算（万元）")),
                (
                    "basis",
                    models.CharField(help_text="批复或预算文件的名称和文号", max_length=200, verbose_name="预算依据"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subsidy_budgets",
                        to="mechanism.policy",
                        verbose_name="政策",
                    ),
                ),
            ],
            options={
                "verbose_name": "专项资金预算",
                "verbose_name_plural": "专项资金预算",
                "ordering": ["-year", "policy"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="SubsidyCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("title", models.CharField(max_length=120, verbose_name="通知标题")),
                ("content", models.TextField(help_text="支持什么、怎样验收", max_length=2000, verbose_name="支持内容")),
                (
                    "audience",
                    models.CharField(
                        choices=[("both", "企业和高校院所"), ("firm", "企业"), ("institution", "高校院所")],
                        default="both",
                        max_length=12,
                        verbose_name="谁可以申报",
                    ),
                ),
                ("is_local_only", models.BooleanField(default=True, verbose_name="限本市注册的单位")),
                ("opens_on", models.DateField(verbose_name="申报开始")),
                ("closes_on", models.DateField(help_text="当天可以申报", verbose_name="申报截止")),
                ("ceiling_wan", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="每项最高（万元）")),
                (
                    "rate_percent",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="支持比例（%）",
                    ),
                ),
                (
                    "rate_basis",
                    models.CharField(
                        choices=[("contract", "登记合同的技术交易额"), ("cost", "项目投入（申报单位填写）")],
                        default="contract",
                        max_length=10,
                        verbose_name="比例按什么算",
                    ),
                ),
                (
                    "materials",
                    models.TextField(
                        blank=True,
                        help_text="每行一项，每项要上传至少一个文件",
                        max_length=2000,
                        verbose_name="申报材料",
                    ),
                ),
                (
                    "least_reviews",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(15),
                        ],
                        verbose_name="至少几位专家评审",
                    ),
                ),
                (
                    "publicity_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="公示天数",
                    ),
                ),
                (
                    "months",
                    models.PositiveSmallIntegerField(
                        default=12,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="几个月内完成并申请验收",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "拟定中"), ("published", "已发布"), ("cancelled", "已取消")],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="发布时间")),
                (
                    "cancelled_reason",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="取消原因"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="mechanism.subsidybudget",
                        verbose_name="政策和年度预算",
                    ),
                ),
            ],
            options={
                "verbose_name": "专项资金申报通知",
                "verbose_name_plural": "专项资金申报通知",
                "ordering": ["-opens_on", "-pk"],
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
        migrations.CreateModel(
            name="SubsidyApplication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                (
                    "title",
                    models.CharField(blank=True, help_text="拟支持时会公示", max_length=120, verbose_name="项目名称"),
                ),
                (
                    "content",
                    models.TextField(
                        blank=True,
                        help_text="做什么、已经做到哪一步、钱用在哪里",
                        max_length=3000,
                        verbose_name="项目内容",
                    ),
                ),
                (
                    "goals",
                    models.TextField(
                        blank=True, help_text="完成时拿什么验收，尽量写数字", max_length=1000, verbose_name="验收目标"
                    ),
                ),
                (
                    "basis_wan",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="计算基数（万元）"
                    ),
                ),
                (
                    "requested_wan",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="申请金额（万元）"
                    ),
                ),
                (
                    "ceiling_wan",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=12, null=True, verbose_name="可支持上限（万元）"
                    ),
                ),
                ("sheet", models.JSONField(default=list, editable=False, verbose_name="申报数据")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待受理"),
                            ("returned", "待补正"),
                            ("review", "评审中"),
                            ("refused", "不予支持"),
                            ("publicised", "公示中"),
                            ("granted", "已立项"),
                            ("reported", "待验收"),
                            ("passed", "验收通过"),
                            ("failed", "验收不通过"),
                            ("revoked", "已撤销"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "status_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="进入该状态的时间"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="开始填写"),
                ),
                ("submitted_at", models.DateTimeField(editable=False, null=True, verbose_name="提交时间")),
                (
                    "return_reason",
                    models.TextField(blank=True, editable=False, max_length=1000, verbose_name="要补正什么"),
                ),
                ("mend_until", models.DateField(editable=False, null=True, verbose_name="补正期限")),
                ("accepted_at", models.DateTimeField(editable=False, null=True, verbose_name="受理时间")),
                (
                    "granted_wan",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=12, null=True, verbose_name="支持金额（万元）"
                    ),
                ),
                (
                    "decision_reason",
                    models.TextField(blank=True, editable=False, max_length=1000, verbose_name="决定理由"),
                ),
                ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="决定时间")),
                ("public_until", models.DateField(editable=False, null=True, verbose_name="公示至")),
                ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="立项时间")),
                ("finish_by", models.DateField(editable=False, null=True, verbose_name="申请验收期限")),
                (
                    "end_reason",
                    models.TextField(blank=True, editable=False, max_length=1000, verbose_name="撤销或撤回的原因"),
                ),
                ("report", models.TextField(blank=True, editable=False, max_length=3000, verbose_name="完成情况")),
                ("reported_at", models.DateTimeField(editable=False, null=True, verbose_name="申请验收时间")),
                (
                    "check_reason",
                    models.TextField(blank=True, editable=False, max_length=1000, verbose_name="验收意见"),
                ),
                ("checked_at", models.DateTimeField(editable=False, null=True, verbose_name="验收时间")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="受理人",
                    ),
                ),
                (
                    "achievement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subsidy_applications",
                        to="achievements.achievement",
                        verbose_name="成果",
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
                        verbose_name="验收人",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subsidy_applications",
                        to="deals.contract",
                        verbose_name="技术合同",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="填写人",
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
                        verbose_name="决定人",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subsidy_applications",
                        to="accounts.organisation",
                        verbose_name="申报单位",
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="mechanism.subsidycall",
                        verbose_name="申报通知",
                    ),
                ),
            ],
            options={
                "verbose_name": "专项资金申报",
                "verbose_name_plural": "专项资金申报",
                "ordering": ["-created_at", "-pk"],
                "permissions": [("decide_subsidy", "Can accept, review, decide and pay subsidies")],
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
        migrations.CreateModel(
            name="SubsidyFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("material", models.CharField(max_length=200, verbose_name="哪一项材料")),
                ("file", models.FileField(max_length=200, upload_to="subsidies/%Y/%m/", verbose_name="文件")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                ("size", models.PositiveBigIntegerField(verbose_name="大小（字节）")),
                ("sha256", models.CharField(editable=False, max_length=64)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间")),
                ("removed_at", models.DateTimeField(editable=False, null=True, verbose_name="移除时间")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="mechanism.subsidyapplication",
                        verbose_name="专项资金申报",
                    ),
                ),
            ],
            options={
                "verbose_name": "申报材料",
                "verbose_name_plural": "申报材料",
                "ordering": ["added_at", "pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="SubsidyObjection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("text", models.TextField(max_length=1000, verbose_name="异议内容")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "待处理"), ("upheld", "成立"), ("dismissed", "不成立")],
                        default="open",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("answer", models.TextField(blank=True, editable=False, max_length=1000, verbose_name="处理意见")),
                ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="处理时间")),
                (
                    "answered_by",
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
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="mechanism.subsidyapplication",
                        verbose_name="专项资金申报",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
            ],
            options={
                "verbose_name": "专项资金异议",
                "verbose_name_plural": "专项资金异议",
                "ordering": ["made_at", "pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="SubsidyPayout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("amount_wan", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="拨付金额（万元）")),
                ("paid_on", models.DateField(verbose_name="拨付日期")),
                ("voucher", models.CharField(max_length=60, verbose_name="支付凭证号")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="录入时间")),
                ("struck_at", models.DateTimeField(editable=False, null=True, verbose_name="划去时间")),
                (
                    "struck_reason",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="划去原因"),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payouts",
                        to="mechanism.subsidyapplication",
                        verbose_name="专项资金申报",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="录入人",
                    ),
                ),
            ],
            options={
                "verbose_name": "专项资金拨付",
                "verbose_name_plural": "专项资金拨付",
                "ordering": ["paid_on", "pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="SubsidyReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("due_on", models.DateField(verbose_name="评审期限")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "待评审"),
                            ("given", "已评审"),
                            ("recused", "已回避"),
                            ("released", "已撤销邀请"),
                        ],
                        default="asked",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "advice",
                    models.CharField(
                        blank=True,
                        choices=[("support", "建议支持"), ("oppose", "建议不支持")],
                        editable=False,
                        max_length=10,
                        verbose_name="建议",
                    ),
                ),
                (
                    "advised_wan",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=12, null=True, verbose_name="建议金额（万元）"
                    ),
                ),
                ("reason", models.TextField(blank=True, editable=False, max_length=1000, verbose_name="理由")),
                ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="mechanism.subsidyapplication",
                        verbose_name="专项资金申报",
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subsidy_reviews",
                        to="mechanism.expert",
                        verbose_name="评审专家",
                    ),
                ),
            ],
            options={
                "verbose_name": "专项资金评审意见",
                "verbose_name_plural": "专项资金评审意见",
                "ordering": ["application", "pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.AddConstraint(
            model_name="fundproject",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage__in", ["invested", "dropped"]), _negated=True),
                fields=("fund", "achievement"),
                name="fund_project_one_running",
                violation_error_message="这支基金已经在看这项成果。",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundproject",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "dropped"), models.Q(("dropped_reason", ""), _negated=True)),
                    models.Q(models.Q(("stage", "dropped"), _negated=True), ("dropped_reason", "")),
                    _connector="OR",
                ),
                name="fund_project_dropped_with_reason",
                violation_error_message="放弃请写明原因。",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundproject",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("investment__isnull", False), ("stage", "invested")),
                    models.Q(models.Q(("stage", "invested"), _negated=True), ("investment", None)),
                    _connector="OR",
                ),
                name="fund_project_invested_with_investment",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundsize",
            constraint=models.UniqueConstraint(
                fields=("fund", "from_on"),
                name="fund_size_once_a_day",
                violation_error_message="这一天的规模已经登记过。",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundsize",
            constraint=models.CheckConstraint(
                condition=models.Q(("paid_in_wan__gte", 0), ("paid_in_wan__lte", models.F("subscribed_wan"))),
                name="fund_size_paid_in_within_subscribed",
                violation_error_message="实缴规模不能超过认缴规模，请核对单位（万元）。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidybudget",
            constraint=models.UniqueConstraint(
                fields=("policy", "year"),
                name="subsidy_budget_once_a_year",
                violation_error_message="这条政策当年的预算已经录入，请直接修改那一条。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidybudget",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_wan__gt", 0)),
                name="subsidy_budget_is_money",
                violation_error_message="预算要大于零，单位是万元。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidycall",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_on__gte", models.F("opens_on"))),
                name="subsidy_call_window_in_order",
                violation_error_message="申报截止不能早于开始。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidycall",
            constraint=models.CheckConstraint(
                condition=models.Q(("ceiling_wan__gt", 0)),
                name="subsidy_call_ceiling_is_money",
                violation_error_message="每项最高金额要大于零。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidycall",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate_percent__gte", 1), ("rate_percent__lte", 100)),
                name="subsidy_call_rate_within_hundred",
                violation_error_message="支持比例请填 1 到 100。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidycall",
            constraint=models.CheckConstraint(
                condition=models.Q(("least_reviews__gte", 2), ("publicity_days__gte", 5)),
                name="subsidy_call_least_publicity_and_reviews",
                violation_error_message="公示至少 5 天，评审至少 2 位专家。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidycall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at", None), ("status", "draft")),
                    models.Q(("published_at__isnull", False), ("status", "published")),
                    ("status", "cancelled"),
                    _connector="OR",
                ),
                name="subsidy_call_published_at_iff_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidycall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "cancelled"), models.Q(("cancelled_reason", ""), _negated=True)),
                    models.Q(models.Q(("status", "cancelled"), _negated=True), ("cancelled_reason", "")),
                    _connector="OR",
                ),
                name="subsidy_call_cancelled_with_reason",
                violation_error_message="取消申报通知请写明原因。",
            ),
        ),
        migrations.AddIndex(
            model_name="subsidyapplication",
            index=models.Index(fields=["status", "status_at"], name="subsidy_by_status"),
        ),
        migrations.AddConstraint(
            model_name="subsidyapplication",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["refused", "revoked", "withdrawn"]), _negated=True),
                fields=("call", "organisation", "achievement", "contract"),
                name="subsidy_application_once_per_project",
                nulls_distinct=False,
                violation_error_message="贵单位已经用这项成果（合同）填了这次申报，请打开那一份继续办理。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(("basis_wan", None), ("basis_wan__gt", 0), _connector="OR"),
                name="subsidy_basis_is_money",
                violation_error_message="计算基数要大于零。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(("requested_wan", None), ("requested_wan__gt", 0), _connector="OR"),
                name="subsidy_request_is_money",
                violation_error_message="申请金额要大于零。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "returned", "withdrawn"]),
                    models.Q(
                        ("ceiling_wan__isnull", False),
                        ("requested_wan__isnull", False),
                        ("submitted_at__isnull", False),
                        ("requested_wan__lte", models.F("ceiling_wan")),
                    ),
                    _connector="OR",
                ),
                name="subsidy_request_within_ceiling",
                violation_error_message="申请金额超过了可支持的上限。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("granted_wan", None),
                    models.Q(
                        ("granted_wan__gt", 0),
                        ("granted_wan__lte", models.F("ceiling_wan")),
                        ("granted_wan__lte", models.F("requested_wan")),
                    ),
                    _connector="OR",
                ),
                name="subsidy_grant_within_ceiling",
                violation_error_message="支持金额不能超过可支持的上限，也不能超过申请的金额。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status__in", ["publicised", "granted", "reported", "passed", "failed", "revoked"]),
                        ("decided_by__isnull", False),
                        ("granted_wan__isnull", False),
                        ("public_until__isnull", False),
                        ("decided_at__isnull", False),
                    ),
                    models.Q(
                        ("status__in", ["draft", "submitted", "returned", "review", "withdrawn"]),
                        ("decided_at", None),
                        ("granted_wan", None),
                        ("public_until", None),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("granted_wan", None),
                        ("status", "refused"),
                    ),
                    _connector="OR",
                ),
                name="subsidy_granted_iff_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_at", None), models.Q(("decision_reason", ""), _negated=True), _connector="OR"
                ),
                name="subsidy_decided_with_reason",
                violation_error_message="请写明决定的理由。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    models.Q(
                        ("accepted_by__isnull", False), models.Q(("decided_by", models.F("accepted_by")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="subsidy_decided_by_second_officer",
                violation_error_message="受理和决定要由两位专员办理，请交给同事决定。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("checked_at__isnull", False),
                        ("checked_by__isnull", False),
                        ("status__in", ["passed", "failed"]),
                        models.Q(("check_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("status__in", ["passed", "failed"]), _negated=True),
                        ("checked_at", None),
                        ("checked_by", None),
                    ),
                    _connector="OR",
                ),
                name="subsidy_checked_with_reason",
                violation_error_message="请写明验收意见。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["granted", "reported", "passed", "failed"]), _negated=True),
                    models.Q(("confirmed_at__isnull", False), ("finish_by__isnull", False)),
                    _connector="OR",
                ),
                name="subsidy_confirmed_has_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyobjection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None), ("status", "open")),
                    models.Q(
                        models.Q(("status", "open"), _negated=True),
                        ("answered_at__isnull", False),
                        models.Q(("answer", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="subsidy_objection_answered_with_words",
                violation_error_message="处理异议请写明意见。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyobjection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("application", "made_by"),
                name="subsidy_objection_one_open_per_person",
                violation_error_message="您对这个项目的异议还在处理中。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidypayout",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_wan__gt", 0)),
                name="subsidy_payout_is_money",
                violation_error_message="拨付金额要大于零。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidypayout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("struck_at", None), ("struck_reason", "")),
                    models.Q(("struck_at__isnull", False), models.Q(("struck_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="subsidy_payout_struck_with_reason",
                violation_error_message="划去拨付请写明原因。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidypayout",
            constraint=models.UniqueConstraint(
                condition=models.Q(("struck_at", None)),
                fields=("voucher",),
                name="subsidy_payout_voucher_once",
                violation_error_message="这个支付凭证号已经录入过，请核对。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyreview",
            constraint=models.UniqueConstraint(
                fields=("application", "expert"),
                name="subsidy_review_once_per_expert",
                violation_error_message="已邀请过这位专家。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at__isnull", False),
                        ("status", "given"),
                        models.Q(("advice", ""), _negated=True),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    models.Q(models.Q(("status", "given"), _negated=True), ("advice", ""), ("advised_wan", None)),
                    _connector="OR",
                ),
                name="subsidy_review_given_with_reason",
                violation_error_message="请选择建议并写明理由。",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "recused"), models.Q(("reason", ""), _negated=True)),
                    models.Q(("status", "recused"), _negated=True),
                    _connector="OR",
                ),
                name="subsidy_review_recused_with_reason",
                violation_error_message="请写明回避的原因。",
            ),
        ),
        migrations.RunSQL(CREATE_TRIGGERS, DROP_TRIGGERS),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
