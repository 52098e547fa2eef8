import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
import core.public_text
from core.roles import grant

KINDS = ("政策", "资金", "中试", "定价", "权属", "审批", "人才", "其他")


def fill_kinds(apps, schema_editor):
    ObstacleKind = apps.get_model("mechanism", "ObstacleKind")
    rows = [ObstacleKind(name=name, order=order * 10) for order, name in enumerate(KINDS, 1)]
    ObstacleKind.objects.bulk_create(rows, ignore_conflicts=True)


READ = ["view_obstacle", "view_obstaclekind", "view_trialresult", "view_trialfile"]


def grant_permissions(apps, schema_editor):
    city = [*READ, "add_obstaclekind", "change_obstaclekind"]
    grant(apps, "mechanism", {"city_officer": city, "auditor": READ})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_bureaus"),
        ("achievements", "0001_initial"),
        ("deals", "0001_initial"),
        ("matching", "0001_initial"),
        ("mechanism", "0003_kept_totals"),
    ]

    operations = [
        migrations.CreateModel(
            name="ObstacleKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        error_messages={"unique": "已有同名类别。"}, max_length=20, unique=True, verbose_name="类别"
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="顺序")),
                (
                    "is_active",
                    models.BooleanField(default=True, help_text="停用后不能再选，原有的堵点不变", verbose_name="可选"),
                ),
            ],
            options={
                "verbose_name": "堵点类别",
                "verbose_name_plural": "堵点类别",
                "ordering": ["order", "pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="Obstacle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obstacles",
                        to="mechanism.obstaclekind",
                        verbose_name="类别",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obstacles",
                        to="accounts.organisation",
                        verbose_name="提出单位",
                    ),
                ),
                ("text", models.TextField(max_length=1000, verbose_name="遇到什么")),
                (
                    "policy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obstacles",
                        to="mechanism.policy",
                        verbose_name="涉及的政策",
                    ),
                ),
                (
                    "follow_up",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obstacles",
                        to="matching.followup",
                        verbose_name="对接跟进",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obstacles",
                        to="deals.deal",
                        verbose_name="成交项目",
                    ),
                ),
                (
                    "base_request",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obstacles",
                        to="mechanism.baserequest",
                        verbose_name="中试和验证申请",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("raised", "待交办"),
                            ("assigned", "办理中"),
                            ("answered", "已答复"),
                            ("solved", "已解决"),
                            ("unsolved", "未解决"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="raised",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
                (
                    "raised_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="提出时间"),
                ),
                (
                    "waits_from",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="从何时等交办"
                    ),
                ),
                (
                    "solver",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="given_obstacles",
                        to="accounts.organisation",
                        verbose_name="办理单位",
                    ),
                ),
                (
                    "handler",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="办理人",
                    ),
                ),
                ("assigned_at", models.DateTimeField(editable=False, null=True, verbose_name="交办时间")),
                ("due_on", models.DateField(editable=False, null=True, verbose_name="答复期限")),
                ("answer", models.TextField(blank=True, editable=False, max_length=2000, verbose_name="答复")),
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
                (
                    "judged_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="评价人",
                    ),
                ),
                ("judged_at", models.DateTimeField(editable=False, null=True, verbose_name="评价时间")),
                (
                    "judgement",
                    models.CharField(blank=True, editable=False, max_length=300, verbose_name="为什么没有解决"),
                ),
                (
                    "public_text",
                    models.TextField(blank=True, editable=False, max_length=500, verbose_name="公布的问题"),
                ),
                (
                    "public_answer",
                    models.TextField(blank=True, editable=False, max_length=2000, verbose_name="公布的答复"),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="公布人",
                    ),
                ),
                ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="公布时间")),
            ],
            options={
                "verbose_name": "堵点",
                "verbose_name_plural": "堵点",
                "ordering": ["-raised_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "assigned")), fields=["solver", "due_on"], name="obstacle_waiting"
                    ),
                    models.Index(
                        models.OrderBy(models.F("published_at"), descending=True),
                        condition=models.Q(("published_at__isnull", False)),
                        name="obstacle_public",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("deal", None), ("follow_up", None)),
                            models.Q(("base_request", None), ("follow_up", None)),
                            models.Q(("base_request", None), ("deal", None)),
                            _connector="OR",
                        ),
                        name="obstacle_of_one_record",
                        violation_error_message="一条堵点只写一项对接、成交或中试申请。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["raised", "withdrawn"]),
                            models.Q(
                                ("assigned_at__isnull", False), ("due_on__isnull", False), ("solver__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="obstacle_assigned_with_clock",
                        violation_error_message="交办要写明办理单位和答复期限。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at__isnull", False),
                                ("status__in", ["answered", "solved", "unsolved"]),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            ("status__in", ["raised", "assigned", "withdrawn"]),
                            _connector="OR",
                        ),
                        name="obstacle_answered_with_words",
                        violation_error_message="请写明答复。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at", None), ("published_by", None)),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("published_at__isnull", False),
                                ("published_by__isnull", False),
                                models.Q(("public_text", ""), _negated=True),
                                models.Q(("public_answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="obstacle_published_with_texts",
                        violation_error_message="公布要有问题和答复两段文字。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on", None), ("assigned_at__isnull", False), _connector="OR"),
                        name="obstacle_due_when_assigned",
                    ),
                ],
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
        migrations.CreateModel(
            name="TrialResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="result",
                        to="mechanism.baserequest",
                        verbose_name="中试和验证申请",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("reached", "达到预期"), ("partly", "部分达到"), ("missed", "没有达到")],
                        max_length=10,
                        verbose_name="结论",
                    ),
                ),
                ("finished_on", models.DateField(verbose_name="试验结束日期")),
                ("summary", models.TextField(max_length=2000, verbose_name="做了什么、结果怎样")),
                (
                    "data",
                    models.TextField(
                        blank=True,
                        help_text="每行一项，如“收率：92.4%（5 公斤级，3 批）”",
                        max_length=4000,
                        verbose_name="数据",
                    ),
                ),
                (
                    "cost_wan",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="费用（万元）",
                    ),
                ),
                (
                    "maturity_scale",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("trl9", "技术就绪度（9 级）"),
                            ("gbt37264", "GB/T 37264 新材料（9 级）"),
                            ("gbt22900_13", "GB/T 22900（13 级）"),
                        ],
                        max_length=20,
                        verbose_name="成熟度标准",
                    ),
                ),
                (
                    "maturity_level",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(13),
                        ],
                        verbose_name="达到的成熟度等级",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("proposed", "待对方确认"), ("disputed", "有异议"), ("confirmed", "双方已确认")],
                        default="proposed",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1, editable=False, verbose_name="第几稿")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="填写人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="填写时间"),
                ),
                (
                    "base_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="基地确认人",
                    ),
                ),
                ("base_at", models.DateTimeField(editable=False, null=True, verbose_name="基地确认时间")),
                (
                    "user_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="用户确认人",
                    ),
                ),
                ("user_at", models.DateTimeField(editable=False, null=True, verbose_name="申请单位确认时间")),
                ("dispute", models.CharField(blank=True, editable=False, max_length=500, verbose_name="异议")),
                ("is_public", models.BooleanField(default=False, editable=False, verbose_name="公开结论")),
                (
                    "revision",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="achievements.achievementrevision",
                        verbose_name="成熟度修改",
                    ),
                ),
            ],
            options={
                "verbose_name": "中试结果",
                "verbose_name_plural": "中试结果",
                "ordering": ["-finished_on", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("base_at__isnull", False), ("status", "confirmed"), ("user_at__isnull", False)),
                            models.Q(
                                models.Q(("status", "confirmed"), _negated=True),
                                models.Q(("base_at", None), ("user_at", None), _connector="OR"),
                            ),
                            _connector="OR",
                        ),
                        name="trial_result_confirmed_iff_both_said_so",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("base_at", None), ("base_by", None)),
                            models.Q(("base_at__isnull", False), ("base_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="trial_result_base_word_by_someone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("user_at", None), ("user_by", None)),
                            models.Q(("user_at__isnull", False), ("user_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="trial_result_user_word_by_someone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("base_by", None),
                            ("user_by", None),
                            models.Q(("base_by", models.F("user_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="trial_result_confirmed_by_two_persons",
                        violation_error_message="基地和申请单位要由两个人分别确认。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "disputed"), models.Q(("dispute", ""), _negated=True)),
                            models.Q(models.Q(("status", "disputed"), _negated=True), ("dispute", "")),
                            _connector="OR",
                        ),
                        name="trial_result_disputed_with_reason",
                        violation_error_message="提出异议请写明哪里不对。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_public", False), ("status", "confirmed"), _connector="OR"),
                        name="trial_result_public_when_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cost_wan", None), ("cost_wan__gte", 0), _connector="OR"),
                        name="trial_result_cost_not_negative",
                        violation_error_message="费用不能小于 0。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("maturity_level", None), ("maturity_scale", "")),
                            models.Q(("maturity_level__range", (1, 13)), ("maturity_scale", "gbt22900_13")),
                            models.Q(("maturity_level__range", (1, 9)), ("maturity_scale__in", ["trl9", "gbt37264"])),
                            _connector="OR",
                        ),
                        name="trial_result_maturity_on_scale",
                        violation_error_message="成熟度等级超出所选标准的范围，或只填了标准、等级中的一项。",
                    ),
                ],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="TrialFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                (
                    "result",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="mechanism.trialresult",
                        verbose_name="中试结果",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                ("file", models.FileField(max_length=200, upload_to="trials/%Y/%m/", verbose_name="文件")),
                ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="大小（字节）")),
                ("sha256", models.CharField(max_length=64)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="添加人",
                    ),
                ),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="添加时间")),
            ],
            options={
                "verbose_name": "中试结果文件",
                "verbose_name_plural": "中试结果文件",
                "ordering": ["added_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("result", "sha256"),
                        name="trial_file_once",
                        violation_error_message="这个文件已经上传过了。",
                    )
                ],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.AddField(
            model_name="evaluation",
            name="published_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="公开时间"),
        ),
        migrations.AddField(
            model_name="evaluation",
            name="published_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="公开人",
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="remark",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="evidence",
                to="mechanism.remark",
                verbose_name="进展",
            ),
        ),
        migrations.AddField(
            model_name="measure",
            name="joint",
            field=models.ManyToManyField(
                blank=True,
                help_text="也能看到这项举措并报告进展",
                limit_choices_to={"kind__in": ["bureau", "district"]},
                related_name="joint_measures",
                to="accounts.organisation",
                verbose_name="配合单位",
            ),
        ),
        migrations.AddField(
            model_name="measure",
            name="report_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="如 30；市级部门按此报告，每次经市里审核后顺延。不要求的留空",
                null=True,
                validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(180)],
                verbose_name="几天报一次进展",
            ),
        ),
        migrations.AddField(
            model_name="measure",
            name="report_due_on",
            field=models.DateField(
                blank=True, help_text="到期没有报告，记为逾期", null=True, verbose_name="下次报进展"
            ),
        ),
        migrations.AddField(
            model_name="remark",
            name="organisation",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
                verbose_name="报告单位",
            ),
        ),
        migrations.AddField(
            model_name="remark",
            name="review",
            field=models.CharField(
                blank=True,
                choices=[("", "不需审核"), ("pending", "待审核"), ("accepted", "已采纳"), ("returned", "已退回")],
                db_default="",
                default="",
                editable=False,
                max_length=10,
                verbose_name="审核",
            ),
        ),
        migrations.AddField(
            model_name="remark",
            name="review_note",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=300, verbose_name="审核意见"),
        ),
        migrations.AddField(
            model_name="remark",
            name="reviewed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="审核时间"),
        ),
        migrations.AddField(
            model_name="remark",
            name="reviewed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="审核人",
            ),
        ),
        migrations.AddField(
            model_name="remark",
            name="wants_finish",
            field=models.BooleanField(db_default=False, default=False, verbose_name="请市里确认完成"),
        ),
        migrations.AlterField(
            model_name="measure",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                help_text="选区市县科技部门或市级部门，它就能看到并报告进展",
                limit_choices_to={"kind__in": ["city", "bureau", "district"]},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="measures",
                to="accounts.organisation",
                verbose_name="责任单位",
            ),
        ),
        migrations.AlterField(
            model_name="measure",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                help_text="到期前由平台提醒",
                limit_choices_to={"is_active": True},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="measures",
                to=settings.AUTH_USER_MODEL,
                verbose_name="责任人",
            ),
        ),
        migrations.AlterField(
            model_name="task",
            name="lead",
            field=models.ForeignKey(
                blank=True,
                limit_choices_to={"kind__in": ["city", "bureau", "district"]},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="led_tasks",
                to="accounts.organisation",
                verbose_name="牵头单位",
            ),
        ),
        migrations.AddConstraint(
            model_name="evaluation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at", None), ("published_by", None)),
                    models.Q(("published_at__isnull", False), ("published_by__isnull", False), ("status", "finished")),
                    _connector="OR",
                ),
                name="evaluation_published_when_finished",
                violation_error_message="评价完成后才能公开。",
            ),
        ),
        migrations.AddConstraint(
            model_name="remark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("review__in", ["accepted", "returned"]),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                    ),
                    models.Q(("review__in", ["", "pending"]), ("reviewed_at", None), ("reviewed_by", None)),
                    _connector="OR",
                ),
                name="remark_reviewed_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="remark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("review", ""), models.Q(("kind", "report"), ("organisation__isnull", False)), _connector="OR"
                ),
                name="remark_reviewed_is_report_of_bureau",
            ),
        ),
        migrations.AddConstraint(
            model_name="remark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("review", "returned"), _negated=True),
                    models.Q(("review_note", ""), _negated=True),
                    _connector="OR",
                ),
                name="remark_returned_with_reason",
                violation_error_message="退回请写明原因。",
            ),
        ),
        migrations.AddConstraint(
            model_name="remark",
            constraint=models.UniqueConstraint(
                condition=models.Q(("review", "pending")),
                fields=("measure", "organisation"),
                name="remark_one_pending_per_bureau",
                violation_error_message="上一份进展还在等市里审核。",
            ),
        ),
        migrations.RunPython(fill_kinds, migrations.RunPython.noop),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
