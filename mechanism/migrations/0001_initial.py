from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.validators
import core.plain_text
import core.public_id
import core.public_text
import deals.models.confirmation
import mechanism.models.allocation
import mechanism.models.target
from core.create_models import CreateModels
from core.roles import grant
from mechanism.city_rows import add_targets, add_tasks

READ = [
    *("view_task", "view_measure", "view_milestone", "view_minutes", "view_policy", "view_policycondition"),
    *("view_fund", "view_investment", "export_fund", "view_base", "view_freeperiod", "view_baserequest"),
    *("view_venture", "view_target", "view_raterule", "view_honour", "view_objection", "view_relatedparties"),
    *("view_expert", "view_evaluation", "view_ventureyear", "view_figureversion"),
    *("view_obstacle", "view_obstaclekind", "view_trialresult", "view_trialfile", "view_fundsize", "view_fundproject"),
    *("view_subsidybudget", "view_subsidycall", "view_subsidyapplication"),
]
WRITE = [
    *("change_task", "add_measure", "change_measure", "add_milestone", "change_milestone"),
    *("add_minutes", "change_minutes", "add_policy", "change_policy"),
    *("add_policycondition", "change_policycondition"),
    *("add_fund", "change_fund", "import_fund", "add_investment", "change_investment"),
    *("add_base", "change_base", "add_freeperiod", "change_freeperiod"),
    *("change_baserequest", "add_venture", "change_venture"),
    *("add_target", "change_target", "add_raterule", "change_raterule"),
    *("add_honour", "change_honour", "release_honour", "add_relatedparties", "change_relatedparties"),
    *("add_expert", "change_expert", "add_evaluation", "run_evaluation"),
    *("add_ventureyear", "change_ventureyear", "check_figureversion", "sign_figureversion"),
    *("add_obstaclekind", "change_obstaclekind", "add_fundsize", "change_fundsize", "add_subsidybudget"),
    *("change_subsidybudget", "add_subsidycall", "change_subsidycall", "decide_subsidy"),
]
DISTRICT = [
    *("view_task", "view_measure", "view_milestone", "view_policy", "view_policycondition"),
    *("view_base", "view_freeperiod", "view_venture", "view_ventureyear"),
]


def grant_permissions(apps, schema_editor):
    grant(apps, "mechanism", {"city_officer": READ + WRITE, "district_officer": DISTRICT, "auditor": READ})


def fill_tasks_and_targets(apps, schema_editor):
    add_tasks(apps, settings.CITY)
    add_targets(apps, settings.CITY)


OBSTACLE_KINDS = ("政策", "资金", "中试", "定价", "权属", "审批", "人才", "其他")


def fill_obstacle_kinds(apps, schema_editor):
    ObstacleKind = apps.get_model("mechanism", "ObstacleKind")
    rows = [ObstacleKind(name=name, order=order * 10) for order, name in enumerate(OBSTACLE_KINDS, 1)]
    ObstacleKind.objects.bulk_create(rows, ignore_conflicts=True)


