import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.public_id
from core.create_models import CreateModels
from core.roles import grant


def grant_permissions(apps, schema_editor):
    grant(
        apps,
        "notices",
        {
            "city_officer": ["view_delivery", "resend_delivery"],
            "auditor": ["view_delivery"],
            "sysadmin": ["view_delivery", "resend_delivery"],
        },
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Preference",
                    fields=[
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("no_mail", models.BooleanField(default=False, verbose_name="不接收邮件")),
                        (
                            "muted",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("accepted", "匹配已采纳，请答复是否愿意对接"),
                                        ("reminder", "答复期限将到"),
                                        ("question", "有问题等您答复"),
                                        ("answer", "您的问题有了答复"),
                                        ("sides", "双方意愿和对接结果"),
                                        ("handed", "交给您的匹配和对接"),
                                        ("completer", "完成人对问题的答复"),
                                        ("broker", "技术经纪人委托"),
                                        ("proposals", "新推荐"),
                                        ("work", "工作机制交办和到期提醒"),
                                        ("base", "中试和验证申请"),
                                        ("obstacle", "堵点的提出、交办和答复"),
                                        ("invited", "对接活动邀请"),
                                        ("guests", "参会答复和会前准备"),
                                        ("check", "会后回访"),
                                        ("meetings", "洽谈日程和变动"),
                                        ("security", "账号安全"),
                                        ("members", "单位成员和加入申请"),
                                        ("personal", "个人信息请求"),
                                        ("confirm", "请贵单位确认的记录"),
                                        ("approach", "询问和应答（主动对接）"),
                                        ("subscribed", "订阅的新成果和新需求"),
                                        ("progress", "需求和成果的进展"),
                                        ("subsidy", "专项资金申报"),
                                    ],
                                    max_length=10,
                                ),
                                default=list,
                                size=None,
                                verbose_name="不接收的类别",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "消息设置",
                        "verbose_name_plural": "消息设置",
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
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
                            "recipient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notices",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="收件人",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("accepted", "匹配已采纳，请答复是否愿意对接"),
                                    ("reminder", "答复期限将到"),
                                    ("question", "有问题等您答复"),
                                    ("answer", "您的问题有了答复"),
                                    ("sides", "双方意愿和对接结果"),
                                    ("handed", "交给您的匹配和对接"),
                                    ("completer", "完成人对问题的答复"),
                                    ("broker", "技术经纪人委托"),
                                    ("proposals", "新推荐"),
                                    ("work", "工作机制交办和到期提醒"),
                                    ("base", "中试和验证申请"),
                                    ("obstacle", "堵点的提出、交办和答复"),
                                    ("invited", "对接活动邀请"),
                                    ("guests", "参会答复和会前准备"),
                                    ("check", "会后回访"),
                                    ("meetings", "洽谈日程和变动"),
                                    ("security", "账号安全"),
                                    ("members", "单位成员和加入申请"),
                                    ("personal", "个人信息请求"),
                                    ("confirm", "请贵单位确认的记录"),
                                    ("approach", "询问和应答（主动对接）"),
                                    ("subscribed", "订阅的新成果和新需求"),
                                    ("progress", "需求和成果的进展"),
                                    ("subsidy", "专项资金申报"),
                                ],
                                max_length=10,
                                verbose_name="类别",
                            ),
                        ),
                        ("text", models.CharField(max_length=400, verbose_name="内容")),
                        ("path", models.CharField(max_length=200, verbose_name="页面")),
                        ("about", models.CharField(db_index=True, max_length=60, verbose_name="事由")),
                        ("key", models.CharField(max_length=120)),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        ("read_at", models.DateTimeField(editable=False, null=True, verbose_name="阅读时间")),
                        ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="撤回时间")),
                        (
                            "mail",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to="notices.delivery",
                                verbose_name="邮件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "消息",
                        "verbose_name_plural": "消息",
                        "ordering": ["-made_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("read_at__isnull", True), ("withdrawn_at__isnull", True)),
                                fields=["recipient"],
                                name="notice_unread",
                            ),
                            models.Index(fields=["recipient", "-made_at"], name="notice_by_person"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("recipient", "key"), name="notice_once_per_person")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
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
                            "channel",
                            models.CharField(
                                choices=[("mail", "邮件"), ("gateway", "短信 / 企业微信网关"), ("letter", "单封邮件")],
                                max_length=10,
                                verbose_name="渠道",
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="收件人",
                            ),
                        ),
                        ("address", models.CharField(blank=True, editable=False, max_length=254, verbose_name="地址")),
                        ("day", models.DateField(default=django.utils.timezone.localdate, verbose_name="日期")),
                        ("subject", models.CharField(max_length=200, verbose_name="标题")),
                        ("body", models.TextField(verbose_name="正文")),
                        (
                            "unsubscribe_url",
                            models.URLField(
                                blank=True, db_default="", default="", editable=False, verbose_name="退订地址"
                            ),
                        ),
                        (
                            "notice",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="push",
                                to="notices.notice",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("queued", "待发送"),
                                    ("sent", "已发送"),
                                    ("failed", "发送失败"),
                                    ("dropped", "不再发送"),
                                ],
                                default="queued",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="生成时间")),
                        ("try_after", models.DateTimeField(default=django.utils.timezone.now, verbose_name="下次尝试")),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="尝试次数"),
                        ),
                        (
                            "error",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="最近一次错误"),
                        ),
                        ("sent_at", models.DateTimeField(editable=False, null=True, verbose_name="发送时间")),
                    ],
                    options={
                        "verbose_name": "发出的消息",
                        "verbose_name_plural": "发出的消息",
                        "ordering": ["-made_at", "-pk"],
                        "permissions": [("resend_delivery", "Can send a failed delivery again")],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "queued")), fields=["try_after"], name="delivery_due"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("channel", "mail")),
                                fields=("recipient", "day"),
                                name="delivery_one_mail_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("sent_at__isnull", False), ("status", "sent")),
                                    models.Q(models.Q(("status", "sent"), _negated=True), ("sent_at", None)),
                                    _connector="OR",
                                ),
                                name="delivery_sent_iff_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("channel", "gateway"), ("notice__isnull", False)),
                                    models.Q(("channel__in", ["mail", "letter"]), ("notice", None)),
                                    _connector="OR",
                                ),
                                name="delivery_gateway_carries_one_notice",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("channel", "letter"),
                                        ("recipient", None),
                                        models.Q(("address", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("channel", "letter"), _negated=True), ("recipient__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="delivery_letter_has_an_address_alone",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
