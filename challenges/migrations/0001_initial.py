import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
import core.public_text
from core.roles import grant

# What is handed in is in time by the clock of the database, and stays as it was: a row is only withdrawn, also in time.
# The challenge is locked against an extension or the opening until the transaction ends. A dump that is restored, and
# the demo, may date a row earlier, never later.
SEAL = """
CREATE FUNCTION challenges_submission_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state text;
    closes timestamptz;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.bid_id, NEW.number, NEW.cipher, NEW.digest, NEW.sealed_by_id, NEW.public_id) IS DISTINCT FROM
            (OLD.bid_id, OLD.number, OLD.cipher, OLD.digest, OLD.sealed_by_id, OLD.public_id)
            OR NEW.sealed_at > OLD.sealed_at OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS NULL) THEN
            RAISE EXCEPTION 'submission_is_sealed: what was handed in stays as it was'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'submission_is_sealed';
        END IF;
        IF NEW.withdrawn_at IS NOT DISTINCT FROM OLD.withdrawn_at THEN
            RETURN NEW;
        END IF;
    END IF;
    SELECT c.status, c.closes_at INTO state, closes FROM challenges_challenge c
        JOIN challenges_bid b ON b.challenge_id = c.id WHERE b.id = NEW.bid_id FOR SHARE OF c;
    IF state <> 'published' OR clock_timestamp() >= closes THEN
        RAISE EXCEPTION 'submission_in_time: the deadline was %', closes
            USING ERRCODE = 'check_violation', CONSTRAINT = 'submission_in_time';
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.sealed_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION challenges_submission_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'submission_is_sealed: what was handed in is not deleted'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'submission_is_sealed';
END $$;
CREATE TRIGGER submission_in_time BEFORE INSERT OR UPDATE ON challenges_submission
    FOR EACH ROW EXECUTE FUNCTION challenges_submission_in_time();
CREATE TRIGGER submission_stays BEFORE DELETE ON challenges_submission
    FOR EACH ROW EXECUTE FUNCTION challenges_submission_stays();
"""
NO_SEAL = """
DROP TRIGGER submission_stays ON challenges_submission;
DROP TRIGGER submission_in_time ON challenges_submission;
DROP FUNCTION challenges_submission_stays();
DROP FUNCTION challenges_submission_in_time();
"""
GRANTS = {
    "city_officer": ["view_challenge", "check_challenge", "publish_challenge"],
    "district_officer": ["view_challenge", "check_challenge"],
    "auditor": ["view_challenge"],
}


