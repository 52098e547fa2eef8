from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
import matching.models.match
from core.create_models import CreateModels
from core.roles import grant

# What has been released is what people have read: the database refuses, whatever SQL the application sends.
CREATE_TRIGGER = """
CREATE FUNCTION rounds_released_report_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '已发布的活动总结不能修改或删除' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER released_report_stands BEFORE UPDATE OR DELETE ON rounds_roundreport
    FOR EACH ROW WHEN (OLD.status = 'released') EXECUTE FUNCTION rounds_released_report_stands();
"""
DROP_TRIGGER = """
DROP TRIGGER released_report_stands ON rounds_roundreport;
DROP FUNCTION rounds_released_report_stands();
"""

READ = [
    *("view_dockinground", "view_agendaitem", "view_hall", "view_slot", "view_organiser", "view_rounddocument"),
    *("view_paper", "view_party", "view_attendee", "export_party", "view_timetable", "view_meeting"),
    "view_roundreport",
]
WRITE = [
    *("add_dockinground", "change_dockinground", "close_dockinground", "select_featured"),
    *("add_agendaitem", "change_agendaitem", "add_hall", "change_hall", "add_slot", "change_slot"),
    *("add_organiser", "change_organiser", "add_rounddocument", "change_rounddocument", "add_paper"),
    *("add_party", "change_party", "change_attendee", "add_timetable", "change_timetable", "change_meeting"),
    "write_roundreport",
]
DISTRICT = [
    *("view_dockinground", "view_agendaitem", "view_paper", "add_paper", "view_rounddocument"),
    *("view_party", "view_attendee", "export_party", "add_party", "change_party", "view_timetable", "view_meeting"),
]


