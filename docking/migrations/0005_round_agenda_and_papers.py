import accounts.public_id
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.utils.timezone
import taxonomy.plain_text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_contact_shares"),
        ("achievements", "0004_published"),
        ("docking", "0004_walls_and_steps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=accounts.public_id.new_public_id, editable=False, max_length=10, unique=True
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
                ("starts_at", models.DateTimeField(verbose_name="开始")),
                ("ends_at", models.DateTimeField(verbose_name="结束")),
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
                    models.BooleanField(default=True, help_text="活动发布后，所有人都能看到", verbose_name="公开"),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="备注（不公开）")),
                ("sequence", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "changed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="修改时间"),
                ),
                ("dropped_at", models.DateTimeField(editable=False, null=True, verbose_name="取消时间")),
                (
                    "dropped_reason",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="取消原因"),
                ),
            ],
            options={
                "verbose_name": "议程",
                "verbose_name_plural": "议程",
                "ordering": ["starts_at", "pk"],
            },
            bases=(taxonomy.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="Organiser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "name",
                    models.CharField(
                        blank=True, help_text="不在平台上的单位写在这里", max_length=200, verbose_name="单位名称"
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
            ],
            options={
                "verbose_name": "主办和承办单位",
                "verbose_name_plural": "主办和承办单位",
                "ordering": ["order", "pk"],
            },
            bases=(taxonomy.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=accounts.public_id.new_public_id, editable=False, max_length=10, unique=True
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
                    "status",
                    models.CharField(
                        choices=[("queued", "正在生成"), ("done", "已完成"), ("failed", "未能生成")],
                        default="queued",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("file", models.FileField(blank=True, max_length=200, upload_to="papers/%Y/%m/", verbose_name="文件")),
                ("pages", models.PositiveIntegerField(null=True, verbose_name="页数")),
                ("problem", models.CharField(blank=True, max_length=300, verbose_name="未能生成的原因")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="申请时间")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
            ],
            options={
                "verbose_name": "会议材料",
                "verbose_name_plural": "会议材料",
                "ordering": ["-made_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="RoundDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=accounts.public_id.new_public_id, editable=False, max_length=10, unique=True
                    ),
                ),
                ("file", models.FileField(max_length=200, upload_to="rounds/%Y/%m/", verbose_name="文件")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                ("size", models.PositiveBigIntegerField(verbose_name="大小（字节）")),
                ("sha256", models.CharField(max_length=64)),
                ("is_public", models.BooleanField(default=False, verbose_name="公开")),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间")),
                ("removed_at", models.DateTimeField(editable=False, null=True, verbose_name="移除时间")),
            ],
            options={
                "verbose_name": "活动文件",
                "verbose_name_plural": "活动文件",
                "ordering": ["uploaded_at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="dockinground",
            name="institutions",
            field=models.ManyToManyField(
                blank=True,
                help_text="市外的高校院所也可以加入",
                limit_choices_to={"kind": "institution"},
                related_name="rounds_attended",
                to="accounts.organisation",
                verbose_name="参加的院校",
            ),
        ),
        migrations.AddField(
            model_name="dockinground",
            name="sequence",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
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
        ),
        migrations.AlterConstraint(
            model_name="slot",
            name="slot_ends_after_start",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="slot_ends_after_start",
                violation_error_message="时段的结束时间要晚于开始时间；过了午夜的请按两天分别填写。",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="achievement",
            field=models.ForeignKey(
                blank=True,
                help_text="类型为“推介”时填写",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="agenda_items",
                to="achievements.achievement",
                verbose_name="推介成果",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="attendees",
            field=models.ManyToManyField(
                blank=True,
                help_text="只请个别人时填写",
                related_name="agenda",
                to="docking.attendee",
                verbose_name="应到人员",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="docking_round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="agenda",
                to="docking.dockinground",
                verbose_name="对接活动",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="hall",
            field=models.ForeignKey(
                blank=True,
                help_text="全场一起的茶歇等可以不填",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="agenda",
                to="docking.hall",
                verbose_name="场地",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="parties",
            field=models.ManyToManyField(
                blank=True,
                help_text="全体到场；排洽谈时会避开这段时间",
                related_name="agenda",
                to="docking.party",
                verbose_name="应到单位",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="speakers",
            field=models.ManyToManyField(
                blank=True, related_name="speaks_at", to="docking.attendee", verbose_name="发言人"
            ),
        ),
        migrations.AddField(
            model_name="organiser",
            name="docking_round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="organisers",
                to="docking.dockinground",
                verbose_name="对接活动",
            ),
        ),
        migrations.AddField(
            model_name="organiser",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
                verbose_name="平台上的单位",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="docking_round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="papers",
                to="docking.dockinground",
                verbose_name="对接活动",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="申请人",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="region",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.region",
                verbose_name="区市县",
            ),
        ),
        migrations.AddField(
            model_name="rounddocument",
            name="docking_round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="docking.dockinground",
                verbose_name="对接活动",
            ),
        ),
        migrations.AddField(
            model_name="rounddocument",
            name="uploaded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="上传人",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="agenda_ends_after_start",
                violation_error_message="结束时间要晚于开始时间；过了午夜的请按两天分别填写。",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("achievement", None), ("kind", "pitch"), _connector="OR"),
                name="agenda_achievement_is_pitched",
                violation_error_message="只有“推介”可以选推介成果。",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dropped_at", None), ("dropped_reason", "")),
                    models.Q(("dropped_at__isnull", False), models.Q(("dropped_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="agenda_dropped_with_reason",
                violation_error_message="取消议程请说明原因。",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="organiser",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), ("organisation__isnull", False)),
                    models.Q(("organisation", None), models.Q(("name", ""), _negated=True)),
                    _connector="OR",
                ),
                name="organiser_is_an_organisation_or_a_name",
                violation_error_message="请选择平台上的单位，或者写单位名称，二者填一个。",
            ),
        ),
        migrations.AddConstraint(
            model_name="organiser",
            constraint=models.UniqueConstraint(
                fields=("docking_round", "role", "organisation", "name"),
                name="organiser_once_per_role",
                nulls_distinct=False,
                violation_error_message="这个单位已经在名单里。",
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at", None), ("status", "queued")),
                    models.Q(models.Q(("status", "queued"), _negated=True), ("finished_at__isnull", False)),
                    _connector="OR",
                ),
                name="paper_finished_iff_not_queued",
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "done"), models.Q(("file", ""), _negated=True)),
                    models.Q(models.Q(("status", "done"), _negated=True), ("file", "")),
                    _connector="OR",
                ),
                name="paper_has_file_iff_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "failed"), models.Q(("problem", ""), _negated=True)),
                    models.Q(models.Q(("status", "failed"), _negated=True), ("problem", "")),
                    _connector="OR",
                ),
                name="paper_says_why_it_failed",
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "queued")),
                fields=("docking_round", "kind", "region"),
                name="paper_queued_once",
                nulls_distinct=False,
                violation_error_message="这份材料正在生成，请稍候刷新。",
            ),
        ),
    ]