def grant_permissions(apps, schema_editor):
    grant(apps, "challenges", GRANTS)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("deals", "0001_initial"),
        ("demands", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bid",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("draft", models.TextField(default="", editable=False, verbose_name="草稿（加密）")),
                ("revision", models.PositiveIntegerField(default=0, editable=False, verbose_name="修改次数")),
                (
                    "started_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="起草时间"),
                ),
                (
                    "changed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="修改时间"),
                ),
                (
                    "score",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=5, null=True, verbose_name="评审得分"
                    ),
                ),
                (
                    "is_recommended",
                    models.BooleanField(db_default=False, default=False, editable=False, verbose_name="专家推荐"),
                ),
                (
                    "hidden_names",
                    models.TextField(db_default="", default="", editable=False, verbose_name="不再显示的姓名（加密）"),
                ),
                (
                    "excluded_reason",
                    models.CharField(
                        blank=True, default="", editable=False, max_length=300, verbose_name="不再参与的原因"
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bids",
                        to="accounts.organisation",
                        verbose_name="牵头单位",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起草人",
                    ),
                ),
            ],
            options={
                "verbose_name": "揭榜方案",
                "verbose_name_plural": "揭榜方案",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="BidFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("file", models.FileField(max_length=200, upload_to="bids/%Y/%m/", verbose_name="文件（加密）")),
                ("sealed_name", models.TextField(verbose_name="文件名（加密）")),
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
                    "bid",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="challenges.bid",
                        verbose_name="揭榜方案",
                    ),
                ),
            ],
            options={
                "verbose_name": "揭榜方案附件",
                "verbose_name_plural": "揭榜方案附件",
                "ordering": ["added_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("title", models.CharField(max_length=120, verbose_name="榜单题目")),
                (
                    "problem",
                    models.TextField(
                        help_text="用本企业自己的话说清问题和现状", max_length=5000, verbose_name="问题（企业原话）"
                    ),
                ),
                (
                    "offers",
                    models.TextField(
                        blank=True,
                        help_text="一行一条，如试验设备、现场、数据、加工",
                        max_length=1000,
                        verbose_name="企业能给什么",
                    ),
                ),
                (
                    "conditions",
                    models.TextField(help_text="谁可以揭榜，一行一条", max_length=1000, verbose_name="揭榜条件"),
                ),
                (
                    "prize_wan",
                    models.DecimalField(
                        decimal_places=2, help_text="按里程碑付给揭榜方", max_digits=12, verbose_name="榜金（万元）"
                    ),
                ),
                (
                    "total_wan",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="总投入（万元）"
                    ),
                ),
                ("closes_at", models.DateTimeField(verbose_name="揭榜截止")),
                ("announced_closes_at", models.DateTimeField(editable=False, null=True, verbose_name="发布时的截止")),
                (
                    "industry_weight",
                    models.PositiveSmallIntegerField(
                        default=25,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="产业带动作用（%）",
                    ),
                ),
                (
                    "basis_weight",
                    models.PositiveSmallIntegerField(
                        default=25,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="研究基础（%）",
                    ),
                ),
                (
                    "technology_weight",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="技术指标（%）",
                    ),
                ),
                (
                    "finance_weight",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="财务指标（%）",
                    ),
                ),
                (
                    "publicity_workdays",
                    models.PositiveSmallIntegerField(
                        default=5,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(30),
                        ],
                        verbose_name="结果公示（工作日）",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "起草中"),
                            ("checking", "待区县核对"),
                            ("checked", "待市级发布"),
                            ("published", "揭榜中"),
                            ("review", "评审中"),
                            ("recommended", "待企业选定"),
                            ("publicised", "公示中"),
                            ("awarded", "待签约"),
                            ("signed", "已签约立项"),
                            ("failed", "流标"),
                            ("closed", "已撤榜"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=12,
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
                    "return_reason",
                    models.CharField(blank=True, editable=False, max_length=300, verbose_name="退回说明"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="起草时间"),
                ),
                ("agreed_at", models.DateTimeField(editable=False, null=True, verbose_name="企业同意时间")),
                ("checked_at", models.DateTimeField(editable=False, null=True, verbose_name="核对时间")),
                ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="发布时间")),
                ("list_year", models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="榜单年度")),
                ("list_place", models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="榜单序号")),
                ("opened_at", models.DateTimeField(editable=False, null=True, verbose_name="开标时间")),
                (
                    "opened_count",
                    models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="开标时的方案数"),
                ),
                (
                    "review_conclusion",
                    models.TextField(blank=True, editable=False, max_length=1000, verbose_name="评审结论"),
                ),
                (
                    "choice_reason",
                    models.TextField(blank=True, editable=False, max_length=1000, verbose_name="选定理由"),
                ),
                ("chosen_at", models.DateTimeField(editable=False, null=True, verbose_name="选定时间")),
                ("public_until", models.DateField(editable=False, null=True, verbose_name="公示至")),
                ("awarded_at", models.DateTimeField(editable=False, null=True, verbose_name="确认揭榜方的时间")),
                ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="结束时间")),
                ("end_reason", models.CharField(blank=True, editable=False, max_length=300, verbose_name="结束原因")),
                (
                    "agreed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="企业同意人",
                    ),
                ),
                (
                    "awarded_by",
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
                    "checked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="核对人",
                    ),
                ),
                (
                    "chosen_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="企业选定人",
                    ),
                ),
                (
                    "deal",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="challenge",
                        to="deals.deal",
                        verbose_name="成交项目",
                    ),
                ),
                (
                    "demand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="challenges",
                        to="demands.demand",
                        verbose_name="技术需求",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="结束人",
                    ),
                ),
                (
                    "opened_with",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="共同开标人",
                    ),
                ),
                (
                    "opening_asked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发起开标",
                    ),
                ),
                (
                    "previous",
                    models.OneToOneField(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="next",
                        to="challenges.challenge",
                        verbose_name="流标的上一榜",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发布人",
                    ),
                ),
                (
                    "winner",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="won",
                        to="challenges.bid",
                        verbose_name="揭榜方案",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起草人",
                    ),
                ),
            ],
            options={
                "verbose_name": "揭榜挂帅榜单",
                "verbose_name_plural": "揭榜挂帅榜单",
                "ordering": ["-created_at", "-pk"],
                "permissions": [
                    ("check_challenge", "Can check challenges"),
                    ("publish_challenge", "Can publish, open and award challenges"),
                ],
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
        migrations.AddField(
            model_name="bid",
            name="challenge",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bids",
                to="challenges.challenge",
                verbose_name="榜单",
            ),
        ),
        migrations.CreateModel(
            name="Addendum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=1000, verbose_name="补充公告")),
                ("closes_at", models.DateTimeField(null=True, verbose_name="新的截止时间")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="发布时间")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发布人",
                    ),
                ),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addenda",
                        to="challenges.challenge",
                        verbose_name="榜单",
                    ),
                ),
            ],
            options={
                "verbose_name": "补充公告",
                "verbose_name_plural": "补充公告",
                "ordering": ["made_at", "pk"],
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
        migrations.CreateModel(
            name="ChallengeIndicator",
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
                ("present", models.CharField(blank=True, max_length=60, verbose_name="现在的数值")),
                ("acceptance", models.CharField(blank=True, max_length=200, verbose_name="怎样验收")),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="indicators",
                        to="challenges.challenge",
                    ),
                ),
            ],
            options={
                "verbose_name": "榜单指标",
                "verbose_name_plural": "榜单指标",
                "ordering": ["order", "pk"],
                "abstract": False,
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
        migrations.CreateModel(
            name="ChallengeMilestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "month",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="第几个月",
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="里程碑")),
                ("standard", models.CharField(max_length=200, verbose_name="做到什么")),
                (
                    "percent",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="付榜金的（%）",
                    ),
                ),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="challenges.challenge",
                    ),
                ),
            ],
            options={
                "verbose_name": "榜单里程碑",
                "verbose_name_plural": "榜单里程碑",
                "ordering": ["month", "pk"],
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
        migrations.CreateModel(
            name="ChallengeObjection",
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
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="challenges.challenge",
                        verbose_name="榜单",
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
                "verbose_name": "揭榜结果异议",
                "verbose_name_plural": "揭榜结果异议",
                "ordering": ["made_at", "pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="ChallengeQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("text", models.TextField(max_length=500, verbose_name="问题")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提问时间")),
                ("answer", models.TextField(blank=True, editable=False, max_length=1000, verbose_name="答复")),
                ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
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
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提问人",
                    ),
                ),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="challenges.challenge",
                        verbose_name="榜单",
                    ),
                ),
            ],
            options={
                "verbose_name": "榜单问答",
                "verbose_name_plural": "榜单问答",
                "ordering": ["asked_at", "pk"],
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="第几次递交")),
                ("cipher", models.TextField(verbose_name="密封的方案")),
                ("digest", models.CharField(max_length=64, verbose_name="密封指纹")),
                ("sealed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="递交时间")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                (
                    "bid",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="challenges.bid",
                        verbose_name="揭榜方案",
                    ),
                ),
                (
                    "sealed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="递交人",
                    ),
                ),
            ],
            options={
                "verbose_name": "递交的方案",
                "verbose_name_plural": "递交的方案",
                "ordering": ["bid", "number"],
            },
        ),
        migrations.CreateModel(
            name="BidMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("is_lead", models.BooleanField(db_default=False, default=False, verbose_name="牵头")),
                ("invited_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="邀请时间")),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="同意时间")),
                ("accepted_digest", models.CharField(default="", editable=False, max_length=64)),
                ("removed_at", models.DateTimeField(null=True, verbose_name="退出时间")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="同意人",
                    ),
                ),
                (
                    "bid",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="challenges.bid",
                        verbose_name="揭榜方案",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="邀请人",
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
            ],
            options={
                "verbose_name": "揭榜单位",
                "verbose_name_plural": "揭榜单位",
                "ordering": ["-is_lead", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)),
                        fields=("bid", "organisation"),
                        name="bid_member_once",
                        violation_error_message="这个单位已经在联合体里。",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_lead", True), ("removed_at", None)),
                        fields=("bid",),
                        name="bid_one_lead",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at", None), ("accepted_by", None), ("accepted_digest", "")),
                            models.Q(
                                ("accepted_at__isnull", False),
                                ("accepted_by__isnull", False),
                                models.Q(("accepted_digest", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="bid_member_accepted_by_somebody",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="challenge",
            index=models.Index(fields=["status", "closes_at"], name="challenge_by_status"),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["failed", "closed"]), _negated=True),
                fields=("demand",),
                name="challenge_one_live_per_demand",
                violation_error_message="这项需求已经在发榜，请打开那一榜继续办理。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.UniqueConstraint(fields=("list_year", "list_place"), name="challenge_list_number_once"),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("prize_wan__gt", 0),
                    models.Q(("total_wan", None), ("total_wan__gte", models.F("prize_wan")), _connector="OR"),
                ),
                name="challenge_prize_within_total",
                violation_error_message="榜金要大于零，也不能大于总投入。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "industry_weight",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.Value(100), "-", models.F("basis_weight")
                                ),
                                "-",
                                models.F("technology_weight"),
                            ),
                            "-",
                            models.F("finance_weight"),
                        ),
                    )
                ),
                name="challenge_weights_make_a_hundred",
                violation_error_message="四项评审权重合计应为 100。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("announced_closes_at", None), ("list_place", None), ("list_year", None), ("published_at", None)
                    ),
                    models.Q(
                        ("list_place__isnull", False),
                        ("list_year__isnull", False),
                        ("published_at__isnull", False),
                        ("agreed_by__isnull", False),
                        ("announced_closes_at__isnull", False),
                        ("checked_by__isnull", False),
                        ("published_by__isnull", False),
                        models.Q(("published_by", models.F("checked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="challenge_published_by_second_officer",
                violation_error_message="核对和发布要由两位专员办理，请交给同事发布。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("announced_closes_at", None), ("closes_at__gte", models.F("announced_closes_at")), _connector="OR"
                ),
                name="challenge_deadline_never_earlier",
                violation_error_message="发布以后，截止时间只能延后，不能提前。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("opened_at", None), ("opened_count", None), ("opened_with", None)),
                    models.Q(
                        ("opened_at__gte", models.F("closes_at")),
                        ("opened_count__isnull", False),
                        ("opened_with__isnull", False),
                        ("opening_asked_by__isnull", False),
                        models.Q(("opened_with", models.F("opening_asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="challenge_opened_by_two_after_deadline",
                violation_error_message="截止以后由两个人一起开标，不能一个人开。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status__in", ["review", "recommended", "publicised", "awarded", "signed"]), _negated=True
                    ),
                    ("opened_at__isnull", False),
                    _connector="OR",
                ),
                name="challenge_reviewed_after_opening",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status__in", ["publicised", "awarded", "signed"]),
                        ("winner__isnull", False),
                        ("chosen_at__isnull", False),
                        ("chosen_by__isnull", False),
                        ("public_until__isnull", False),
                        models.Q(("choice_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("status__in", ["publicised", "awarded", "signed"]), _negated=True),
                        ("public_until", None),
                        ("winner", None),
                    ),
                    _connector="OR",
                ),
                name="challenge_winner_iff_chosen",
                violation_error_message="请写明选定的理由。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("awarded_at__isnull", False),
                        ("awarded_by__isnull", False),
                        ("status__in", ["awarded", "signed"]),
                    ),
                    models.Q(models.Q(("status__in", ["awarded", "signed"]), _negated=True), ("awarded_at", None)),
                    _connector="OR",
                ),
                name="challenge_awarded_iff_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deal__isnull", False), ("status", "signed")),
                    models.Q(models.Q(("status", "signed"), _negated=True), ("deal", None)),
                    _connector="OR",
                ),
                name="challenge_signed_iff_deal",
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", False),
                        ("status__in", ["failed", "closed"]),
                        models.Q(("end_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("status__in", ["failed", "closed"]), _negated=True),
                        ("end_reason", ""),
                        ("ended_at", None),
                    ),
                    _connector="OR",
                ),
                name="challenge_ended_with_reason",
                violation_error_message="请写明结束的原因。",
            ),
        ),
        migrations.AddConstraint(
            model_name="bid",
            constraint=models.UniqueConstraint(
                fields=("challenge", "lead"),
                name="bid_once_per_lead",
                violation_error_message="本单位已经在写这一榜的揭榜方案，请打开那一份。",
            ),
        ),
        migrations.AddConstraint(
            model_name="bid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_recommended", False),
                    models.Q(("excluded_reason", ""), ("score__isnull", False)),
                    _connector="OR",
                ),
                name="bid_recommended_with_score",
            ),
        ),
        migrations.AddConstraint(
            model_name="challengemilestone",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__lte", 100)), name="challenge_milestone_part_of_prize"
            ),
        ),
        migrations.AddConstraint(
            model_name="challengeobjection",
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
                name="challenge_objection_answered_with_words",
                violation_error_message="处理异议请写明意见。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challengeobjection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("challenge", "made_by"),
                name="challenge_objection_one_open_per_person",
                violation_error_message="您对这个结果的异议还在处理中。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challengequestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None)),
                    models.Q(("answered_at__isnull", False), models.Q(("answer", ""), _negated=True)),
                    _connector="OR",
                ),
                name="challenge_question_answered_with_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(fields=("bid", "number"), name="submission_number_once"),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at", None), ("withdrawn_at__gte", models.F("sealed_at")), _connector="OR"
                ),
                name="submission_withdrawn_later",
            ),
        ),
        migrations.RunSQL(SEAL, NO_SEAL),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