# What has been signed is what the city has answered for: the database refuses, whatever SQL the application sends.
# The contents of a version are written once, before its hash; only those of a withdrawn check may be removed.
FROZEN = ("mechanism_frozenfigure", "mechanism_frozenrow", "mechanism_restatement")
CREATE_FUNCTIONS = """
CREATE FUNCTION mechanism_version_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status = 'checked' AND (OLD.content_hash = '' OR
        (OLD.public_id, OLD.period, OLD.last_on, OLD.number, OLD.previous_id, OLD.note, OLD.checked_by_id,
         OLD.checked_at, OLD.definitions, OLD.public_report, OLD.row_sets, OLD.row_count, OLD.rows_hash,
         OLD.values_hash, OLD.content_hash)
        IS NOT DISTINCT FROM
        (NEW.public_id, NEW.period, NEW.last_on, NEW.number, NEW.previous_id, NEW.note, NEW.checked_by_id,
         NEW.checked_at, NEW.definitions, NEW.public_report, NEW.row_sets, NEW.row_count, NEW.rows_hash,
         NEW.values_hash, NEW.content_hash)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '月结版本不能修改或删除，要改请出下一版' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER mechanism_version_stands BEFORE UPDATE OR DELETE ON mechanism_figureversion
    FOR EACH ROW EXECUTE FUNCTION mechanism_version_stands();
CREATE TRIGGER mechanism_version_stays BEFORE TRUNCATE ON mechanism_figureversion
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_version_stands();
CREATE FUNCTION mechanism_frozen_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT 1 FROM (SELECT DISTINCT version_id FROM touched) AS written
            JOIN mechanism_figureversion AS version ON version.id = written.version_id
            WHERE version.status <> 'checked' OR version.content_hash <> '') THEN
            RETURN NULL;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM (SELECT DISTINCT version_id FROM touched) AS written
            JOIN mechanism_figureversion AS version ON version.id = written.version_id
            WHERE version.status <> 'withdrawn') THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION '月结的内容不能增加、修改或删除，要改请出下一版' USING ERRCODE = 'insufficient_privilege';
END $$;
"""
CREATE_TRIGGERS = CREATE_FUNCTIONS + "".join(
    f"""
CREATE TRIGGER {table}_is_written_once AFTER INSERT ON {table} REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_frozen_stands();
CREATE TRIGGER {table}_stands AFTER DELETE ON {table} REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_frozen_stands();
CREATE TRIGGER {table}_stays BEFORE UPDATE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_frozen_stands();
"""
    for table in FROZEN
)
DROP_TRIGGERS = (
    "".join(
        f"""
DROP TRIGGER {table}_stays ON {table};
DROP TRIGGER {table}_stands ON {table};
DROP TRIGGER {table}_is_written_once ON {table};
"""
        for table in FROZEN
    )
    + """
DROP FUNCTION mechanism_frozen_stands();
DROP TRIGGER mechanism_version_stays ON mechanism_figureversion;
DROP TRIGGER mechanism_version_stands ON mechanism_figureversion;
DROP FUNCTION mechanism_version_stands();
"""
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("brokers", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("deals", "0001_initial"),
        ("demands", "0001_initial"),
        ("enquiries", "0001_initial"),
        ("integrity", "0001_initial"),
        ("matching", "0001_initial"),
        ("rounds", "0001_initial"),
        ("taxonomy", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="AllocatedTarget",
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
                            "figure",
                            models.CharField(
                                choices=mechanism.models.allocation.allocated_figures,
                                max_length=20,
                                verbose_name="指标",
                            ),
                        ),
                        ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                        (
                            "region",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.region",
                                verbose_name="区市县",
                            ),
                        ),
                        (
                            "institution",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="高校院所",
                            ),
                        ),
                        ("value", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="目标值")),
                        (
                            "status",
                            models.CharField(
                                choices=[("given", "待答复"), ("countered", "有不同意见"), ("agreed", "已商定")],
                                default="given",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "proposed",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="对方提出的值"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=0, editable=False)),
                    ],
                    options={
                        "verbose_name": "分解目标",
                        "verbose_name_plural": "分解目标",
                        "ordering": ["-year", "figure", "region", "institution", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("institution__isnull", True), ("region__isnull", False)),
                                    models.Q(("institution__isnull", False), ("region__isnull", True)),
                                    _connector="OR",
                                ),
                                name="allocated_target_has_one_assignee",
                                violation_error_message="分解目标要下达给一个区市县，或者一家高校院所。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("region__isnull", False)),
                                fields=("figure", "year", "region"),
                                name="allocated_target_once_per_region",
                                violation_error_message="这个区市县这一年的这项目标已经下达，请修改已有的一条。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("institution__isnull", False)),
                                fields=("figure", "year", "institution"),
                                name="allocated_target_once_per_institution",
                                violation_error_message="这家高校院所这一年的这项目标已经下达，请修改已有的一条。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("value__gt", 0),
                                    models.Q(("proposed__isnull", True), ("proposed__gt", 0), _connector="OR"),
                                ),
                                name="allocated_target_is_positive",
                                violation_error_message="目标值要大于 0。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("figure", "local_rate"), _negated=True),
                                    models.Q(
                                        ("value__lte", 100),
                                        models.Q(("proposed__isnull", True), ("proposed__lte", 100), _connector="OR"),
                                    ),
                                    _connector="OR",
                                ),
                                name="allocated_rate_is_a_percentage",
                                violation_error_message="转化率的目标不能超过 100%。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("proposed__isnull", False), ("status", "countered")),
                                    models.Q(
                                        models.Q(("status", "countered"), _negated=True), ("proposed__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="allocated_target_countered_iff_proposed",
                                violation_error_message="有不同意见时要写出提出的值。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="AllocationStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "target",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="mechanism.allocatedtarget",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("given", "市里下达"),
                                    ("revised", "市里改为"),
                                    ("agreed", "对方同意"),
                                    ("countered", "对方提出"),
                                    ("accepted", "市里采纳"),
                                ],
                                max_length=10,
                                verbose_name="动作",
                            ),
                        ),
                        ("value", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="值")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="谁",
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                    ],
                    options={
                        "verbose_name": "分解目标的经过",
                        "verbose_name_plural": "分解目标的经过",
                        "ordering": ["at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "countered"), _negated=True),
                                    models.Q(("note", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="allocation_counter_has_reason",
                                violation_error_message="提出不同的值要写明理由。",
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Base",
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
                            "name",
                            models.CharField(
                                error_messages={"unique": "已有同名基地。"},
                                max_length=100,
                                unique=True,
                                verbose_name="名称",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("pilot", "中试基地"), ("proof", "概念验证中心")],
                                max_length=10,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                help_text="这个单位的用户可以答复申请；没有选的由市科技局答复",
                                limit_choices_to={"kind__in": ["institution", "firm", "agency"]},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bases",
                                to="accounts.organisation",
                                verbose_name="运营单位",
                            ),
                        ),
                        (
                            "operator",
                            models.CharField(
                                blank=True,
                                help_text="不在平台上时填写",
                                max_length=100,
                                verbose_name="运营单位（文字）",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                blank=True,
                                limit_choices_to={"is_reporting": True},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bases",
                                to="accounts.region",
                                verbose_name="所在区市县",
                            ),
                        ),
                        ("place", models.CharField(blank=True, max_length=200, verbose_name="地址")),
                        (
                            "takes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("concept", "概念验证"),
                                        ("lab", "小试"),
                                        ("pilot", "中试"),
                                        ("industrial", "可产业化"),
                                    ],
                                    max_length=10,
                                ),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="承接的成熟度",
                            ),
                        ),
                        ("description", models.TextField(blank=True, max_length=2000, verbose_name="能做什么")),
                        (
                            "capacity",
                            models.CharField(
                                blank=True, help_text="面积、产线、产能、主要设备", max_length=300, verbose_name="能力"
                            ),
                        ),
                        (
                            "price",
                            models.CharField(
                                blank=True, help_text="怎么收费；未定的写“面议”", max_length=300, verbose_name="收费"
                            ),
                        ),
                        ("is_listed", models.BooleanField(default=True, verbose_name="公开并接受申请")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                        (
                            "facts_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("name")),
                                    deals.models.confirmation.FactText(models.F("kind")),
                                    deals.models.confirmation.FactText(models.F("organisation")),
                                    deals.models.confirmation.FactText(models.F("region")),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                        (
                            "fields",
                            models.ManyToManyField(
                                blank=True, related_name="bases", to="taxonomy.industry", verbose_name="服务领域"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "中试基地和概念验证中心",
                        "verbose_name_plural": "中试基地和概念验证中心",
                        "ordering": ["name"],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="FreePeriod",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "base",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="free_periods",
                                to="mechanism.base",
                                verbose_name="基地",
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="从")),
                        ("ends_on", models.DateField(verbose_name="到")),
                        (
                            "note",
                            models.CharField(blank=True, help_text="如“2 号釜”", max_length=100, verbose_name="说明"),
                        ),
                    ],
                    options={
                        "verbose_name": "空档",
                        "verbose_name_plural": "空档",
                        "ordering": ["starts_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                                name="free_period_in_order",
                                violation_error_message="空档的结束不能早于开始。",
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="BaseRequest",
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
                            "base",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="mechanism.base",
                                verbose_name="基地",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="base_requests",
                                to="accounts.organisation",
                                verbose_name="申请单位",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="base_requests",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "what",
                            models.TextField(
                                help_text="样品、批量、要验证的指标", max_length=1000, verbose_name="要做什么"
                            ),
                        ),
                        ("wanted_from", models.DateField(blank=True, null=True, verbose_name="希望从")),
                        ("wanted_to", models.DateField(blank=True, null=True, verbose_name="到")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("asked", "待答复"),
                                    ("accepted", "已接受"),
                                    ("declined", "未接受"),
                                    ("withdrawn", "已撤回"),
                                ],
                                default="asked",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申请人",
                            ),
                        ),
                        (
                            "asked_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="申请时间"
                            ),
                        ),
                        ("answer", models.CharField(blank=True, editable=False, max_length=300, verbose_name="答复")),
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
                    ],
                    options={
                        "verbose_name": "中试和验证申请",
                        "verbose_name_plural": "中试和验证申请",
                        "ordering": ["-asked_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("wanted_from__isnull", True),
                                    ("wanted_to__isnull", True),
                                    ("wanted_to__gte", models.F("wanted_from")),
                                    _connector="OR",
                                ),
                                name="base_request_dates_in_order",
                                violation_error_message="希望的结束日期不能早于开始日期。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("answered_by__isnull", False),
                                        ("status__in", ["accepted", "declined"]),
                                    ),
                                    models.Q(
                                        ("answered_at", None),
                                        ("answered_by", None),
                                        ("status__in", ["asked", "withdrawn"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="base_request_answered_by_someone",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "declined"), _negated=True),
                                    models.Q(("answer", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="base_request_declined_with_reason",
                                violation_error_message="不接受申请请写明原因。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="FigureVersion",
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
                                unique=True,
                                verbose_name="核验码",
                            ),
                        ),
                        ("period", models.CharField(editable=False, max_length=7, verbose_name="月份")),
                        ("last_on", models.DateField(editable=False, verbose_name="截至")),
                        ("number", models.PositiveSmallIntegerField(editable=False, verbose_name="版本")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("checked", "已核对，待签发"),
                                    ("signed", "已签发"),
                                    ("withdrawn", "已撤回核对"),
                                ],
                                default="checked",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "previous",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="later",
                                to="mechanism.figureversion",
                                verbose_name="对照的版本",
                            ),
                        ),
                        (
                            "note",
                            models.TextField(blank=True, editable=False, max_length=1000, verbose_name="核对说明"),
                        ),
                        (
                            "checked_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核对人",
                            ),
                        ),
                        ("checked_at", models.DateTimeField(editable=False, verbose_name="核对时间")),
                        (
                            "signed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="签发人",
                            ),
                        ),
                        ("signed_at", models.DateTimeField(editable=False, null=True, verbose_name="签发时间")),
                        (
                            "office",
                            models.CharField(blank=True, editable=False, max_length=100, verbose_name="签发单位"),
                        ),
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="撤回人",
                            ),
                        ),
                        ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="撤回时间")),
                        ("definitions", models.JSONField(default=dict, editable=False, verbose_name="口径")),
                        ("public_report", models.JSONField(default=dict, editable=False, verbose_name="公开的内容")),
                        ("row_sets", models.JSONField(default=dict, editable=False, verbose_name="记录的分组")),
                        ("row_count", models.PositiveIntegerField(default=0, editable=False, verbose_name="记录数")),
                        (
                            "rows_hash",
                            models.CharField(blank=True, editable=False, max_length=64, verbose_name="记录的校验值"),
                        ),
                        (
                            "values_hash",
                            models.CharField(
                                blank=True, editable=False, max_length=64, verbose_name="数值和更正的校验值"
                            ),
                        ),
                        (
                            "content_hash",
                            models.CharField(blank=True, editable=False, max_length=64, verbose_name="校验值"),
                        ),
                        ("seal", models.CharField(blank=True, editable=False, max_length=64, verbose_name="签章值")),
                    ],
                    options={
                        "verbose_name": "月结版本",
                        "verbose_name_plural": "月结版本",
                        "ordering": ["-last_on", "-number", "-pk"],
                        "permissions": [
                            ("check_figureversion", "Can check the figures of a month"),
                            ("sign_figureversion", "Can sign the figures of a month"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "withdrawn"), _negated=True),
                                fields=("period", "number"),
                                name="figure_version_numbered_once",
                                violation_error_message="这个月的这一版已经有了，请刷新页面查看。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "checked")),
                                fields=("period",),
                                name="figure_version_checked_once",
                                violation_error_message="这个月已经有人核对，正在等待签发。请刷新页面查看。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "signed"), _negated=True),
                                    models.Q(
                                        ("signed_at__isnull", False),
                                        ("signed_by__isnull", False),
                                        models.Q(("office", ""), _negated=True),
                                        models.Q(("seal", ""), _negated=True),
                                        models.Q(("content_hash", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="figure_version_signed_is_sealed",
                                violation_error_message="签发要有签发人、时间、单位和签章值。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status", "signed"),
                                    models.Q(("seal", ""), ("signed_at", None), ("signed_by", None)),
                                    _connector="OR",
                                ),
                                name="figure_version_unsigned_has_no_signature",
                                violation_error_message="没有签发的版本不能带签章。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("signed_by", None),
                                    models.Q(("signed_by", models.F("checked_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="figure_version_checked_and_signed_by_two",
                                violation_error_message="核对人和签发人不能是同一个人，请另一位市级专员签发。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status", "withdrawn"),
                                        ("withdrawn_at__isnull", False),
                                        ("withdrawn_by__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(("status", "withdrawn"), _negated=True),
                                        ("withdrawn_at", None),
                                        ("withdrawn_by", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="figure_version_withdrawn_iff_by_whom",
                                violation_error_message="撤回核对要记下撤回人和时间。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FrozenFigure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="figures",
                                to="mechanism.figureversion",
                            ),
                        ),
                        (
                            "span",
                            models.CharField(
                                choices=[("month", "当月"), ("quarter", "当季"), ("year", "年初以来")], max_length=7
                            ),
                        ),
                        ("figure", models.CharField(max_length=40)),
                        ("by", models.CharField(blank=True, max_length=20)),
                        ("name", models.CharField(blank=True, max_length=40)),
                        ("label", models.CharField(blank=True, max_length=200)),
                        ("value", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                        ("rows", models.PositiveIntegerField()),
                        ("total", models.DecimalField(decimal_places=2, max_digits=24)),
                        ("part_rows", models.PositiveIntegerField()),
                        ("part", models.DecimalField(decimal_places=2, max_digits=24)),
                        ("parts", models.JSONField(default=dict)),
                    ],
                    options={
                        "verbose_name": "月结的数",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "span", "figure", "by", "name"),
                                name="frozen_figure_once",
                                violation_error_message="同一版本中同一个数只存一次。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FrozenRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="frozen_rows",
                                to="mechanism.figureversion",
                            ),
                        ),
                        ("row_set", models.CharField(max_length=40)),
                        ("object_id", models.BigIntegerField()),
                        ("facts", models.JSONField()),
                        ("fingerprint", models.CharField(max_length=64)),
                    ],
                    options={
                        "verbose_name": "月结的记录",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "row_set", "object_id"),
                                name="frozen_row_once",
                                violation_error_message="同一版本中同一条记录只计一次。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Restatement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="restatements",
                                to="mechanism.figureversion",
                            ),
                        ),
                        ("row_set", models.CharField(max_length=40)),
                        ("object_id", models.BigIntegerField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[("came", "新计入"), ("went", "不再计入"), ("changed", "内容变了")],
                                max_length=7,
                                verbose_name="变化",
                            ),
                        ),
                        ("before", models.JSONField(null=True)),
                        ("after", models.JSONField(null=True)),
                        ("reason", models.CharField(max_length=300, verbose_name="更正理由")),
                    ],
                    options={
                        "verbose_name": "更正",
                        "ordering": ["object_id", "row_set"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "row_set", "object_id"),
                                name="restatement_once",
                                violation_error_message="同一条记录在一版中只更正一次。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="restatement_has_reason",
                                violation_error_message="每处更正都要写明理由。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Expert",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="姓名")),
                        ("unit", models.CharField(max_length=100, verbose_name="工作单位")),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="平台上的单位",
                            ),
                        ),
                        ("position", models.CharField(blank=True, max_length=40, verbose_name="职称")),
                        ("is_active", models.BooleanField(default=True, verbose_name="可邀请")),
                        (
                            "industries",
                            models.ManyToManyField(
                                blank=True, related_name="+", to="taxonomy.industry", verbose_name="熟悉的产业链"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "评价专家",
                        "verbose_name_plural": "评价专家",
                        "ordering": ["name", "unit"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("name", "unit"),
                                name="expert_once",
                                violation_error_message="这位专家已在库中。",
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Evaluation",
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
                                related_name="evaluations",
                                to="achievements.achievement",
                                verbose_name="科技成果",
                            ),
                        ),
                        (
                            "science_weight",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="科学价值权重（%）",
                            ),
                        ),
                        (
                            "technology_weight",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="技术价值权重（%）",
                            ),
                        ),
                        (
                            "economy_weight",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="经济价值权重（%）",
                            ),
                        ),
                        (
                            "society_weight",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="社会价值权重（%）",
                            ),
                        ),
                        (
                            "culture_weight",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="文化价值权重（%）",
                            ),
                        ),
                        (
                            "least_marks",
                            models.PositiveSmallIntegerField(
                                default=3,
                                validators=[
                                    django.core.validators.MinValueValidator(3),
                                    django.core.validators.MaxValueValidator(15),
                                ],
                                verbose_name="至少几位专家",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="评价期限")),
                        (
                            "status",
                            models.CharField(
                                choices=[("asking", "评价中"), ("finished", "已完成"), ("cancelled", "已取消")],
                                default="asking",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "conclusion",
                            models.TextField(blank=True, editable=False, max_length=2000, verbose_name="评价结论"),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发起人",
                            ),
                        ),
                        ("opened_at", models.DateTimeField(auto_now_add=True, verbose_name="发起时间")),
                        ("finished_at", models.DateTimeField(editable=False, null=True, verbose_name="完成时间")),
                        ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="公开时间")),
                        (
                            "published_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="公开人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "成果评价",
                        "verbose_name_plural": "成果评价",
                        "ordering": ["-opened_at", "-pk"],
                        "permissions": [("run_evaluation", "Can open and finish evaluations")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "science_weight",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    django.db.models.expressions.CombinedExpression(
                                                        models.Value(100), "-", models.F("technology_weight")
                                                    ),
                                                    "-",
                                                    models.F("economy_weight"),
                                                ),
                                                "-",
                                                models.F("society_weight"),
                                            ),
                                            "-",
                                            models.F("culture_weight"),
                                        ),
                                    )
                                ),
                                name="evaluation_weights_make_a_hundred",
                                violation_error_message="五项权重合计应为 100。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("finished_at__isnull", False),
                                        ("status", "finished"),
                                        models.Q(("conclusion", ""), _negated=True),
                                    ),
                                    models.Q(models.Q(("status", "finished"), _negated=True), ("finished_at", None)),
                                    _connector="OR",
                                ),
                                name="evaluation_finished_with_conclusion",
                                violation_error_message="完成评价请写明结论。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("published_at", None), ("published_by", None)),
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("published_by__isnull", False),
                                        ("status", "finished"),
                                    ),
                                    _connector="OR",
                                ),
                                name="evaluation_published_when_finished",
                                violation_error_message="评价完成后才能公开。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "asking")),
                                fields=("achievement",),
                                name="evaluation_one_open_per_item",
                                violation_error_message="这项成果正在评价。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Opinion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
                        (
                            "evaluation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="opinions",
                                to="mechanism.evaluation",
                                verbose_name="成果评价",
                            ),
                        ),
                        (
                            "expert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="opinions",
                                to="mechanism.expert",
                                verbose_name="评价专家",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("asked", "待评价"), ("marked", "已评价"), ("recused", "已回避")],
                                default="asked",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "science",
                            models.PositiveSmallIntegerField(
                                editable=False,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="科学价值",
                            ),
                        ),
                        (
                            "technology",
                            models.PositiveSmallIntegerField(
                                editable=False,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="技术价值",
                            ),
                        ),
                        (
                            "economy",
                            models.PositiveSmallIntegerField(
                                editable=False,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="经济价值",
                            ),
                        ),
                        (
                            "society",
                            models.PositiveSmallIntegerField(
                                editable=False,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="社会价值",
                            ),
                        ),
                        (
                            "culture",
                            models.PositiveSmallIntegerField(
                                editable=False,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="文化价值",
                            ),
                        ),
                        ("reasons", models.JSONField(default=dict, editable=False, verbose_name="理由")),
                        (
                            "declared_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="声明没有关联的时间"),
                        ),
                        (
                            "recused_reason",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="回避原因"),
                        ),
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                    ],
                    options={
                        "verbose_name": "专家意见",
                        "verbose_name_plural": "专家意见",
                        "ordering": ["evaluation", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("evaluation", "expert"),
                                name="opinion_once_per_expert",
                                violation_error_message="已邀请过这位专家。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("culture__isnull", False),
                                        ("economy__isnull", False),
                                        ("science__isnull", False),
                                        ("society__isnull", False),
                                        ("status", "marked"),
                                        ("technology__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(("status", "marked"), _negated=True),
                                        ("culture", None),
                                        ("economy", None),
                                        ("science", None),
                                        ("society", None),
                                        ("technology", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="opinion_has_all_marks_iff_marked",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "recused"), models.Q(("recused_reason", ""), _negated=True)),
                                    models.Q(models.Q(("status", "recused"), _negated=True), ("recused_reason", "")),
                                    _connector="OR",
                                ),
                                name="opinion_recused_with_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("culture", None),
                                        ("economy", None),
                                        ("science", None),
                                        ("society", None),
                                        ("technology", None),
                                    ),
                                    models.Q(
                                        ("culture__lte", 100),
                                        ("economy__lte", 100),
                                        ("science__lte", 100),
                                        ("society__lte", 100),
                                        ("technology__lte", 100),
                                    ),
                                    _connector="OR",
                                ),
                                name="opinion_marks_within_a_hundred",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Fund",
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
                            "name",
                            models.CharField(
                                error_messages={"unique": "已有同名基金。"},
                                max_length=100,
                                unique=True,
                                verbose_name="基金名称",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("angel", "天使基金"), ("venture", "创投基金"), ("industry", "产业基金")],
                                max_length=20,
                                verbose_name="类别",
                            ),
                        ),
                        ("manager", models.CharField(max_length=100, verbose_name="管理人")),
                        (
                            "organisation",
                            models.ForeignKey(
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
                        (
                            "subscribed_wan",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="认缴规模（万元）",
                            ),
                        ),
                        (
                            "paid_in_wan",
                            models.DecimalField(
                                decimal_places=2,
                                default=0,
                                max_digits=14,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="实缴规模（万元）",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="设立日期")),
                        ("valid_to", models.DateField(blank=True, null=True, verbose_name="存续期至")),
                        ("note", models.TextField(blank=True, max_length=1000, verbose_name="说明")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                        (
                            "focus",
                            models.ManyToManyField(
                                blank=True, related_name="funds", to="taxonomy.industry", verbose_name="投资领域"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "基金",
                        "verbose_name_plural": "基金",
                        "ordering": ["name"],
                        "permissions": [("export_fund", "Can export funds"), ("import_fund", "Can import funds")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("paid_in_wan__gte", 0), ("subscribed_wan__gte", 0)),
                                name="fund_money_not_negative",
                                violation_error_message="金额不能为负数。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("paid_in_wan__lte", models.F("subscribed_wan"))),
                                name="fund_paid_in_within_subscribed",
                                violation_error_message="实缴规模不能超过认缴规模，请核对单位（万元）。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to__isnull", True),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="fund_validity_in_order",
                                violation_error_message="存续期不能早于设立日期。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="FundSize",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sizes",
                                to="mechanism.fund",
                                verbose_name="基金",
                            ),
                        ),
                        ("from_on", models.DateField(verbose_name="自")),
                        (
                            "subscribed_wan",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="认缴规模（万元）"),
                        ),
                        (
                            "paid_in_wan",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="实缴规模（万元）"),
                        ),
                    ],
                    options={
                        "verbose_name": "基金规模变动",
                        "verbose_name_plural": "基金规模变动",
                        "ordering": ["from_on", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("fund", "from_on"),
                                name="fund_size_once_a_day",
                                violation_error_message="这一天的规模已经登记过。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("paid_in_wan__gte", 0), ("paid_in_wan__lte", models.F("subscribed_wan"))
                                ),
                                name="fund_size_paid_in_within_subscribed",
                                violation_error_message="实缴规模不能超过认缴规模，请核对单位（万元）。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Investment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="investments",
                                to="mechanism.fund",
                                verbose_name="基金",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="investments",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "firm",
                            models.ForeignKey(
                                blank=True,
                                limit_choices_to={"kind": "firm"},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="investments",
                                to="accounts.organisation",
                                verbose_name="企业",
                            ),
                        ),
                        (
                            "target",
                            models.CharField(
                                blank=True,
                                help_text="不在平台上的企业写在这里",
                                max_length=100,
                                verbose_name="被投企业名称",
                            ),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(decimal_places=2, max_digits=14, verbose_name="金额（万元）"),
                        ),
                        ("invested_on", models.DateField(verbose_name="投资日期")),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
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
                        (
                            "facts_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("fund")),
                                    deals.models.confirmation.FactText(models.F("achievement")),
                                    deals.models.confirmation.FactText(models.F("firm")),
                                    deals.models.confirmation.FactText(models.F("target")),
                                    deals.models.confirmation.FactText(models.F("amount_wan")),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("invested_on"))
                                    ),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "投资",
                        "verbose_name_plural": "投资",
                        "ordering": ["-invested_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_wan__gt", 0)),
                                name="investment_is_money",
                                violation_error_message="投资金额要大于零。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("achievement__isnull", False),
                                    ("firm__isnull", False),
                                    models.Q(("target", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="investment_has_a_target",
                                violation_error_message="请选择成果或企业，或写明被投企业名称。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="FundProject",
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
                            "fund",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="projects",
                                to="mechanism.fund",
                                verbose_name="基金",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fund_projects",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "venture",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fund_projects",
                                to="mechanism.venture",
                                verbose_name="孵化企业",
                            ),
                        ),
                        (
                            "match",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fund_projects",
                                to="matching.match",
                                verbose_name="配对",
                            ),
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
                        (
                            "created_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="开始时间"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "基金项目",
                        "verbose_name_plural": "基金项目",
                        "ordering": ["-stage_on", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("stage__in", ["invested", "dropped"]), _negated=True),
                                fields=("fund", "achievement"),
                                name="fund_project_one_running",
                                violation_error_message="这支基金已经在看这项成果。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("stage__in", ["invested", "dropped"]), _negated=True),
                                fields=("fund", "venture"),
                                name="fund_project_one_running_of_venture",
                                violation_error_message="这支基金已经在看这家企业。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("stage__in", ["invested", "dropped"]), _negated=True),
                                fields=("fund", "match"),
                                name="fund_project_one_running_of_match",
                                violation_error_message="这支基金已经在看这个配对。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("achievement__isnull", False), ("match", None), ("venture", None)),
                                    models.Q(("achievement", None), ("match", None), ("venture__isnull", False)),
                                    models.Q(("achievement", None), ("match__isnull", False), ("venture", None)),
                                    _connector="OR",
                                ),
                                name="fund_project_about_one",
                                violation_error_message="一个项目只看一项成果、一家企业或一个配对。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("stage", "dropped"), models.Q(("dropped_reason", ""), _negated=True)),
                                    models.Q(models.Q(("stage", "dropped"), _negated=True), ("dropped_reason", "")),
                                    _connector="OR",
                                ),
                                name="fund_project_dropped_with_reason",
                                violation_error_message="放弃请写明原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("investment__isnull", False), ("stage", "invested")),
                                    models.Q(models.Q(("stage", "invested"), _negated=True), ("investment", None)),
                                    _connector="OR",
                                ),
                                name="fund_project_invested_with_investment",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="FundProjectStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="记录时间")),
                    ],
                    options={
                        "verbose_name": "基金项目进展",
                        "verbose_name_plural": "基金项目进展",
                        "ordering": ["made_at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="RelatedParties",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "one",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="关联单位",
                            ),
                        ),
                        (
                            "why",
                            models.CharField(
                                help_text="如母子公司、同一控制人、互相持股", max_length=200, verbose_name="关联关系"
                            ),
                        ),
                        (
                            "declared_on",
                            models.DateField(default=django.utils.timezone.localdate, verbose_name="登记日期"),
                        ),
                        ("ended_on", models.DateField(blank=True, null=True, verbose_name="终止日期")),
                        (
                            "facts_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("one")),
                                    deals.models.confirmation.FactText(models.F("other")),
                                    deals.models.confirmation.FactText(models.F("why")),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "关联单位",
                        "verbose_name_plural": "关联单位",
                        "ordering": ["one__name", "other__name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("one", "other"),
                                name="related_parties_once",
                                violation_error_message="这两个单位的关联关系已经登记。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("one", models.F("other")), _negated=True),
                                name="related_parties_are_two",
                                violation_error_message="请选择两个不同的单位。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Honour",
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
                        ("name", models.CharField(max_length=100, unique=True, verbose_name="名称")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("broker", "优秀技术经纪人"), ("agency", "优秀服务机构")],
                                max_length=10,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "rule_text",
                            models.TextField(
                                help_text="公示时和名单一起公开", max_length=5000, verbose_name="评选办法"
                            ),
                        ),
                        ("first_on", models.DateField(verbose_name="评选期开始")),
                        ("last_on", models.DateField(verbose_name="评选期结束")),
                        (
                            "places",
                            models.PositiveSmallIntegerField(
                                default=10,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(200),
                                ],
                                verbose_name="名额",
                            ),
                        ),
                        (
                            "cap_per_pair_wan",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("500"),
                                max_digits=10,
                                verbose_name="同一对单位最多计（万元）",
                            ),
                        ),
                        (
                            "settled_days",
                            models.PositiveSmallIntegerField(
                                default=90,
                                validators=[django.core.validators.MaxValueValidator(730)],
                                verbose_name="登记满多少天才计",
                            ),
                        ),
                        (
                            "least_pairs",
                            models.PositiveSmallIntegerField(
                                default=2,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(50),
                                ],
                                verbose_name="至少几对不同的买卖方",
                            ),
                        ),
                        ("is_received_only", models.BooleanField(default=True, verbose_name="只计已到账的金额")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "拟定中"),
                                    ("publicised", "公示中"),
                                    ("released", "已公布"),
                                    ("cancelled", "已取消"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("as_of", models.DateField(editable=False, null=True, verbose_name="计算截至")),
                        ("objections_until", models.DateField(editable=False, null=True, verbose_name="异议受理至")),
                        ("released_at", models.DateTimeField(editable=False, null=True, verbose_name="公布时间")),
                        (
                            "cancelled_reason",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="取消原因"),
                        ),
                        ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                    ],
                    options={
                        "verbose_name": "表彰评选",
                        "verbose_name_plural": "表彰评选",
                        "ordering": ["-made_at", "-pk"],
                        "permissions": [("release_honour", "Can publicise and release honours")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("last_on__gte", models.F("first_on"))),
                                name="honour_period_in_order",
                                violation_error_message="评选期结束不能早于开始。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("cap_per_pair_wan__gt", Decimal("0"))),
                                name="honour_cap_is_positive",
                                violation_error_message="每对单位的上限要大于 0。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("as_of__isnull", False),
                                        ("objections_until__isnull", False),
                                        ("status__in", ["publicised", "released"]),
                                    ),
                                    models.Q(("as_of", None), ("objections_until", None), ("status", "draft")),
                                    ("status", "cancelled"),
                                    _connector="OR",
                                ),
                                name="honour_publicised_has_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("released_at__isnull", False), ("status", "released")),
                                    models.Q(models.Q(("status", "released"), _negated=True), ("released_at", None)),
                                    _connector="OR",
                                ),
                                name="honour_released_at_iff_released",
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
                                name="honour_cancelled_with_reason",
                                violation_error_message="取消评选请说明原因。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Candidate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "honour",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="candidates",
                                to="mechanism.honour",
                                verbose_name="表彰评选",
                            ),
                        ),
                        (
                            "public_id",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
                        (
                            "broker",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="brokers.broker",
                                verbose_name="技术经纪人",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="brokers.agency",
                                verbose_name="服务机构",
                            ),
                        ),
                        ("rank", models.PositiveSmallIntegerField(verbose_name="名次")),
                        ("points", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="分值")),
                        ("pairs", models.PositiveSmallIntegerField(verbose_name="不同的买卖方")),
                        ("is_proposed", models.BooleanField(verbose_name="拟表彰")),
                        ("lines", models.JSONField(default=list, verbose_name="逐项计算")),
                    ],
                    options={
                        "verbose_name": "候选",
                        "verbose_name_plural": "候选",
                        "ordering": ["honour", "rank"],
                        "constraints": [
                            models.UniqueConstraint(fields=("honour", "rank"), name="candidate_ranks_are_unique"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("agency__isnull", False), ("broker__isnull", True)),
                                    models.Q(("agency__isnull", True), ("broker__isnull", False)),
                                    _connector="OR",
                                ),
                                name="candidate_is_a_broker_or_an_agency",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Objection",
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
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="objections",
                                to="mechanism.candidate",
                                verbose_name="候选",
                            ),
                        ),
                        (
                            "contract",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="deals.contract",
                                verbose_name="针对的合同",
                            ),
                        ),
                        ("text", models.TextField(max_length=1000, verbose_name="异议内容")),
                        (
                            "is_own",
                            models.BooleanField(
                                db_default=False, default=False, editable=False, verbose_name="本人提出"
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
                        ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="提出时间")),
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
                        (
                            "answer",
                            models.TextField(blank=True, editable=False, max_length=1000, verbose_name="处理意见"),
                        ),
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
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="处理时间")),
                    ],
                    options={
                        "verbose_name": "表彰异议",
                        "verbose_name_plural": "表彰异议",
                        "ordering": ["made_at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", ""), ("answered_at", None), ("status", "open")),
                                    models.Q(
                                        models.Q(("status", "open"), _negated=True),
                                        ("answered_at__isnull", False),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="objection_answered_with_words",
                                violation_error_message="处理异议请写明意见。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "open")),
                                fields=("candidate", "made_by", "contract"),
                                name="objection_one_open_per_person",
                                nulls_distinct=False,
                                violation_error_message="您对这位候选人（这份合同）的异议还在处理中。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Minutes",
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
                        ("title", models.CharField(max_length=200, verbose_name="会议名称")),
                        ("held_on", models.DateField(verbose_name="会议日期")),
                        ("place", models.CharField(blank=True, max_length=100, verbose_name="地点")),
                        ("chair", models.CharField(blank=True, max_length=60, verbose_name="主持")),
                        ("attendees", models.TextField(blank=True, max_length=2000, verbose_name="参加单位和人员")),
                        (
                            "text",
                            models.TextField(
                                help_text="议定事项每条一行，如“1. 开展会前对接（责任单位：某区科技局；10月31日前）”，保存后可拆成举措",
                                max_length=20000,
                                verbose_name="纪要正文",
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
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                    ],
                    options={
                        "verbose_name": "会议纪要",
                        "verbose_name_plural": "会议纪要",
                        "ordering": ["-held_on", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("title", "held_on"),
                                name="minutes_once",
                                violation_error_message="这一天已有同名会议的纪要。",
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Task",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(editable=False, unique=True, verbose_name="序号")),
                        ("name", models.CharField(max_length=60, unique=True, verbose_name="任务")),
                        (
                            "goal",
                            models.TextField(
                                blank=True,
                                help_text="到什么时候做到什么，一两句话",
                                max_length=1000,
                                verbose_name="目标",
                            ),
                        ),
                        (
                            "lead",
                            models.ForeignKey(
                                blank=True,
                                limit_choices_to={"kind__in": ["city", "bureau", "district"]},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="led_tasks",
                                to="accounts.organisation",
                                verbose_name="牵头单位",
                            ),
                        ),
                        (
                            "lead_text",
                            models.CharField(
                                blank=True,
                                help_text="不在平台上的部门写在这里",
                                max_length=200,
                                verbose_name="牵头单位（文字）",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "工作任务",
                        "verbose_name_plural": "工作任务",
                        "ordering": ["number"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("number__range", (1, 99))), name="task_has_a_number"
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Measure",
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
                            "task",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="measures",
                                to="mechanism.task",
                                verbose_name="任务",
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="举措")),
                        ("detail", models.TextField(blank=True, max_length=2000, verbose_name="具体要求")),
                        (
                            "organisation",
                            models.ForeignKey(
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
                        (
                            "body",
                            models.CharField(
                                blank=True,
                                help_text="不在平台上的部门写在这里",
                                max_length=200,
                                verbose_name="责任单位（文字）",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
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
                        ("starts_on", models.DateField(blank=True, null=True, verbose_name="开始日期")),
                        ("due_on", models.DateField(blank=True, null=True, verbose_name="完成期限")),
                        (
                            "report_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="如 30；市级部门按此报告，每次经市里审核后顺延。不要求的留空",
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(7),
                                    django.core.validators.MaxValueValidator(180),
                                ],
                                verbose_name="几天报一次进展",
                            ),
                        ),
                        (
                            "report_due_on",
                            models.DateField(
                                blank=True, help_text="到期没有报告，记为逾期", null=True, verbose_name="下次报进展"
                            ),
                        ),
                        (
                            "minutes",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="measures",
                                to="mechanism.minutes",
                                verbose_name="会议纪要",
                            ),
                        ),
                        ("begun_at", models.DateTimeField(editable=False, null=True, verbose_name="开始办理时间")),
                        ("done_at", models.DateTimeField(editable=False, null=True, verbose_name="完成时间")),
                        (
                            "done_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确认人",
                            ),
                        ),
                        ("dropped_at", models.DateTimeField(editable=False, null=True, verbose_name="取消时间")),
                        (
                            "dropped_reason",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="取消原因"),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                        (
                            "joint",
                            models.ManyToManyField(
                                blank=True,
                                help_text="也能看到这项举措并报告进展",
                                limit_choices_to={"kind__in": ["bureau", "district"]},
                                related_name="joint_measures",
                                to="accounts.organisation",
                                verbose_name="配合单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "任务举措",
                        "verbose_name_plural": "任务举措",
                        "ordering": ["task", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("done_at__isnull", True), ("dropped_at__isnull", True)),
                                fields=["due_on"],
                                name="measure_open_by_day",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("organisation__isnull", False),
                                    models.Q(("body", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="measure_has_a_body",
                                violation_error_message="请选择或写明责任单位。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("starts_on__isnull", True),
                                    ("due_on__isnull", True),
                                    ("due_on__gte", models.F("starts_on")),
                                    _connector="OR",
                                ),
                                name="measure_dates_in_order",
                                violation_error_message="完成期限不能早于开始日期。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("done_at", None), ("done_by", None)),
                                    models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="measure_done_by_someone",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("dropped_at", None), ("dropped_reason", "")),
                                    models.Q(
                                        ("done_at", None),
                                        ("dropped_at__isnull", False),
                                        models.Q(("dropped_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="measure_dropped_with_reason",
                                violation_error_message="取消举措必须写明原因，已完成的不能取消。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Milestone",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "measure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="milestones",
                                to="mechanism.measure",
                                verbose_name="举措",
                            ),
                        ),
                        ("title", models.CharField(max_length=100, verbose_name="节点")),
                        ("due_on", models.DateField(verbose_name="期限")),
                        ("reached_on", models.DateField(editable=False, null=True, verbose_name="达到日期")),
                        (
                            "reached_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="报告人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "节点",
                        "verbose_name_plural": "节点",
                        "ordering": ["due_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reached_by", None), ("reached_on", None)),
                                    models.Q(("reached_by__isnull", False), ("reached_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="milestone_reached_by_someone",
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Remark",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "measure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="remarks",
                                to="mechanism.measure",
                                verbose_name="举措",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("report", "进展"), ("comment", "意见")], max_length=10, verbose_name="类别"
                            ),
                        ),
                        ("text", models.TextField(max_length=1000, verbose_name="内容")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="填写人",
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        (
                            "organisation",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="报告单位",
                            ),
                        ),
                        (
                            "wants_finish",
                            models.BooleanField(db_default=False, default=False, verbose_name="请市里确认完成"),
                        ),
                        (
                            "review",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "不需审核"),
                                    ("pending", "待审核"),
                                    ("accepted", "已采纳"),
                                    ("returned", "已退回"),
                                ],
                                db_default="",
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="审核",
                            ),
                        ),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审核人",
                            ),
                        ),
                        ("reviewed_at", models.DateTimeField(editable=False, null=True, verbose_name="审核时间")),
                        (
                            "review_note",
                            models.CharField(
                                blank=True, db_default="", editable=False, max_length=300, verbose_name="审核意见"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "进展和意见",
                        "verbose_name_plural": "进展和意见",
                        "ordering": ["-at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("review__in", ["accepted", "returned"]),
                                        ("reviewed_at__isnull", False),
                                        ("reviewed_by__isnull", False),
                                    ),
                                    models.Q(
                                        ("review__in", ["", "pending"]), ("reviewed_at", None), ("reviewed_by", None)
                                    ),
                                    _connector="OR",
                                ),
                                name="remark_reviewed_by_someone",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("review", ""),
                                    models.Q(("kind", "report"), ("organisation__isnull", False)),
                                    _connector="OR",
                                ),
                                name="remark_reviewed_is_report_of_bureau",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("review", "returned"), _negated=True),
                                    models.Q(("review_note", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="remark_returned_with_reason",
                                violation_error_message="退回请写明原因。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("review", "pending")),
                                fields=("measure", "organisation"),
                                name="remark_one_pending_per_bureau",
                                violation_error_message="上一份进展还在等市里审核。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Evidence",
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
                            "measure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence",
                                to="mechanism.measure",
                                verbose_name="举措",
                            ),
                        ),
                        (
                            "remark",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence",
                                to="mechanism.remark",
                                verbose_name="进展",
                            ),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="名称")),
                        ("link", models.URLField(blank=True, max_length=300, verbose_name="网址")),
                        (
                            "file",
                            models.FileField(
                                blank=True, max_length=200, upload_to="evidence/%Y/%m/", verbose_name="文件"
                            ),
                        ),
                        ("content_type", models.CharField(blank=True, max_length=100, verbose_name="类型")),
                        ("size", models.PositiveBigIntegerField(default=0, verbose_name="大小（字节）")),
                        ("sha256", models.CharField(blank=True, max_length=64)),
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
                        ("removed_at", models.DateTimeField(editable=False, null=True, verbose_name="移除时间")),
                    ],
                    options={
                        "verbose_name": "佐证",
                        "verbose_name_plural": "佐证",
                        "ordering": ["added_at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("link", ""), models.Q(("file", ""), _negated=True)),
                                    models.Q(("file", ""), models.Q(("link", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="evidence_is_file_or_link",
                                violation_error_message="请上传一个文件，或填写一个网址，二者选一。",
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Policy",
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
                        ("title", models.CharField(max_length=200, verbose_name="政策名称")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("fund", "资金支持"),
                                    ("conversion", "转化方案"),
                                    ("mechanism", "工作机制"),
                                    ("tax", "税收优惠"),
                                    ("other", "其他"),
                                ],
                                default="other",
                                max_length=20,
                                verbose_name="类别",
                            ),
                        ),
                        ("number", models.CharField(blank=True, max_length=60, verbose_name="文号")),
                        ("issuer", models.CharField(blank=True, max_length=100, verbose_name="发文单位")),
                        (
                            "source",
                            models.CharField(
                                help_text="本页文字根据什么整理，如文件或报道的名称和日期",
                                max_length=200,
                                verbose_name="来源",
                            ),
                        ),
                        ("source_url", models.URLField(blank=True, max_length=300, verbose_name="原文网址")),
                        (
                            "summary",
                            models.TextField(
                                help_text="用自己的话写，不照抄原文", max_length=2000, verbose_name="要点"
                            ),
                        ),
                        ("who", models.TextField(blank=True, max_length=1000, verbose_name="适用对象")),
                        (
                            "how",
                            models.TextField(
                                blank=True, help_text="向谁申请、什么时候", max_length=1000, verbose_name="怎么办理"
                            ),
                        ),
                        (
                            "materials",
                            models.TextField(
                                blank=True,
                                help_text="每行一项，用于准备申请的清单；没有核对过原文的请注明",
                                max_length=2000,
                                verbose_name="申请材料",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="生效日期")),
                        (
                            "valid_to",
                            models.DateField(
                                blank=True, help_text="没有写明的留空", null=True, verbose_name="有效期至"
                            ),
                        ),
                        ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="公开时间")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                    ],
                    options={
                        "verbose_name": "政策",
                        "verbose_name_plural": "政策",
                        "ordering": ["-valid_from", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("title", "valid_from"),
                                name="policy_once",
                                violation_error_message="已有同名、同一天生效的政策。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to__isnull", True),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="policy_validity_in_order",
                                violation_error_message="有效期不能早于生效日期。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="PolicyCondition",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "policy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="conditions",
                                to="mechanism.policy",
                                verbose_name="政策",
                            ),
                        ),
                        (
                            "subject",
                            models.CharField(
                                choices=[
                                    ("firm", "企业"),
                                    ("achievement", "成果"),
                                    ("demand", "需求"),
                                    ("pair", "对接"),
                                ],
                                max_length=20,
                                verbose_name="对象",
                            ),
                        ),
                        (
                            "field",
                            models.CharField(
                                choices=[
                                    ("region", "企业：所在区市县"),
                                    ("is_local", "企业：在本市 / 成果：在本市的院校"),
                                    ("firm_type", "企业：企业类型"),
                                    ("industry", "成果：产业链 / 需求：产业链"),
                                    ("bucket", "成果：成熟度阶段"),
                                    ("stage", "成果：所处阶段"),
                                    ("ways", "成果：转化方式 / 需求：合作方式"),
                                    ("rights", "成果：知识产权"),
                                    ("pay_later", "成果：先使用后付费"),
                                    ("is_registered", "成果：已入库"),
                                    ("funds_needed", "成果：所需资金（万元）"),
                                    ("kind", "需求：需求类型"),
                                    ("budget", "需求：拟投入资金（万元）"),
                                    ("wants_challenge", "需求：愿意揭榜挂帅"),
                                    ("status", "对接：对接状态"),
                                    ("is_agreed", "对接：双方愿意"),
                                    ("stays_local", "对接：院校和企业都在本市"),
                                ],
                                max_length=30,
                                verbose_name="内容",
                            ),
                        ),
                        (
                            "operator",
                            models.CharField(
                                choices=[
                                    ("in", "是其中之一"),
                                    ("not_in", "不是"),
                                    ("ge", "不低于"),
                                    ("le", "不高于"),
                                    ("yes", "是"),
                                    ("no", "否"),
                                ],
                                max_length=10,
                                verbose_name="比较",
                            ),
                        ),
                        (
                            "value",
                            models.CharField(
                                blank=True,
                                help_text="几个都可以时用顿号分开；金额为万元",
                                max_length=300,
                                verbose_name="值",
                            ),
                        ),
                        (
                            "words",
                            models.CharField(
                                help_text="给人看的一句话，如“企业注册在本市”", max_length=200, verbose_name="说明"
                            ),
                        ),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                    ],
                    options={
                        "verbose_name": "适用条件",
                        "verbose_name_plural": "适用条件",
                        "ordering": ["order", "pk"],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="ObstacleKind",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                error_messages={"unique": "已有同名类别。"},
                                max_length=20,
                                unique=True,
                                verbose_name="类别",
                            ),
                        ),
                        ("order", models.PositiveSmallIntegerField(default=100, verbose_name="顺序")),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True, help_text="停用后不能再选，原有的堵点不变", verbose_name="可选"
                            ),
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
                        (
                            "recording_office",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recorded_obstacles",
                                to="accounts.organisation",
                                verbose_name="代录单位",
                            ),
                        ),
                        (
                            "told_by",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=60,
                                verbose_name="谁反映的",
                            ),
                        ),
                        ("told_on", models.DateField(editable=False, null=True, verbose_name="反映日期")),
                        (
                            "about",
                            models.ForeignKey(
                                blank=True,
                                help_text="选填，这个部门会看到这条堵点",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="obstacles_about",
                                to="accounts.organisation",
                                verbose_name="涉及的部门",
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
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="提出时间"
                            ),
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
                                condition=models.Q(("status", "assigned")),
                                fields=["solver", "due_on"],
                                name="obstacle_waiting",
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
                                        ("assigned_at__isnull", False),
                                        ("due_on__isnull", False),
                                        ("solver__isnull", False),
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
                                condition=models.Q(
                                    models.Q(("recording_office", None), ("told_by", ""), ("told_on", None)),
                                    models.Q(
                                        ("recording_office__isnull", False),
                                        ("told_on__isnull", False),
                                        models.Q(("told_by", ""), _negated=True),
                                        models.Q(("recording_office", models.F("organisation")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="obstacle_told_to_an_office",
                                violation_error_message="代录要写明谁在哪天反映的。",
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
                    name="SubsidyBudget",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "policy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="subsidy_budgets",
                                to="mechanism.policy",
                                verbose_name="政策",
                            ),
                        ),
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
                        (
                            "amount_wan",
                            models.DecimalField(decimal_places=2, max_digits=12, verbose_name="预算（万元）"),
                        ),
                        (
                            "basis",
                            models.CharField(
                                help_text="批复或预算文件的名称和文号", max_length=200, verbose_name="预算依据"
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                    ],
                    options={
                        "verbose_name": "专项资金预算",
                        "verbose_name_plural": "专项资金预算",
                        "ordering": ["-year", "policy"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("policy", "year"),
                                name="subsidy_budget_once_a_year",
                                violation_error_message="这条政策当年的预算已经录入，请直接修改那一条。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_wan__gt", 0)),
                                name="subsidy_budget_is_money",
                                violation_error_message="预算要大于零，单位是万元。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="SubsidyCall",
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
                            "budget",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calls",
                                to="mechanism.subsidybudget",
                                verbose_name="政策和年度预算",
                            ),
                        ),
                        ("title", models.CharField(max_length=120, verbose_name="通知标题")),
                        (
                            "content",
                            models.TextField(help_text="支持什么、怎样验收", max_length=2000, verbose_name="支持内容"),
                        ),
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
                        (
                            "ceiling_wan",
                            models.DecimalField(decimal_places=2, max_digits=10, verbose_name="每项最高（万元）"),
                        ),
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
                    ],
                    options={
                        "verbose_name": "专项资金申报通知",
                        "verbose_name_plural": "专项资金申报通知",
                        "ordering": ["-opens_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("closes_on__gte", models.F("opens_on"))),
                                name="subsidy_call_window_in_order",
                                violation_error_message="申报截止不能早于开始。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ceiling_wan__gt", 0)),
                                name="subsidy_call_ceiling_is_money",
                                violation_error_message="每项最高金额要大于零。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("rate_percent__gte", 1), ("rate_percent__lte", 100)),
                                name="subsidy_call_rate_within_hundred",
                                violation_error_message="支持比例请填 1 到 100。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("least_reviews__gte", 2), ("publicity_days__gte", 5)),
                                name="subsidy_call_least_publicity_and_reviews",
                                violation_error_message="公示至少 5 天，评审至少 2 位专家。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("published_at", None), ("status", "draft")),
                                    models.Q(("published_at__isnull", False), ("status", "published")),
                                    ("status", "cancelled"),
                                    _connector="OR",
                                ),
                                name="subsidy_call_published_at_iff_published",
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
                                name="subsidy_call_cancelled_with_reason",
                                violation_error_message="取消申报通知请写明原因。",
                            ),
                        ],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="SubsidyApplication",
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
                            "call",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
                                to="mechanism.subsidycall",
                                verbose_name="申报通知",
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
                            "title",
                            models.CharField(
                                blank=True, help_text="拟支持时会公示", max_length=120, verbose_name="项目名称"
                            ),
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
                                blank=True,
                                help_text="完成时拿什么验收，尽量写数字",
                                max_length=1000,
                                verbose_name="验收目标",
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
                                decimal_places=2,
                                editable=False,
                                max_digits=12,
                                null=True,
                                verbose_name="可支持上限（万元）",
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
                            "created_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="开始填写"
                            ),
                        ),
                        ("submitted_at", models.DateTimeField(editable=False, null=True, verbose_name="提交时间")),
                        (
                            "return_reason",
                            models.TextField(blank=True, editable=False, max_length=1000, verbose_name="要补正什么"),
                        ),
                        ("mend_until", models.DateField(editable=False, null=True, verbose_name="补正期限")),
                        ("accepted_at", models.DateTimeField(editable=False, null=True, verbose_name="受理时间")),
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
                            "granted_wan",
                            models.DecimalField(
                                decimal_places=2,
                                editable=False,
                                max_digits=12,
                                null=True,
                                verbose_name="支持金额（万元）",
                            ),
                        ),
                        (
                            "decision_reason",
                            models.TextField(blank=True, editable=False, max_length=1000, verbose_name="决定理由"),
                        ),
                        ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="决定时间")),
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
                        ("public_until", models.DateField(editable=False, null=True, verbose_name="公示至")),
                        ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="立项时间")),
                        ("finish_by", models.DateField(editable=False, null=True, verbose_name="申请验收期限")),
                        (
                            "end_reason",
                            models.TextField(
                                blank=True, editable=False, max_length=1000, verbose_name="撤销或撤回的原因"
                            ),
                        ),
                        (
                            "report",
                            models.TextField(blank=True, editable=False, max_length=3000, verbose_name="完成情况"),
                        ),
                        ("reported_at", models.DateTimeField(editable=False, null=True, verbose_name="申请验收时间")),
                        (
                            "check_reason",
                            models.TextField(blank=True, editable=False, max_length=1000, verbose_name="验收意见"),
                        ),
                        ("checked_at", models.DateTimeField(editable=False, null=True, verbose_name="验收时间")),
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
                    ],
                    options={
                        "verbose_name": "专项资金申报",
                        "verbose_name_plural": "专项资金申报",
                        "ordering": ["-created_at", "-pk"],
                        "permissions": [("decide_subsidy", "Can accept, review, decide and pay subsidies")],
                        "indexes": [models.Index(fields=["status", "status_at"], name="subsidy_by_status")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["refused", "revoked", "withdrawn"]), _negated=True),
                                fields=("call", "organisation", "achievement", "contract"),
                                name="subsidy_application_once_per_project",
                                nulls_distinct=False,
                                violation_error_message="贵单位已经用这项成果（合同）填了这次申报，请打开那一份继续办理。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("basis_wan", None), ("basis_wan__gt", 0), _connector="OR"),
                                name="subsidy_basis_is_money",
                                violation_error_message="计算基数要大于零。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("requested_wan", None), ("requested_wan__gt", 0), _connector="OR"),
                                name="subsidy_request_is_money",
                                violation_error_message="申请金额要大于零。",
                            ),
                            models.CheckConstraint(
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
                            models.CheckConstraint(
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
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "status__in",
                                            ["publicised", "granted", "reported", "passed", "failed", "revoked"],
                                        ),
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
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_at", None),
                                    models.Q(("decision_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="subsidy_decided_with_reason",
                                violation_error_message="请写明决定的理由。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by", None),
                                    models.Q(
                                        ("accepted_by__isnull", False),
                                        models.Q(("decided_by", models.F("accepted_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="subsidy_decided_by_second_officer",
                                violation_error_message="受理和决定要由两位专员办理，请交给同事决定。",
                            ),
                            models.CheckConstraint(
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
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("status__in", ["granted", "reported", "passed", "failed"]), _negated=True
                                    ),
                                    models.Q(("confirmed_at__isnull", False), ("finish_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="subsidy_confirmed_has_days",
                            ),
                        ],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="SubsidyFile",
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
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="mechanism.subsidyapplication",
                                verbose_name="专项资金申报",
                            ),
                        ),
                        ("material", models.CharField(max_length=200, verbose_name="哪一项材料")),
                        ("file", models.FileField(max_length=200, upload_to="subsidies/%Y/%m/", verbose_name="文件")),
                        ("name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                        ("size", models.PositiveBigIntegerField(verbose_name="大小（字节）")),
                        ("sha256", models.CharField(editable=False, max_length=64)),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上传人",
                            ),
                        ),
                        ("added_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间")),
                        ("removed_at", models.DateTimeField(editable=False, null=True, verbose_name="移除时间")),
                    ],
                    options={
                        "verbose_name": "申报材料",
                        "verbose_name_plural": "申报材料",
                        "ordering": ["added_at", "pk"],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="SubsidyReview",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
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
                                decimal_places=2,
                                editable=False,
                                max_digits=12,
                                null=True,
                                verbose_name="建议金额（万元）",
                            ),
                        ),
                        ("reason", models.TextField(blank=True, editable=False, max_length=1000, verbose_name="理由")),
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                    ],
                    options={
                        "verbose_name": "专项资金评审意见",
                        "verbose_name_plural": "专项资金评审意见",
                        "ordering": ["application", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("application", "expert"),
                                name="subsidy_review_once_per_expert",
                                violation_error_message="已邀请过这位专家。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("status", "given"),
                                        models.Q(("advice", ""), _negated=True),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("status", "given"), _negated=True),
                                        ("advice", ""),
                                        ("advised_wan", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="subsidy_review_given_with_reason",
                                violation_error_message="请选择建议并写明理由。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "recused"), models.Q(("reason", ""), _negated=True)),
                                    models.Q(("status", "recused"), _negated=True),
                                    _connector="OR",
                                ),
                                name="subsidy_review_recused_with_reason",
                                violation_error_message="请写明回避的原因。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="SubsidyObjection",
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
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="objections",
                                to="mechanism.subsidyapplication",
                                verbose_name="专项资金申报",
                            ),
                        ),
                        ("text", models.TextField(max_length=1000, verbose_name="异议内容")),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
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
                        (
                            "answer",
                            models.TextField(blank=True, editable=False, max_length=1000, verbose_name="处理意见"),
                        ),
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
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="处理时间")),
                    ],
                    options={
                        "verbose_name": "专项资金异议",
                        "verbose_name_plural": "专项资金异议",
                        "ordering": ["made_at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
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
                            models.UniqueConstraint(
                                condition=models.Q(("status", "open")),
                                fields=("application", "made_by"),
                                name="subsidy_objection_one_open_per_person",
                                violation_error_message="您对这个项目的异议还在处理中。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="SubsidyPayout",
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
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payouts",
                                to="mechanism.subsidyapplication",
                                verbose_name="专项资金申报",
                            ),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(decimal_places=2, max_digits=12, verbose_name="拨付金额（万元）"),
                        ),
                        ("paid_on", models.DateField(verbose_name="拨付日期")),
                        ("voucher", models.CharField(max_length=60, verbose_name="支付凭证号")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="录入人",
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="录入时间"),
                        ),
                        ("struck_at", models.DateTimeField(editable=False, null=True, verbose_name="划去时间")),
                        (
                            "struck_reason",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="划去原因"),
                        ),
                    ],
                    options={
                        "verbose_name": "专项资金拨付",
                        "verbose_name_plural": "专项资金拨付",
                        "ordering": ["paid_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_wan__gt", 0)),
                                name="subsidy_payout_is_money",
                                violation_error_message="拨付金额要大于零。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("struck_at", None), ("struck_reason", "")),
                                    models.Q(
                                        ("struck_at__isnull", False), models.Q(("struck_reason", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="subsidy_payout_struck_with_reason",
                                violation_error_message="划去拨付请写明原因。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("struck_at", None)),
                                fields=("voucher",),
                                name="subsidy_payout_voucher_once",
                                violation_error_message="这个支付凭证号已经录入过，请核对。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Target",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "figure",
                            models.CharField(
                                choices=mechanism.models.target.target_figures, max_length=20, verbose_name="指标"
                            ),
                        ),
                        (
                            "year",
                            models.PositiveSmallIntegerField(
                                help_text="到这一年达到；成交额和转化率按这一年计", verbose_name="目标年度"
                            ),
                        ),
                        (
                            "value",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="单位见指标名称：亿元、%、家或项",
                                max_digits=12,
                                verbose_name="目标值",
                            ),
                        ),
                        (
                            "is_over",
                            models.BooleanField(default=False, help_text="不选表示达到即可", verbose_name="须超过"),
                        ),
                        ("source", models.CharField(max_length=200, verbose_name="依据")),
                        ("valid_from", models.DateField(verbose_name="有效期从")),
                        ("valid_to", models.DateField(blank=True, null=True, verbose_name="到")),
                    ],
                    options={
                        "verbose_name": "目标",
                        "verbose_name_plural": "目标",
                        "ordering": ["-year", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("figure", "year"),
                                name="target_once_per_year",
                                violation_error_message="这个指标在这一年已有目标，请修改已有的一条。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("value__gt", 0)),
                                name="target_is_positive",
                                violation_error_message="目标值要大于 0。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to__isnull", True),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="target_validity_in_order",
                                violation_error_message="有效期的结束不能早于开始。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="RateRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "valid_from",
                            models.DateField(
                                error_messages={"unique": "这一天起的口径已有一条，请修改已有的一条。"},
                                unique=True,
                                verbose_name="从哪天起",
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                choices=[("amount", "按成交金额"), ("number", "按合同项数")],
                                default="amount",
                                max_length=10,
                                verbose_name="计算基础",
                            ),
                        ),
                        ("source", models.CharField(blank=True, max_length=200, verbose_name="依据")),
                        (
                            "institutions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="不选表示本市的全部高校院所",
                                limit_choices_to={"kind": "institution"},
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="重点监测的高校院所",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "转化率口径",
                        "verbose_name_plural": "转化率口径",
                        "ordering": ["-valid_from"],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="TrialResult",
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
                                choices=[
                                    ("proposed", "待对方确认"),
                                    ("disputed", "有异议"),
                                    ("confirmed", "双方已确认"),
                                ],
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
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="填写时间"
                            ),
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
                                    models.Q(
                                        ("base_at__isnull", False), ("status", "confirmed"), ("user_at__isnull", False)
                                    ),
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
                                    models.Q(
                                        ("maturity_level__range", (1, 9)), ("maturity_scale__in", ["trl9", "gbt37264"])
                                    ),
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
                migrations.CreateModel(
                    name="Venture",
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
                            "name",
                            models.CharField(
                                error_messages={"unique": "已有同名公司。"},
                                max_length=100,
                                unique=True,
                                verbose_name="公司名称",
                            ),
                        ),
                        (
                            "credit_code",
                            models.CharField(
                                blank=True,
                                help_text="18 位，选填",
                                max_length=18,
                                validators=[accounts.validators.validate_credit_code],
                                verbose_name="统一社会信用代码",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                help_text="公司已在平台注册时选择",
                                limit_choices_to={"kind": "firm"},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ventures",
                                to="accounts.organisation",
                                verbose_name="平台上的企业",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ventures",
                                to="achievements.achievement",
                                verbose_name="来自哪项成果",
                            ),
                        ),
                        (
                            "landing",
                            models.OneToOneField(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="venture",
                                to="deals.landing",
                                verbose_name="来自哪项落地",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                limit_choices_to={"is_reporting": True},
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ventures",
                                to="accounts.region",
                                verbose_name="所在区市县",
                            ),
                        ),
                        ("founded_on", models.DateField(blank=True, null=True, verbose_name="成立日期")),
                        (
                            "stage",
                            models.CharField(
                                choices=[
                                    ("preparing", "筹备中"),
                                    ("founded", "已注册"),
                                    ("incubating", "孵化中"),
                                    ("funded", "已获投资"),
                                    ("graduated", "已毕业"),
                                    ("closed", "已停止"),
                                ],
                                default="preparing",
                                max_length=20,
                                verbose_name="阶段",
                            ),
                        ),
                        (
                            "jobs",
                            models.PositiveIntegerField(
                                blank=True,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="就业人数",
                            ),
                        ),
                        ("incubator", models.CharField(blank=True, max_length=100, verbose_name="孵化载体")),
                        ("note", models.TextField(blank=True, max_length=1000, verbose_name="说明")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                        (
                            "facts_hash",
                            models.GeneratedField(
                                db_persist=True,
                                expression=deals.models.confirmation.FactsHash(
                                    deals.models.confirmation.FactText(models.F("name")),
                                    deals.models.confirmation.FactText(models.F("credit_code")),
                                    deals.models.confirmation.FactText(models.F("organisation")),
                                    deals.models.confirmation.FactText(models.F("achievement")),
                                    deals.models.confirmation.FactText(models.F("region")),
                                    deals.models.confirmation.FactText(
                                        deals.models.confirmation.DayNumber(models.F("founded_on"))
                                    ),
                                    deals.models.confirmation.FactText(models.F("jobs")),
                                ),
                                output_field=models.CharField(max_length=32),
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "成果孵化企业",
                        "verbose_name_plural": "成果孵化企业",
                        "ordering": ["-founded_on", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("credit_code", ""), _negated=True),
                                fields=("credit_code",),
                                name="venture_credit_code_once",
                                violation_error_message="已有公司使用这个统一社会信用代码。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("stage__in", ["preparing", "closed"]),
                                    ("founded_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="venture_founded_has_day",
                                violation_error_message="已注册的公司请填写成立日期。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="VentureYear",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "venture",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="years",
                                to="mechanism.venture",
                                verbose_name="孵化企业",
                            ),
                        ),
                        (
                            "year",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(2000),
                                    django.core.validators.MaxValueValidator(2100),
                                ],
                                verbose_name="年份",
                            ),
                        ),
                        ("jobs", models.PositiveIntegerField(blank=True, null=True, verbose_name="就业人数")),
                        (
                            "revenue_wan",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="营业收入（万元）"
                            ),
                        ),
                        (
                            "raised_wan",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="当年融资（万元）"
                            ),
                        ),
                        (
                            "source",
                            models.CharField(help_text="如企业年报、走访记录", max_length=100, verbose_name="数据来源"),
                        ),
                    ],
                    options={
                        "verbose_name": "经营数据",
                        "verbose_name_plural": "经营数据",
                        "ordering": ["year"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("venture", "year"),
                                name="venture_year_once",
                                violation_error_message="这一年的数据已经填过。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("revenue_wan", None), ("revenue_wan__gte", Decimal("0")), _connector="OR"
                                    ),
                                    models.Q(("raised_wan", None), ("raised_wan__gte", Decimal("0")), _connector="OR"),
                                ),
                                name="venture_year_money_not_negative",
                                violation_error_message="金额不能小于 0。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="EvaluationRequest",
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
                                related_name="evaluation_requests",
                                to="achievements.achievement",
                                verbose_name="科技成果",
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                help_text="如作价投资前、申报奖励、验收", max_length=200, verbose_name="评价用途"
                            ),
                        ),
                        (
                            "evidence",
                            models.TextField(
                                help_text="逐条写：检测报告、用户证明、查新、专利等，文件请放在成果的附件里",
                                max_length=2000,
                                verbose_name="依据材料",
                            ),
                        ),
                        (
                            "relations",
                            models.TextField(
                                blank=True,
                                help_text="完成人的近亲属、合作者和有利益关系的单位，每行一个。只有市科技局能看到",
                                max_length=1000,
                                verbose_name="应当回避的人和单位",
                            ),
                        ),
                        (
                            "science_weight",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="科学价值权重（%）",
                            ),
                        ),
                        (
                            "technology_weight",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="技术价值权重（%）",
                            ),
                        ),
                        (
                            "economy_weight",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="经济价值权重（%）",
                            ),
                        ),
                        (
                            "society_weight",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="社会价值权重（%）",
                            ),
                        ),
                        (
                            "culture_weight",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="文化价值权重（%）",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("waiting", "等市科技局受理"),
                                    ("accepted", "已受理"),
                                    ("declined", "未受理"),
                                    ("withdrawn", "已撤回"),
                                ],
                                default="waiting",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("answer", models.CharField(blank=True, editable=False, max_length=300, verbose_name="答复")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申请人",
                            ),
                        ),
                        (
                            "asked_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="申请时间"
                            ),
                        ),
                        ("due_on", models.DateField(editable=False, verbose_name="答复期限")),
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
                            "evaluation",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="request",
                                to="mechanism.evaluation",
                                verbose_name="成果评价",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "评价申请",
                        "verbose_name_plural": "评价申请",
                        "ordering": ["-asked_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "science_weight",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    django.db.models.expressions.CombinedExpression(
                                                        models.Value(100), "-", models.F("technology_weight")
                                                    ),
                                                    "-",
                                                    models.F("economy_weight"),
                                                ),
                                                "-",
                                                models.F("society_weight"),
                                            ),
                                            "-",
                                            models.F("culture_weight"),
                                        ),
                                    )
                                ),
                                name="evaluation_request_weights_make_a_hundred",
                                violation_error_message="五项权重合计应为 100。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "waiting")),
                                fields=("achievement",),
                                name="evaluation_request_one_waiting",
                                violation_error_message="这项成果的评价申请正在等答复。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("evaluation__isnull", False), ("status", "accepted")),
                                    models.Q(models.Q(("status", "accepted"), _negated=True), ("evaluation", None)),
                                    _connector="OR",
                                ),
                                name="evaluation_request_accepted_opens_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "declined"), _negated=True),
                                    models.Q(("answer", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="evaluation_request_declined_with_reason",
                                violation_error_message="不受理请写明原因。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="SubsidyRecovery",
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
                            "payout",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recoveries",
                                to="mechanism.subsidypayout",
                                verbose_name="哪一笔拨付",
                            ),
                        ),
                        (
                            "amount_wan",
                            models.DecimalField(decimal_places=2, max_digits=12, verbose_name="收回金额（万元）"),
                        ),
                        ("received_on", models.DateField(help_text="钱退回财政账户的日期", verbose_name="到账日期")),
                        ("voucher", models.CharField(max_length=60, verbose_name="缴款凭证号")),
                        (
                            "reason",
                            models.CharField(help_text="申报单位会看到", max_length=300, verbose_name="收回原因"),
                        ),
                        (
                            "paid_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="拨付录入人",
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
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="录入时间"),
                        ),
                        ("struck_at", models.DateTimeField(editable=False, null=True, verbose_name="划去时间")),
                        (
                            "struck_reason",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="划去原因"),
                        ),
                    ],
                    options={
                        "verbose_name": "专项资金收回",
                        "verbose_name_plural": "专项资金收回",
                        "ordering": ["received_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_wan__gt", 0)),
                                name="subsidy_recovery_is_money",
                                violation_error_message="收回金额要大于零。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reason", ""), _negated=True), models.Q(("voucher", ""), _negated=True)
                                ),
                                name="subsidy_recovery_with_reason_and_voucher",
                                violation_error_message="收回要写明原因和缴款凭证号。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("recorded_by", models.F("paid_by")), _negated=True),
                                name="subsidy_recovery_by_second_officer",
                                violation_error_message="这笔拨付由您录入，收回请交给同事录入。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("struck_at", None), ("struck_reason", "")),
                                    models.Q(
                                        ("struck_at__isnull", False), models.Q(("struck_reason", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="subsidy_recovery_struck_with_reason",
                                violation_error_message="划去收回请写明原因。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("struck_at", None)),
                                fields=("voucher",),
                                name="subsidy_recovery_voucher_once",
                                violation_error_message="这个缴款凭证号已经录入过，请核对。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
            ]
        ),
        migrations.RunPython(fill_tasks_and_targets, migrations.RunPython.noop),
        migrations.RunPython(fill_obstacle_kinds, migrations.RunPython.noop),
        migrations.RunSQL(CREATE_TRIGGERS, DROP_TRIGGERS),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