def grant_permissions(apps, schema_editor):
    grant(apps, "rounds", {"city_officer": READ + WRITE, "district_officer": DISTRICT, "auditor": READ})


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("demands", "0001_initial"),
        ("matching", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="DockingRound",
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
                                error_messages={"unique": "已有同名活动。"},
                                max_length=100,
                                unique=True,
                                verbose_name="活动名称",
                            ),
                        ),
                        (
                            "host_kind",
                            models.CharField(
                                choices=[("city", "市级主办"), ("district", "区市县专场")],
                                default="city",
                                max_length=10,
                                verbose_name="主办方式",
                            ),
                        ),
                        (
                            "host",
                            models.ForeignKey(
                                blank=True,
                                limit_choices_to={"kind__in": ["city", "district"]},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="hosted_rounds",
                                to="accounts.organisation",
                                verbose_name="主办单位",
                            ),
                        ),
                        ("place", models.CharField(blank=True, max_length=200, verbose_name="地点")),
                        (
                            "themes",
                            models.CharField(blank=True, help_text="用顿号分开", max_length=200, verbose_name="主题"),
                        ),
                        ("description", models.TextField(blank=True, max_length=3000, verbose_name="活动说明")),
                        ("starts_at", models.DateTimeField(verbose_name="开始时间")),
                        ("ends_at", models.DateTimeField(verbose_name="结束时间")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("preparing", "筹备中"),
                                    ("gathering", "会前撮合"),
                                    ("scheduled", "日程已发布"),
                                    ("running", "进行中"),
                                    ("closed", "会后跟踪"),
                                    ("archived", "已结束"),
                                ],
                                default="preparing",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("announced_at", models.DateTimeField(editable=False, null=True, verbose_name="发布时间")),
                        ("sequence", models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="结束操作人",
                            ),
                        ),
                        ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="结束操作时间")),
                        (
                            "match_run",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="docking_round",
                                to="matching.matchrun",
                                verbose_name="匹配批次",
                            ),
                        ),
                        (
                            "featured",
                            models.ManyToManyField(
                                blank=True,
                                related_name="rounds",
                                through="rounds.FeaturedAchievement",
                                to="achievements.achievement",
                                verbose_name="推介成果",
                            ),
                        ),
                        (
                            "institutions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="市外的高校院所也可以加入",
                                limit_choices_to={"kind": "institution"},
                                related_name="rounds_attended",
                                to="accounts.organisation",
                                verbose_name="参加的院校",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "对接活动",
                        "verbose_name_plural": "对接活动",
                        "ordering": ["-starts_at"],
                        "permissions": [("close_dockinground", "Can close docking rounds")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="round_ends_after_start",
                                violation_error_message="结束时间要晚于开始时间。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("match_run__isnull", False),
                                        ("status__in", ["closed", "archived"]),
                                    ),
                                    models.Q(
                                        models.Q(("status__in", ["closed", "archived"]), _negated=True),
                                        ("closed_at", None),
                                        ("match_run", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="round_has_run_iff_closed",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Party",
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
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parties",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parties",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "team",
                            models.CharField(
                                blank=True, help_text="一个院校来多个团队时填写", max_length=60, verbose_name="团队"
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("firm", "企业"), ("office", "院校团队")], max_length=10, verbose_name="参会方"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.public_id.new_public_id,
                                editable=False,
                                max_length=10,
                                unique=True,
                                verbose_name="邀请码",
                            ),
                        ),
                        (
                            "answer",
                            models.CharField(
                                choices=[
                                    ("listed", "待邀请"),
                                    ("invited", "已邀请"),
                                    ("coming", "参加"),
                                    ("declined", "不参加"),
                                    ("withdrawn", "已撤回"),
                                ],
                                default="listed",
                                editable=False,
                                max_length=10,
                                verbose_name="答复",
                            ),
                        ),
                        ("is_walk_in", models.BooleanField(default=False, editable=False, verbose_name="现场报到")),
                        (
                            "arrives_at",
                            models.DateTimeField(
                                blank=True, help_text="不填为全程", null=True, verbose_name="到场时间"
                            ),
                        ),
                        ("leaves_at", models.DateTimeField(blank=True, null=True, verbose_name="离场时间")),
                        (
                            "most_meetings",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(50),
                                ],
                                verbose_name="最多洽谈场数",
                            ),
                        ),
                        ("invited_at", models.DateTimeField(editable=False, null=True, verbose_name="邀请时间")),
                        (
                            "invited_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="邀请人",
                            ),
                        ),
                        ("reminded_at", models.DateTimeField(editable=False, null=True, verbose_name="提醒时间")),
                        (
                            "letter",
                            models.CharField(
                                blank=True,
                                choices=[("mail", "邮件"), ("paper", "待打印"), ("printed", "已打印")],
                                db_default="",
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="邀请方式",
                            ),
                        ),
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                editable=False,
                                help_text="凭邀请码答复的没有",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
                        (
                            "answer_note",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=300,
                                verbose_name="答复说明",
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                        (
                            "withdrawn_reason",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=200,
                                verbose_name="撤回原因",
                            ),
                        ),
                        (
                            "absent_at",
                            models.DateTimeField(
                                editable=False,
                                help_text="之后的洽谈让出，人到了可以恢复",
                                null=True,
                                verbose_name="记为未到的时间",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="备注")),
                    ],
                    options={
                        "verbose_name": "参会单位",
                        "verbose_name_plural": "参会单位",
                        "ordering": ["organisation__name", "team", "pk"],
                        "permissions": [("export_party", "Can export parties")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("docking_round", "organisation", "team"),
                                name="party_once_per_round",
                                violation_error_message="这个单位（团队）已在参会名单中。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", "listed"), ("invited_at", None)),
                                    models.Q(("answer", "listed"), _negated=True),
                                    _connector="OR",
                                ),
                                name="party_listed_is_not_invited",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer__in", ["coming", "declined"]), ("answered_at__isnull", False)),
                                    models.Q(("answer__in", ["listed", "invited", "withdrawn"]), ("answered_at", None)),
                                    _connector="OR",
                                ),
                                name="party_answered_iff_decided",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answer", "withdrawn"), models.Q(("withdrawn_reason", ""), _negated=True)
                                    ),
                                    models.Q(
                                        models.Q(("answer", "withdrawn"), _negated=True), ("withdrawn_reason", "")
                                    ),
                                    _connector="OR",
                                ),
                                name="party_withdrawn_with_reason",
                                violation_error_message="撤回邀请请说明原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("arrives_at", None),
                                    ("leaves_at", None),
                                    ("leaves_at__gt", models.F("arrives_at")),
                                    _connector="OR",
                                ),
                                name="party_leaves_after_arriving",
                                violation_error_message="离场时间要晚于到场时间。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Away",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="aways",
                                to="rounds.party",
                                verbose_name="参会单位",
                            ),
                        ),
                        ("from_at", models.DateTimeField(verbose_name="离开时间")),
                        ("until_at", models.DateTimeField(verbose_name="回来时间")),
                    ],
                    options={
                        "verbose_name": "暂离时段",
                        "verbose_name_plural": "暂离时段",
                        "ordering": ["party", "from_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("until_at__gt", models.F("from_at"))),
                                name="away_ends_after_start",
                                violation_error_message="回来时间要晚于离开时间。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attendee",
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
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="attendees",
                                to="rounds.party",
                                verbose_name="参会单位",
                            ),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="姓名")),
                        ("position", models.CharField(blank=True, max_length=40, verbose_name="职务")),
                        (
                            "same_as",
                            models.ForeignKey(
                                blank=True,
                                help_text="同一人代表两个团队时选择，排期不会让他同时出现在两张桌",
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="also",
                                to="rounds.attendee",
                                verbose_name="同一人",
                            ),
                        ),
                        ("checked_in_at", models.DateTimeField(editable=False, null=True, verbose_name="签到时间")),
                        (
                            "checked_in_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="签到人",
                            ),
                        ),
                        ("check_in_key", models.UUIDField(editable=False, null=True, unique=True)),
                    ],
                    options={
                        "verbose_name": "参会人员",
                        "verbose_name_plural": "参会人员",
                        "ordering": ["party", "pk"],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Hall",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="halls",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="场地名称")),
                        (
                            "tables",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="只开会、不洽谈的场地填 0",
                                validators=[django.core.validators.MaxValueValidator(300)],
                                verbose_name="洽谈桌数",
                            ),
                        ),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
                        ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="停用时间")),
                    ],
                    options={
                        "verbose_name": "场地",
                        "verbose_name_plural": "场地",
                        "ordering": ["order", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("docking_round", "name"),
                                name="hall_once_per_round",
                                violation_error_message="这次活动已有同名场地。",
                            )
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="HallWalk",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "hall",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="rounds.hall",
                                verbose_name="场地",
                            ),
                        ),
                        (
                            "other_hall",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="rounds.hall",
                                verbose_name="另一场地",
                            ),
                        ),
                        (
                            "minutes",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(120),
                                ],
                                verbose_name="步行分钟",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "场地间步行时间",
                        "verbose_name_plural": "场地间步行时间",
                        "constraints": [
                            models.UniqueConstraint(fields=("hall", "other_hall"), name="hall_walk_once"),
                            models.CheckConstraint(
                                condition=models.Q(("hall__lt", models.F("other_hall"))),
                                name="hall_walk_lower_id_first",
                                violation_error_message="步行时间应在两个不同的场地之间。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LostTable",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "hall",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="lost_tables",
                                to="rounds.hall",
                                verbose_name="场地",
                            ),
                        ),
                        (
                            "table",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MinValueValidator(1)], verbose_name="桌号"
                            ),
                        ),
                        (
                            "lost_at",
                            models.DateTimeField(
                                blank=True, help_text="不填为全程", null=True, verbose_name="停用时间"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "停用的洽谈桌",
                        "verbose_name_plural": "停用的洽谈桌",
                        "ordering": ["hall", "table"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("hall", "table"),
                                name="lost_table_once",
                                violation_error_message="这张桌已经停用。",
                            ),
                            models.CheckConstraint(condition=models.Q(("table__gte", 1)), name="lost_table_from_one"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Slot",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="slots",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="开始")),
                        ("ends_at", models.DateTimeField(verbose_name="结束")),
                    ],
                    options={
                        "verbose_name": "洽谈时段",
                        "verbose_name_plural": "洽谈时段",
                        "ordering": ["starts_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("docking_round", "starts_at"),
                                name="slot_once_per_start",
                                violation_error_message="已有同时开始的洽谈时段。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="slot_ends_after_start",
                                violation_error_message="时段的结束时间要晚于开始时间；过了午夜的请按两天分别填写。",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (
                                        models.Func(
                                            models.F("docking_round"),
                                            models.F("docking_round"),
                                            models.Value("[]"),
                                            function="int8range",
                                            output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                        ),
                                        "&&",
                                    ),
                                    (
                                        models.Func(
                                            models.F("starts_at"),
                                            models.F("ends_at"),
                                            function="tstzrange",
                                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="slots_do_not_overlap",
                                violation_error_message="这个时段和别的洽谈时段重叠。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgendaItem",
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
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agenda",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("opening", "签到、开场"),
                                    ("pitch", "推介"),
                                    ("policy", "政策解读"),
                                    ("award", "表彰"),
                                    ("signing", "签约"),
                                    ("talks", "洽谈"),
                                    ("break", "茶歇"),
                                    ("other", "其他"),
                                ],
                                max_length=10,
                                verbose_name="类型",
                            ),
                        ),
                        ("title", models.CharField(max_length=120, verbose_name="内容")),
                        (
                            "hall",
                            models.ForeignKey(
                                blank=True,
                                help_text="全场一起的茶歇等可以不填",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agenda",
                                to="rounds.hall",
                                verbose_name="场地",
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="开始")),
                        ("ends_at", models.DateTimeField(verbose_name="结束")),
                        (
                            "achievement",
                            models.ForeignKey(
                                blank=True,
                                help_text="类型为“推介”时填写",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agenda_items",
                                to="achievements.achievement",
                                verbose_name="推介成果",
                            ),
                        ),
                        (
                            "guests",
                            models.TextField(
                                blank=True,
                                help_text="不在参会名单里的人，一行一位，姓名和单位职务之间空一格，如：李示例 市科技局处长",
                                max_length=1000,
                                verbose_name="其他发言人",
                            ),
                        ),
                        (
                            "is_public",
                            models.BooleanField(
                                default=True, help_text="活动发布后，所有人都能看到", verbose_name="公开"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="备注（不公开）")),
                        ("sequence", models.PositiveIntegerField(default=0, editable=False)),
                        (
                            "changed_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="修改时间"
                            ),
                        ),
                        ("dropped_at", models.DateTimeField(editable=False, null=True, verbose_name="取消时间")),
                        (
                            "dropped_reason",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="取消原因"),
                        ),
                        (
                            "speakers",
                            models.ManyToManyField(
                                blank=True, related_name="speaks_at", to="rounds.attendee", verbose_name="发言人"
                            ),
                        ),
                        (
                            "parties",
                            models.ManyToManyField(
                                blank=True,
                                help_text="全体到场；排洽谈时会避开这段时间",
                                related_name="agenda",
                                to="rounds.party",
                                verbose_name="应到单位",
                            ),
                        ),
                        (
                            "attendees",
                            models.ManyToManyField(
                                blank=True,
                                help_text="只请个别人时填写",
                                related_name="agenda",
                                to="rounds.attendee",
                                verbose_name="应到人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "议程",
                        "verbose_name_plural": "议程",
                        "ordering": ["starts_at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="agenda_ends_after_start",
                                violation_error_message="结束时间要晚于开始时间；过了午夜的请按两天分别填写。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("achievement", None), ("kind", "pitch"), _connector="OR"),
                                name="agenda_achievement_is_pitched",
                                violation_error_message="只有“推介”可以选推介成果。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("dropped_at", None), ("dropped_reason", "")),
                                    models.Q(
                                        ("dropped_at__isnull", False), models.Q(("dropped_reason", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="agenda_dropped_with_reason",
                                violation_error_message="取消议程请说明原因。",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                condition=models.Q(("dropped_at", None), ("hall__isnull", False)),
                                expressions=[
                                    (
                                        models.Func(
                                            models.F("hall"),
                                            models.F("hall"),
                                            models.Value("[]"),
                                            function="int8range",
                                            output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                        ),
                                        "&&",
                                    ),
                                    (
                                        models.Func(
                                            models.F("starts_at"),
                                            models.F("ends_at"),
                                            function="tstzrange",
                                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                        ),
                                        "&&",
                                    ),
                                ],
                                name="agenda_one_item_per_hall",
                                violation_error_message="这个场地在这段时间已有别的议程。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="AnonymousNumber",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="anonymous_numbers",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "number",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MinValueValidator(1)], verbose_name="编号"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "匿名编号",
                        "verbose_name_plural": "匿名编号",
                        "ordering": ["docking_round", "number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("docking_round", "demand"), name="anonymous_number_once_per_demand"
                            ),
                            models.UniqueConstraint(
                                fields=("docking_round", "number"), name="anonymous_number_of_one_demand"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FeaturedAchievement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "docking_round",
                            models.ForeignKey(
                                db_column="dockinground_id",
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="features",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="features",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "rank",
                            models.PositiveSmallIntegerField(
                                db_default=0, default=0, help_text="从 1 起，0 为未排序", verbose_name="顺序"
                            ),
                        ),
                        (
                            "score",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="得分（十分之一分）"),
                        ),
                        ("reasons", models.JSONField(blank=True, db_default=[], default=list, verbose_name="入选理由")),
                        ("is_pinned", models.BooleanField(db_default=False, default=False, verbose_name="必选")),
                    ],
                    options={
                        "verbose_name": "推介成果",
                        "verbose_name_plural": "推介成果",
                        "db_table": "rounds_dockinground_featured",
                        "ordering": ["docking_round", "rank", "pk"],
                        "unique_together": {("docking_round", "achievement")},
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("rank__gt", 0)),
                                fields=("docking_round", "rank"),
                                name="feature_rank_once",
                                violation_error_message="这个顺序已有一项成果。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FeaturedSelection",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "docking_round",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="featured_selection",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        ("rules", models.JSONField(blank=True, default=dict, verbose_name="规则")),
                        ("revision", models.PositiveIntegerField(default=0, editable=False)),
                        (
                            "changed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="修改人",
                            ),
                        ),
                        ("changed_at", models.DateTimeField(editable=False, null=True, verbose_name="修改时间")),
                        (
                            "applied_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="写入人",
                            ),
                        ),
                        ("applied_at", models.DateTimeField(editable=False, null=True, verbose_name="写入时间")),
                    ],
                    options={
                        "verbose_name": "推介名单规则",
                        "verbose_name_plural": "推介名单规则",
                        "permissions": [("select_featured", "Can choose what a round presents")],
                    },
                ),
                migrations.CreateModel(
                    name="FeaturedMark",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="marks",
                                to="rounds.featuredselection",
                                verbose_name="推介名单规则",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[("pin", "必选"), ("ban", "不选")],
                                max_length=4,
                                verbose_name="决定",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=200, verbose_name="理由")),
                        ("place", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="手动位置")),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="决定人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                    ],
                    options={
                        "verbose_name": "推介名单标记",
                        "verbose_name_plural": "推介名单标记",
                        "ordering": [models.OrderBy(models.F("place"), nulls_last=True), "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("plan", "achievement"), name="featured_mark_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", ""), ("reason", "")),
                                    models.Q(
                                        models.Q(("kind", ""), _negated=True), models.Q(("reason", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="featured_mark_with_reason",
                                violation_error_message="设为必选或不选请写明理由。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", ""), ("place__isnull", False)),
                                    ("kind", "pin"),
                                    models.Q(("kind", "ban"), ("place", None)),
                                    _connector="OR",
                                ),
                                name="featured_mark_says_something",
                                violation_error_message="不选的成果没有位置。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("place", None), ("place__gte", 1), _connector="OR"),
                                name="featured_mark_place_from_one",
                                violation_error_message="位置从 1 起。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Meeting",
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
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meetings",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "firm_party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meetings_as_firm",
                                to="rounds.party",
                                verbose_name="企业",
                            ),
                        ),
                        (
                            "institution_party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meetings_as_institution",
                                to="rounds.party",
                                verbose_name="院校",
                            ),
                        ),
                        (
                            "match",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meetings",
                                to="matching.match",
                                verbose_name="匹配",
                            ),
                        ),
                        (
                            "unmatched_demand",
                            models.ForeignKey(
                                blank=True,
                                help_text="没有匹配时，洽谈的是哪一项需求",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        ("topic", models.CharField(blank=True, max_length=120, verbose_name="洽谈内容")),
                        (
                            "why",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200, verbose_name="添加原因"
                            ),
                        ),
                        (
                            "origin",
                            models.CharField(
                                choices=[
                                    ("match", "已采纳的匹配"),
                                    ("firm", "企业提出"),
                                    ("office", "院校提出"),
                                    ("staff", "工作人员安排"),
                                    ("on_site", "现场撮合"),
                                ],
                                default="match",
                                max_length=10,
                                verbose_name="来源",
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                default=2,
                                help_text="3 最优先",
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(3),
                                ],
                                verbose_name="优先级",
                            ),
                        ),
                        ("is_must", models.BooleanField(default=False, verbose_name="必须安排")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("wanted", "待洽谈"),
                                    ("begun", "洽谈中"),
                                    ("held", "已洽谈"),
                                    ("missed", "未能进行"),
                                    ("dropped", "已取消"),
                                ],
                                default="wanted",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "dropped_reason",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="取消原因"),
                        ),
                        (
                            "anonymous_number",
                            models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="匿名编号"),
                        ),
                        ("begun_at", models.DateTimeField(editable=False, null=True, verbose_name="开始时间")),
                        ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="结束时间")),
                        ("step_key", models.UUIDField(editable=False, null=True)),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间")),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "洽谈",
                        "verbose_name_plural": "洽谈",
                        "ordering": ["docking_round", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=(
                                    "docking_round",
                                    "firm_party",
                                    "institution_party",
                                    "match",
                                    "unmatched_demand",
                                ),
                                name="meeting_once_per_pair",
                                nulls_distinct=False,
                                violation_error_message="双方就这项内容已有一场洽谈。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("firm_party", models.F("institution_party")), _negated=True),
                                name="meeting_has_two_sides",
                                violation_error_message="洽谈的双方不能是同一个单位。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "dropped"), models.Q(("dropped_reason", ""), _negated=True)),
                                    models.Q(models.Q(("status", "dropped"), _negated=True), ("dropped_reason", "")),
                                    _connector="OR",
                                ),
                                name="meeting_dropped_with_reason",
                                violation_error_message="取消洽谈请说明原因。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Outcome",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="outcomes",
                                to="rounds.meeting",
                                verbose_name="洽谈",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("firm", "企业"), ("office", "院校"), ("host", "桌长")],
                                max_length=10,
                                verbose_name="记录方",
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                choices=[("intent", "有意向"), ("go_on", "继续谈"), ("no_fit", "不合适")],
                                max_length=10,
                                verbose_name="结果",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=matching.models.match.reject_reasons,
                                max_length=20,
                                verbose_name="不合适的原因",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("next_step", models.CharField(blank=True, max_length=100, verbose_name="下一步")),
                        ("next_on", models.DateField(blank=True, null=True, verbose_name="下次联系日期")),
                        (
                            "intent_wan",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="意向金额（万元）"
                            ),
                        ),
                        ("is_signed", models.BooleanField(default=False, verbose_name="当场签约意向")),
                        (
                            "early_reason",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200, verbose_name="提前记录的原因"
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
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="记录时间"),
                        ),
                        ("key", models.UUIDField(editable=False, null=True, unique=True)),
                    ],
                    options={
                        "verbose_name": "洽谈结果",
                        "verbose_name_plural": "洽谈结果",
                        "ordering": ["meeting", "side"],
                        "constraints": [
                            models.UniqueConstraint(fields=("meeting", "side"), name="outcome_once_per_side"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("verdict", "no_fit"), models.Q(("reason", ""), _negated=True)),
                                    models.Q(models.Q(("verdict", "no_fit"), _negated=True), ("reason", "")),
                                    _connector="OR",
                                ),
                                name="outcome_no_fit_with_reason",
                                violation_error_message="选择“不合适”时请选择原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("intent_wan", None),
                                    models.Q(("intent_wan__gte", Decimal("0")), ("verdict", "intent")),
                                    _connector="OR",
                                ),
                                name="outcome_intent_sum_with_intent",
                                violation_error_message="意向金额不能小于 0，并且只在“有意向”时填写。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("is_signed", False), ("verdict", "intent"), _connector="OR"),
                                name="outcome_signed_with_intent",
                                violation_error_message="当场签约只在“有意向”时填写。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("early_reason", ""), ("side", "host"), _connector="OR"),
                                name="outcome_early_by_host_only",
                                violation_error_message="只有现场工作人员可以提前记录，并写明原因。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="MeetingRequest",
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
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meeting_requests",
                                to="rounds.party",
                                verbose_name="提出单位",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meeting_requests",
                                to="rounds.meeting",
                                verbose_name="洽谈",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        ("is_most", models.BooleanField(default=False, verbose_name="最想谈")),
                        (
                            "status",
                            models.CharField(
                                choices=[("wished", "已提出"), ("withdrawn", "已撤回"), ("refused", "未采纳")],
                                default="wished",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "refused_reason",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="未采纳的原因"),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间")),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "洽谈意愿",
                        "verbose_name_plural": "洽谈意愿",
                        "ordering": ["party", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("party", "achievement", "demand"),
                                name="meeting_request_once",
                                nulls_distinct=False,
                                violation_error_message="这一项已经提出过了。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("achievement__isnull", False), ("demand", None)),
                                    models.Q(("achievement", None), ("demand__isnull", False)),
                                    _connector="OR",
                                ),
                                name="meeting_request_is_about_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("is_most", False), ("status", "wished"), _connector="OR"),
                                name="meeting_request_most_only_while_wished",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("refused_reason", ""), ("status", "refused"), _connector="OR"),
                                name="meeting_request_reason_only_of_refused",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="MeetingOrder",
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
                            "before",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="orders_from_here",
                                to="rounds.meeting",
                                verbose_name="在前的洽谈",
                            ),
                        ),
                        (
                            "after",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="orders_to_here",
                                to="rounds.meeting",
                                verbose_name="在后的洽谈",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间")),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                        ("lifted_at", models.DateTimeField(editable=False, null=True, verbose_name="取消时间")),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="取消人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "先后要求",
                        "verbose_name_plural": "先后要求",
                        "ordering": ["pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("lifted_at", None)),
                                fields=("before", "after"),
                                name="meeting_order_once",
                                violation_error_message="已有这条先后要求。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("before", models.F("after")), _negated=True),
                                name="meeting_order_of_two",
                                violation_error_message="一场洽谈不能先于自己，请选两场不同的洽谈。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Organiser",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="organisers",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[("host", "主办"), ("undertaker", "承办"), ("co", "协办"), ("support", "支持")],
                                default="undertaker",
                                max_length=10,
                                verbose_name="身份",
                            ),
                        ),
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
                        (
                            "name",
                            models.CharField(
                                blank=True,
                                help_text="不在平台上的单位写在这里",
                                max_length=200,
                                verbose_name="单位名称",
                            ),
                        ),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
                    ],
                    options={
                        "verbose_name": "主办和承办单位",
                        "verbose_name_plural": "主办和承办单位",
                        "ordering": ["order", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("name", ""), ("organisation__isnull", False)),
                                    models.Q(("organisation", None), models.Q(("name", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="organiser_is_an_organisation_or_a_name",
                                violation_error_message="请选择平台上的单位，或者写单位名称，二者填一个。",
                            ),
                            models.UniqueConstraint(
                                fields=("docking_round", "role", "organisation", "name"),
                                name="organiser_once_per_role",
                                nulls_distinct=False,
                                violation_error_message="这个单位已经在名单里。",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="RoundDocument",
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
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        ("file", models.FileField(max_length=200, upload_to="rounds/%Y/%m/", verbose_name="文件")),
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
                        (
                            "uploaded_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间"),
                        ),
                        ("removed_at", models.DateTimeField(editable=False, null=True, verbose_name="移除时间")),
                    ],
                    options={
                        "verbose_name": "活动文件",
                        "verbose_name_plural": "活动文件",
                        "ordering": ["uploaded_at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Paper",
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
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="papers",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("booklet", "会议手册"),
                                    ("plans", "各单位的洽谈安排"),
                                    ("table_cards", "桌牌"),
                                    ("badges", "胸牌"),
                                    ("sign_in", "签到表"),
                                    ("letters", "邀请函"),
                                ],
                                max_length=12,
                                verbose_name="材料",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.region",
                                verbose_name="区市县",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("queued", "正在生成"), ("done", "已完成"), ("failed", "未能生成")],
                                default="queued",
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "file",
                            models.FileField(
                                blank=True, max_length=200, upload_to="papers/%Y/%m/", verbose_name="文件"
                            ),
                        ),
                        ("pages", models.PositiveIntegerField(null=True, verbose_name="页数")),
                        ("problem", models.CharField(blank=True, max_length=300, verbose_name="未能生成的原因")),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申请人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="申请时间")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                    ],
                    options={
                        "verbose_name": "会议材料",
                        "verbose_name_plural": "会议材料",
                        "ordering": ["-made_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("finished_at", None), ("status", "queued")),
                                    models.Q(
                                        models.Q(("status", "queued"), _negated=True), ("finished_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="paper_finished_iff_not_queued",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "done"), models.Q(("file", ""), _negated=True)),
                                    models.Q(models.Q(("status", "done"), _negated=True), ("file", "")),
                                    _connector="OR",
                                ),
                                name="paper_has_file_iff_done",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "failed"), models.Q(("problem", ""), _negated=True)),
                                    models.Q(models.Q(("status", "failed"), _negated=True), ("problem", "")),
                                    _connector="OR",
                                ),
                                name="paper_says_why_it_failed",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "queued")),
                                fields=("docking_round", "kind", "region"),
                                name="paper_queued_once",
                                nulls_distinct=False,
                                violation_error_message="这份材料正在生成，请稍候刷新。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RoundReport",
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
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="版本")),
                        (
                            "status",
                            models.CharField(
                                choices=[("draft", "草稿"), ("released", "已发布")],
                                default="draft",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("figures", models.JSONField(default=dict, verbose_name="数字")),
                        ("text", models.JSONField(default=list, verbose_name="文字")),
                        ("revision", models.PositiveIntegerField(default=0, editable=False)),
                        (
                            "counted_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="统计时间"),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="起草人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="起草时间")),
                        (
                            "edited_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="修改人",
                            ),
                        ),
                        ("edited_at", models.DateTimeField(editable=False, null=True, verbose_name="修改时间")),
                        (
                            "released_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发布人",
                            ),
                        ),
                        ("released_at", models.DateTimeField(editable=False, null=True, verbose_name="发布时间")),
                        (
                            "word_file",
                            models.FileField(
                                blank=True, max_length=200, upload_to="reports/%Y/%m/", verbose_name="Word 文件"
                            ),
                        ),
                        (
                            "pdf_file",
                            models.FileField(
                                blank=True, max_length=200, upload_to="reports/%Y/%m/", verbose_name="PDF 文件"
                            ),
                        ),
                        ("checksums", models.JSONField(default=dict, verbose_name="文件校验值")),
                    ],
                    options={
                        "verbose_name": "活动总结",
                        "verbose_name_plural": "活动总结",
                        "ordering": ["docking_round", "-number"],
                        "permissions": [("write_roundreport", "Can write and release reports of rounds")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("docking_round", "number"), name="report_numbers_are_unique"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "draft")),
                                fields=("docking_round",),
                                name="report_one_draft_per_round",
                                violation_error_message="这场活动已有一份草稿，请继续修改那一份。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("pdf_file", ""), ("released_at", None), ("status", "draft"), ("word_file", "")
                                    ),
                                    models.Q(
                                        ("released_at__isnull", False),
                                        ("status", "released"),
                                        models.Q(("word_file", ""), _negated=True),
                                        models.Q(("pdf_file", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="report_released_iff_files",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SignageScreen",
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
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="signage_screens",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "hall",
                            models.ForeignKey(
                                blank=True,
                                help_text="不选为全部场地",
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="signage_screens",
                                to="rounds.hall",
                                verbose_name="场地",
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
                        ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="停用时间")),
                    ],
                    options={
                        "verbose_name": "现场大屏",
                        "verbose_name_plural": "现场大屏",
                        "ordering": ["docking_round", "pk"],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="PreDockingTarget",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="targets",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.region",
                                verbose_name="区市县",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("invited", "邀请企业"), ("coming", "确认参会企业"), ("needs", "征集需求")],
                                max_length=10,
                                verbose_name="内容",
                            ),
                        ),
                        (
                            "number",
                            models.PositiveIntegerField(
                                validators=[django.core.validators.MaxValueValidator(10000)], verbose_name="目标数"
                            ),
                        ),
                        (
                            "set_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="设定人",
                            ),
                        ),
                        (
                            "set_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="设定时间"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "会前目标",
                        "verbose_name_plural": "会前目标",
                        "ordering": ["docking_round", "region", "kind"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("docking_round", "region", "kind"),
                                name="target_once_per_district",
                                violation_error_message="这个区市县已有这项目标。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DistrictReminder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.region",
                                verbose_name="区市县",
                            ),
                        ),
                        ("day", models.DateField(default=django.utils.timezone.localdate, verbose_name="日期")),
                        ("text", models.CharField(max_length=400, verbose_name="提醒内容")),
                        (
                            "sent_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提醒人",
                            ),
                        ),
                        ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提醒时间")),
                    ],
                    options={
                        "verbose_name": "会前提醒",
                        "verbose_name_plural": "会前提醒",
                        "ordering": ["-sent_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("docking_round", "region", "day"), name="district_reminded_once_a_day"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Timetable",
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
                            "docking_round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="timetables",
                                to="rounds.dockinground",
                                verbose_name="对接活动",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="版本")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("solving", "正在排期"),
                                    ("draft", "草稿"),
                                    ("impossible", "排不出"),
                                    ("published", "已发布"),
                                    ("replaced", "已被替换"),
                                    ("discarded", "已放弃"),
                                ],
                                default="solving",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "based_on",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="rounds.timetable",
                                verbose_name="基于版本",
                            ),
                        ),
                        ("why", models.CharField(blank=True, max_length=200, verbose_name="缘由")),
                        ("parameters", models.JSONField(default=dict, verbose_name="参数")),
                        ("event_hash", models.CharField(blank=True, max_length=64, verbose_name="输入指纹")),
                        ("best", models.JSONField(default=dict, verbose_name="进展")),
                        ("problems", models.JSONField(default=list, verbose_name="排不出的原因")),
                        ("revision", models.PositiveIntegerField(default=0, editable=False)),
                        (
                            "stop_asked_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="要求停止的时间"),
                        ),
                        (
                            "heartbeat_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="排期进程最近一次报告"),
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
                        ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="发布时间")),
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
                    ],
                    options={
                        "verbose_name": "洽谈排期",
                        "verbose_name_plural": "洽谈排期",
                        "ordering": ["docking_round", "-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("docking_round", "number"), name="timetable_numbers_are_unique"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "published")),
                                fields=("docking_round",),
                                name="timetable_one_published_per_round",
                                violation_error_message="这次活动已有发布的排期，请刷新后再发布。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "solving")),
                                fields=("docking_round",),
                                name="timetable_one_solving_per_round",
                                violation_error_message="这次活动正在排期，请等它完成或先停止。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_at__isnull", False), ("status__in", ["published", "replaced"])
                                    ),
                                    models.Q(
                                        models.Q(("status__in", ["published", "replaced"]), _negated=True),
                                        ("published_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="timetable_published_at_iff_published",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Placement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "timetable",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="placements",
                                to="rounds.timetable",
                                verbose_name="排期",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to="rounds.meeting",
                                verbose_name="洽谈",
                            ),
                        ),
                        (
                            "slot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to="rounds.slot",
                                verbose_name="时段",
                            ),
                        ),
                        (
                            "hall",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to="rounds.hall",
                                verbose_name="场地",
                            ),
                        ),
                        ("table", models.PositiveSmallIntegerField(verbose_name="桌号")),
                        ("is_locked", models.BooleanField(default=False, verbose_name="锁定")),
                    ],
                    options={
                        "verbose_name": "洽谈位置",
                        "verbose_name_plural": "洽谈位置",
                        "ordering": ["slot__starts_at", "hall__order", "table"],
                        "constraints": [
                            models.UniqueConstraint(fields=("timetable", "meeting"), name="placement_once_per_meeting"),
                            models.UniqueConstraint(
                                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                                fields=("timetable", "slot", "hall", "table"),
                                name="placement_one_meeting_per_table",
                                violation_error_message="这张桌在这个时段已有洽谈。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("table__gte", 1)), name="placement_table_from_one"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LeftOut",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "timetable",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="left_out",
                                to="rounds.timetable",
                                verbose_name="排期",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="rounds.meeting",
                                verbose_name="洽谈",
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="原因")),
                    ],
                    options={
                        "verbose_name": "未安排的洽谈",
                        "verbose_name_plural": "未安排的洽谈",
                        "constraints": [models.UniqueConstraint(fields=("timetable", "meeting"), name="left_out_once")],
                    },
                ),
            ]
        ),
        migrations.RunSQL(CREATE_TRIGGER, DROP_TRIGGER),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
