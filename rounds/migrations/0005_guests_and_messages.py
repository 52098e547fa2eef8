import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
from core.roles import grant

VIEW = ["view_guestmessage", "view_guestterms", "view_lateanswer", "view_lettertext"]


def grant_permissions(apps, schema_editor):
    """For staff of the city and the districts; what each may change is decided by `change_party` and its scope."""
    grant(apps, "rounds", {"city_officer": VIEW, "district_officer": VIEW, "auditor": VIEW})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("notices", "0002_challenge_notices"),
        ("rounds", "0004_round_moves_and_avoided_periods"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GuestMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invitation", "邀请"),
                            ("reminder", "提醒答复"),
                            ("change", "活动变动"),
                            ("plan", "洽谈日程"),
                            ("talk", "请接受洽谈"),
                            ("answer", "对答复的回复"),
                        ],
                        max_length=12,
                        verbose_name="事项",
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[("mail", "邮件"), ("notice", "平台消息"), ("call", "电话")],
                        max_length=10,
                        verbose_name="方式",
                    ),
                ),
                ("subject", models.CharField(max_length=200, verbose_name="标题")),
                ("text", models.TextField(verbose_name="内容")),
                ("notice_about", models.CharField(blank=True, default="", editable=False, max_length=60)),
                ("notice_key", models.CharField(blank=True, default="", editable=False, max_length=120)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("reached", "已转达"),
                            ("coming", "说要参加"),
                            ("declined", "说不参加"),
                            ("no_reply", "没接通"),
                            ("wrong", "号码不对，已另行联系"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="电话结果",
                    ),
                ),
                ("outcome_note", models.CharField(blank=True, default="", max_length=200, verbose_name="电话说明")),
                ("calls", models.PositiveSmallIntegerField(default=0, verbose_name="打了几次")),
                ("called_at", models.DateTimeField(editable=False, null=True, verbose_name="最近一次电话")),
            ],
            options={
                "verbose_name": "发给参会单位的消息",
                "verbose_name_plural": "发给参会单位的消息",
                "ordering": ["-made_at", "-pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="GuestTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact_name", models.CharField(blank=True, max_length=30, verbose_name="联系人")),
                ("contact_phone", models.CharField(blank=True, max_length=30, verbose_name="联系电话")),
                ("reply_by", models.DateField(blank=True, null=True, verbose_name="请在哪天前答复")),
                (
                    "most_firms",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="不填为不限", null=True, verbose_name="企业名额"
                    ),
                ),
                (
                    "most_teams",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="不填为不限", null=True, verbose_name="院校团队名额"
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="更改时间"),
                ),
            ],
            options={
                "verbose_name": "邀请须知",
                "verbose_name_plural": "邀请须知",
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="LateAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("yes", "要来参加"), ("times", "到场时间有变"), ("promotion", "候补有了名额")],
                        editable=False,
                        max_length=10,
                        verbose_name="内容",
                    ),
                ),
                ("reply", models.JSONField(default=dict, editable=False, verbose_name="答复")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "等排期人员决定"),
                            ("accepted", "已接受"),
                            ("declined", "未接受"),
                            ("withdrawn", "单位撤回"),
                        ],
                        default="open",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="提出时间"),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="未接受的原因")),
                ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="决定时间")),
            ],
            options={
                "verbose_name": "迟到的答复",
                "verbose_name_plural": "迟到的答复",
                "ordering": ["made_at", "pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="LetterText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invitation", "邀请邮件"),
                            ("reminder", "提醒答复的邮件"),
                            ("letter", "打印的邀请函"),
                            ("call", "电话用语"),
                            ("chat", "微信文字"),
                        ],
                        max_length=12,
                        verbose_name="用在哪里",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="版本")),
                ("subject", models.CharField(blank=True, max_length=100, verbose_name="标题")),
                ("body", models.TextField(blank=True, max_length=3000, verbose_name="正文")),
                ("is_reset", models.BooleanField(default=False, verbose_name="恢复平台自带的文字")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="更改时间"),
                ),
            ],
            options={
                "verbose_name": "信函文字",
                "verbose_name_plural": "信函文字",
                "ordering": ["docking_round", "kind", "-number"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.RemoveConstraint(
            model_name="party",
            name="party_answered_iff_decided",
        ),
        migrations.AddField(
            model_name="attendee",
            name="access",
            field=models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="无障碍需要"),
        ),
        migrations.AddField(
            model_name="attendee",
            name="dietary",
            field=models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="饮食要求"),
        ),
        migrations.AddField(
            model_name="attendee",
            name="role",
            field=models.CharField(
                choices=[("guest", "参会人员"), ("companion", "随行人员")],
                db_default="guest",
                default="guest",
                max_length=10,
                verbose_name="身份",
            ),
        ),
        migrations.AddField(
            model_name="attendee",
            name="stands_in_for",
            field=models.CharField(blank=True, db_default="", default="", max_length=30, verbose_name="代替谁参加"),
        ),
        migrations.AddField(
            model_name="away",
            name="is_own",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="单位自己填的"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="firm_word",
            field=models.CharField(
                blank=True,
                choices=[("asked", "等答复"), ("accepted", "接受"), ("refused", "不接受")],
                db_default="",
                default="",
                editable=False,
                max_length=10,
                verbose_name="企业意见",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="institution_word",
            field=models.CharField(
                blank=True,
                choices=[("asked", "等答复"), ("accepted", "接受"), ("refused", "不接受")],
                db_default="",
                default="",
                editable=False,
                max_length=10,
                verbose_name="院校意见",
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="shows_name",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="由单位自己在答复里选择",
                verbose_name="让其他参会单位看到本单位",
            ),
        ),
        migrations.AlterField(
            model_name="party",
            name="answer",
            field=models.CharField(
                choices=[
                    ("listed", "待邀请"),
                    ("invited", "已邀请"),
                    ("coming", "参加"),
                    ("declined", "不参加"),
                    ("waiting", "候补"),
                    ("withdrawn", "已撤回"),
                ],
                default="listed",
                editable=False,
                max_length=10,
                verbose_name="答复",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer__in", ["coming", "declined", "waiting"]), ("answered_at__isnull", False)),
                    models.Q(("answer__in", ["listed", "invited", "withdrawn"]), ("answered_at", None)),
                    _connector="OR",
                ),
                name="party_answered_iff_decided",
            ),
        ),
        migrations.AddField(
            model_name="guestmessage",
            name="called_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="打电话的人",
            ),
        ),
        migrations.AddField(
            model_name="guestmessage",
            name="deliveries",
            field=models.ManyToManyField(editable=False, related_name="guest_messages", to="notices.delivery"),
        ),
        migrations.AddField(
            model_name="guestmessage",
            name="docking_round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="guest_messages",
                to="rounds.dockinground",
                verbose_name="对接活动",
            ),
        ),
        migrations.AddField(
            model_name="guestmessage",
            name="made_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="发出人",
            ),
        ),
        migrations.AddField(
            model_name="guestmessage",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to="rounds.party",
                verbose_name="参会单位",
            ),
        ),
        migrations.AddField(
            model_name="guestterms",
            name="changed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="更改人",
            ),
        ),
        migrations.AddField(
            model_name="guestterms",
            name="docking_round",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="guest_terms",
                to="rounds.dockinground",
                verbose_name="对接活动",
            ),
        ),
        migrations.AddField(
            model_name="lateanswer",
            name="decided_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="决定人",
            ),
        ),
        migrations.AddField(
            model_name="lateanswer",
            name="made_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="提出人",
            ),
        ),
        migrations.AddField(
            model_name="lateanswer",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="late_answers",
                to="rounds.party",
                verbose_name="参会单位",
            ),
        ),
        migrations.AddField(
            model_name="lettertext",
            name="docking_round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="letter_texts",
                to="rounds.dockinground",
                verbose_name="对接活动",
            ),
        ),
        migrations.AddField(
            model_name="lettertext",
            name="made_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="更改人",
            ),
        ),
        migrations.AddIndex(
            model_name="guestmessage",
            index=models.Index(fields=["docking_round", "kind"], name="guest_message_by_round"),
        ),
        migrations.AddConstraint(
            model_name="guestmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("called_at", None), ("outcome", "")),
                    models.Q(models.Q(("outcome", ""), _negated=True), ("called_at__isnull", False)),
                    _connector="OR",
                ),
                name="guest_message_called_iff_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="lateanswer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("party",), name="late_answer_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="lateanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("status", "open")),
                    models.Q(models.Q(("status", "open"), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="late_answer_decided_iff_not_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="lateanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "declined"), models.Q(("reason", ""), _negated=True)),
                    models.Q(models.Q(("status", "declined"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="late_answer_declined_with_reason",
                violation_error_message="不接受请说明原因，单位会看到。",
            ),
        ),
        migrations.AddConstraint(
            model_name="lettertext",
            constraint=models.UniqueConstraint(
                fields=("docking_round", "kind", "number"),
                name="letter_text_version_once",
                violation_error_message="这段文字刚由别人改过，请刷新后再改。",
            ),
        ),
        migrations.AddConstraint(
            model_name="lettertext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("body", ""), ("is_reset", True)),
                    models.Q(("is_reset", False), models.Q(("body", ""), _negated=True)),
                    _connector="OR",
                ),
                name="letter_text_has_body_or_resets",
                violation_error_message="正文不能为空。",
            ),
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
