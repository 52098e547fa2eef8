import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.public_id
import core.public_text
import matching.models.match
from core.create_models import CreateModels
from core.roles import grant

MODELS = ("approach", "approachblock", "approachmessage", "approachfile", "talktime", "offer", "staffnote")
VIEWED = [f"view_{model}" for model in MODELS]


def grant_permissions(apps, schema_editor):
    grant(apps, "enquiries", {"district_officer": VIEWED, "city_officer": VIEWED, "auditor": VIEWED})


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("demands", "0001_initial"),
        ("matching", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Approach",
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
                            models.CharField(
                                choices=[("enquiry", "企业询问成果"), ("answer", "院所应答需求")],
                                max_length=10,
                                verbose_name="类型",
                            ),
                        ),
                        (
                            "firm",
                            models.ForeignKey(
                                limit_choices_to={"kind": "firm"},
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="firm_approaches",
                                to="accounts.organisation",
                            ),
                        ),
                        (
                            "institution",
                            models.ForeignKey(
                                limit_choices_to={"kind": "institution"},
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="institution_approaches",
                                to="accounts.organisation",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="approaches",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="approaches",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("adopt", "想引进使用"),
                                    ("joint", "想合作开发"),
                                    ("trial", "想试用或打样"),
                                    ("service", "想请专家解决问题"),
                                    ("learn", "先了解情况"),
                                    ("offer", "提供方案"),
                                ],
                                max_length=10,
                                verbose_name="目的",
                            ),
                        ),
                        ("text", models.TextField(max_length=1000, verbose_name="内容")),
                        ("text_digest", models.CharField(blank=True, db_index=True, editable=False, max_length=64)),
                        ("is_anonymous", models.BooleanField(default=False, verbose_name="企业匿名")),
                        (
                            "public_alias",
                            models.CharField(blank=True, editable=False, max_length=60, verbose_name="企业对外名称"),
                        ),
                        (
                            "named_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="企业同意公开名称的时间"),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发起人",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("sent", "已送达"),
                                    ("read", "已读"),
                                    ("answered", "已答复"),
                                    ("talk", "约谈"),
                                    ("docking", "已转对接"),
                                    ("ended", "已结束"),
                                ],
                                default="sent",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="送达时间")),
                        ("read_at", models.DateTimeField(editable=False, null=True, verbose_name="首次阅读时间")),
                        (
                            "first_answered_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="首次答复时间"),
                        ),
                        (
                            "last_event_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="最近动态"
                            ),
                        ),
                        ("answer_due_on", models.DateField(verbose_name="答复期限")),
                        ("reminded_at", models.DateTimeField(editable=False, null=True, verbose_name="提醒时间")),
                        (
                            "district_told_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="提请区县时间"),
                        ),
                        ("city_told_at", models.DateTimeField(editable=False, null=True, verbose_name="提请市级时间")),
                        ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="结束时间")),
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
                            "ended_side",
                            models.CharField(
                                blank=True,
                                choices=[("firm", "企业"), ("office", "院校")],
                                editable=False,
                                max_length=11,
                                verbose_name="哪一方结束",
                            ),
                        ),
                        (
                            "end_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("not_fit", "技术上不合适"),
                                    ("terms", "价格或合作方式不合"),
                                    ("taken", "已有合作对象"),
                                    ("timing", "目前没有时间或预算"),
                                    ("solved", "问题已经解决"),
                                    ("withdrawn", "发起方撤回"),
                                    ("other", "其他原因"),
                                ],
                                editable=False,
                                max_length=10,
                                verbose_name="结束原因",
                            ),
                        ),
                        (
                            "end_note",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="结束说明"),
                        ),
                        (
                            "firm_agreed_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="企业同意对接的时间"),
                        ),
                        (
                            "firm_agreed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "firm_contact",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.contact",
                            ),
                        ),
                        (
                            "institution_agreed_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="院所同意对接的时间"),
                        ),
                        (
                            "institution_agreed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "institution_contact",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.contact",
                            ),
                        ),
                        (
                            "match",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="approaches",
                                to="matching.match",
                                verbose_name="对接",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "主动对接",
                        "verbose_name_plural": "主动对接",
                        "ordering": ["-last_event_at", "-pk"],
                        "indexes": [
                            models.Index(
                                fields=["institution", "status", "-last_event_at"], name="approach_of_institution"
                            ),
                            models.Index(fields=["firm", "status", "-last_event_at"], name="approach_of_firm"),
                            models.Index(
                                condition=models.Q(("status__in", ["sent", "read"])),
                                fields=["answer_due_on"],
                                name="approach_awaiting_answer",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("achievement__isnull", False), ("kind", "enquiry")),
                                    models.Q(("demand__isnull", False), ("kind", "answer")),
                                    _connector="OR",
                                ),
                                name="approach_names_its_subject",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("kind", "enquiry"), ("status__in", ["sent", "read", "answered", "talk"])
                                ),
                                fields=("firm", "achievement"),
                                name="approach_one_open_enquiry",
                                violation_error_message="贵单位对这项成果已有一条进行中的询问，请在原来的询问里继续。",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("kind", "answer"), ("status__in", ["sent", "read", "answered", "talk"])
                                ),
                                fields=("institution", "demand", "achievement"),
                                name="approach_one_open_answer",
                                nulls_distinct=False,
                                violation_error_message="贵单位对这项需求已有一条进行中的应答，请在原来的应答里继续。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("firm", models.F("institution")), _negated=True),
                                name="approach_has_two_sides",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_anonymous", False),
                                    models.Q(("public_alias", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="approach_anonymous_has_alias",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("read_at", None), ("status", "sent")),
                                    ("read_at__isnull", False),
                                    ("status", "ended"),
                                    _connector="OR",
                                ),
                                name="approach_read_before_answered",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("first_answered_at__isnull", False),
                                    ("status__in", ["sent", "read", "ended"]),
                                    _connector="OR",
                                ),
                                name="approach_answered_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("status", "ended"),
                                        models.Q(("end_reason", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("status", "ended"), _negated=True),
                                        ("end_reason", ""),
                                        ("ended_at", None),
                                        ("ended_by", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="approach_ended_with_reason",
                                violation_error_message="请选择结束的原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("achievement__isnull", False),
                                        ("demand__isnull", False),
                                        ("match__isnull", False),
                                        ("status", "docking"),
                                        ("firm_agreed_at__isnull", False),
                                        ("institution_agreed_at__isnull", False),
                                    ),
                                    models.Q(("status", "docking"), _negated=True),
                                    _connector="OR",
                                ),
                                name="approach_docking_has_match",
                                violation_error_message="双方都同意后才能转入对接。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApproachBlock",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "by_organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="谁不再接收",
                            ),
                        ),
                        (
                            "blocked",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="不接收谁的",
                            ),
                        ),
                        (
                            "approach",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="blocks",
                                to="enquiries.approach",
                                verbose_name="起因",
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="原因")),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="操作人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="恢复时间")),
                        (
                            "ended_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="恢复人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "不再接收",
                        "verbose_name_plural": "不再接收",
                        "ordering": ["-made_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("by_organisation", "blocked"),
                                name="approach_block_once",
                                violation_error_message="已经不再接收这个单位的询问了。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="approach_block_with_reason"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("by_organisation", models.F("blocked")), _negated=True),
                                name="approach_block_of_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApproachMessage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "approach",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="messages",
                                to="enquiries.approach",
                                verbose_name="主动对接",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                blank=True,
                                choices=[("firm", "企业"), ("office", "院校")],
                                max_length=11,
                                verbose_name="哪一方",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发送人",
                            ),
                        ),
                        ("text", models.TextField(max_length=1000, verbose_name="内容")),
                        ("is_event", models.BooleanField(default=False, verbose_name="系统记录")),
                        (
                            "origin",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "本单位"),
                                    ("completer", "由完成人提供，科技处发送"),
                                    ("edited", "由完成人提供，科技处修改后发送"),
                                ],
                                db_default="",
                                default="",
                                max_length=10,
                                verbose_name="由谁提供",
                            ),
                        ),
                        ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        ("read_at", models.DateTimeField(editable=False, null=True, verbose_name="对方首次阅读")),
                    ],
                    options={
                        "verbose_name": "往来消息",
                        "verbose_name_plural": "往来消息",
                        "ordering": ["sent_at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_event", True),
                                    models.Q(models.Q(("side", ""), _negated=True), ("author__isnull", False)),
                                    _connector="OR",
                                ),
                                name="approach_message_has_author",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApproachFile",
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
                            "message",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="enquiries.approachmessage",
                            ),
                        ),
                        (
                            "file",
                            models.FileField(max_length=200, upload_to="approach_files/%Y/%m/", verbose_name="文件"),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("content_type", models.CharField(max_length=100)),
                        ("size", models.PositiveBigIntegerField(verbose_name="大小（字节）")),
                        ("sha256", models.CharField(max_length=64)),
                    ],
                    options={
                        "verbose_name": "往来附件",
                        "verbose_name_plural": "往来附件",
                        "ordering": ["pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Offer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "approach",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="offer",
                                to="enquiries.approach",
                                verbose_name="应答",
                            ),
                        ),
                        ("method", models.TextField(blank=True, max_length=1000, verbose_name="准备怎么做")),
                        ("duration", models.CharField(blank=True, max_length=60, verbose_name="大约要多久")),
                        (
                            "price_min_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="大致价格下限（万元）",
                            ),
                        ),
                        (
                            "price_max_wan",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=12,
                                null=True,
                                verbose_name="大致价格上限（万元）",
                            ),
                        ),
                        ("strength", models.TextField(blank=True, max_length=1000, verbose_name="为什么选我们")),
                        (
                            "decline_reason",
                            models.CharField(
                                blank=True,
                                choices=matching.models.match.reject_reasons,
                                default="",
                                editable=False,
                                max_length=20,
                                verbose_name="谢绝原因",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "应答方案",
                        "verbose_name_plural": "应答方案",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("price_min_wan__isnull", True), ("price_min_wan__gte", 0), _connector="OR"
                                ),
                                name="offer_price_not_negative",
                                violation_error_message="大致价格不能为负数。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("price_min_wan__isnull", True),
                                    ("price_max_wan__isnull", True),
                                    ("price_max_wan__gte", models.F("price_min_wan")),
                                    _connector="OR",
                                ),
                                name="offer_price_in_order",
                                violation_error_message="大致价格的上限不能低于下限。",
                            ),
                        ],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="StaffNote",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "approach",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="staff_notes",
                                to="enquiries.approach",
                                verbose_name="主动对接",
                            ),
                        ),
                        ("text", models.TextField(max_length=500, verbose_name="备注")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                    ],
                    options={
                        "verbose_name": "专员备注",
                        "verbose_name_plural": "专员备注",
                        "ordering": ["made_at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("text", ""), _negated=True), name="staff_note_has_text"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TalkTime",
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
                            "approach",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="talk_times",
                                to="enquiries.approach",
                                verbose_name="主动对接",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("firm", "企业"), ("office", "院校")], max_length=11, verbose_name="提出方"
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                        (
                            "proposed_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间"),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="开始时间")),
                        ("minutes", models.PositiveSmallIntegerField(default=60, verbose_name="时长（分钟）")),
                        ("place", models.CharField(max_length=100, verbose_name="地点或方式")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("proposed", "待对方选择"),
                                    ("chosen", "已约定"),
                                    ("dropped", "未选"),
                                    ("cancelled", "已取消"),
                                ],
                                default="proposed",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="选定时间")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="选定人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "约谈时间",
                        "verbose_name_plural": "约谈时间",
                        "ordering": ["starts_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["proposed", "chosen"])),
                                fields=("approach", "starts_at"),
                                name="talk_time_once",
                                violation_error_message="这个时间已经提过了。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at", None), ("status", "proposed")),
                                    models.Q(
                                        models.Q(("status", "proposed"), _negated=True), ("decided_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="talk_time_decided_iff_not_proposed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minutes__gte", 15), ("minutes__lte", 480)), name="talk_time_length"
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
