import accounts.public_id
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_contact_shares"),
        ("matching", "0007_likeness"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=accounts.public_id.new_public_id, editable=False, max_length=10, unique=True
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asking", "征询双方意愿"),
                            ("talks", "洽谈中"),
                            ("intent", "已达意向"),
                            ("closed", "已结束"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="asking",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="征询时间")),
                ("agreed_at", models.DateTimeField(editable=False, null=True, verbose_name="双方同意时间")),
                ("next_on", models.DateField(editable=False, null=True, verbose_name="下次跟进日期")),
                (
                    "closed_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unwilling", "一方不愿意"),
                            ("no_answer", "逾期没有答复"),
                            ("no_deal", "洽谈未成"),
                            ("changed", "成果或需求已有变化"),
                            ("other", "其他原因"),
                        ],
                        editable=False,
                        max_length=10,
                        verbose_name="结束原因",
                    ),
                ),
                ("closed_note", models.CharField(blank=True, editable=False, max_length=300, verbose_name="结束说明")),
                ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="结束时间")),
                (
                    "match",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_up",
                        to="matching.match",
                        verbose_name="匹配",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="跟进人",
                    ),
                ),
            ],
            options={
                "verbose_name": "对接跟进",
                "verbose_name_plural": "对接跟进",
                "ordering": ["-opened_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="FollowUpStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asking", "征询双方意愿"),
                            ("talks", "洽谈中"),
                            ("intent", "已达意向"),
                            ("closed", "已结束"),
                            ("withdrawn", "已撤回"),
                        ],
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000, verbose_name="进展")),
                ("next_on", models.DateField(null=True, verbose_name="下次跟进日期")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="记录人",
                    ),
                ),
                (
                    "follow_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="matching.followup",
                        verbose_name="对接",
                    ),
                ),
            ],
            options={
                "verbose_name": "跟进记录",
                "verbose_name_plural": "跟进记录",
                "ordering": ["-made_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Willingness",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "side",
                    models.CharField(
                        choices=[("firm", "企业"), ("office", "院校")], max_length=10, verbose_name="哪一方"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "待答复"),
                            ("more", "想了解更多"),
                            ("willing", "愿意"),
                            ("unwilling", "不愿意"),
                        ],
                        default="asked",
                        editable=False,
                        max_length=10,
                        verbose_name="答复",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="答复期限")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_fit", "技术上不合适"),
                            ("terms", "价格或合作方式不合"),
                            ("taken", "已有合作对象"),
                            ("timing", "目前没有时间或预算"),
                            ("other", "其他原因"),
                        ],
                        editable=False,
                        max_length=10,
                        verbose_name="不愿意的原因",
                    ),
                ),
                ("note", models.CharField(blank=True, editable=False, max_length=300, verbose_name="说明")),
                (
                    "is_reason_shared",
                    models.BooleanField(default=False, editable=False, verbose_name="原因可以告诉对方"),
                ),
                ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                (
                    "spoken_with",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="由工作人员记录的电话答复",
                        max_length=30,
                        verbose_name="电话答复人",
                    ),
                ),
                ("reminded_at", models.DateTimeField(editable=False, null=True, verbose_name="提醒时间")),
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
                    "contact",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.contact",
                        verbose_name="联系人",
                    ),
                ),
                (
                    "follow_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sides",
                        to="matching.followup",
                        verbose_name="对接",
                    ),
                ),
            ],
            options={
                "verbose_name": "对接意愿",
                "verbose_name_plural": "对接意愿",
                "ordering": ["follow_up", "side"],
            },
        ),
        migrations.CreateModel(
            name="Inquiry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=500, verbose_name="想了解什么")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提问时间")),
                ("reply", models.CharField(blank=True, editable=False, max_length=1000, verbose_name="答复")),
                ("replied_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
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
                    "replied_by",
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
                    "willingness",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to="matching.willingness",
                        verbose_name="对接意愿",
                    ),
                ),
            ],
            options={
                "verbose_name": "对接咨询",
                "verbose_name_plural": "对接咨询",
                "ordering": ["asked_at", "pk"],
            },
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["status", "next_on"], name="follow_up_by_next_day"),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["owner", "status"], name="follow_up_by_owner"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("agreed_at__isnull", False), ("next_on__isnull", False), ("status__in", ["talks", "intent"])
                    ),
                    models.Q(("agreed_at", None), ("next_on", None), ("status__in", ["asking", "withdrawn"])),
                    ("status", "closed"),
                    _connector="OR",
                ),
                name="follow_up_has_next_day_iff_agreed",
                violation_error_message="跟进中的对接需要下次跟进日期。",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("status", "closed"),
                        models.Q(("closed_reason", ""), _negated=True),
                    ),
                    models.Q(models.Q(("status", "closed"), _negated=True), ("closed_at", None), ("closed_reason", "")),
                    _connector="OR",
                ),
                name="follow_up_closed_with_reason",
                violation_error_message="结束对接必须选择原因。",
            ),
        ),
        migrations.AddIndex(
            model_name="willingness",
            index=models.Index(fields=["status", "due_on"], name="willingness_by_limit"),
        ),
        migrations.AddConstraint(
            model_name="willingness",
            constraint=models.UniqueConstraint(fields=("follow_up", "side"), name="willingness_once_per_side"),
        ),
        migrations.AddConstraint(
            model_name="willingness",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("answered_by", None), ("status__in", ["asked", "more"])),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        ("status__in", ["willing", "unwilling"]),
                    ),
                    _connector="OR",
                ),
                name="willingness_answered_iff_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="willingness",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "unwilling"), models.Q(("reason", ""), _negated=True)),
                    models.Q(models.Q(("status", "unwilling"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="willingness_refused_with_reason",
                violation_error_message="不愿意对接时请选择原因。",
            ),
        ),
        migrations.AddConstraint(
            model_name="willingness",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact__isnull", False), ("status", "willing")),
                    models.Q(models.Q(("status", "willing"), _negated=True), ("contact", None)),
                    _connector="OR",
                ),
                name="willingness_names_a_contact",
                violation_error_message="愿意对接时请选择联系人。",
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replied_at", None)),
                fields=("willingness",),
                name="inquiry_one_open_per_side",
                violation_error_message="上一个问题还在等答复。",
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("replied_at", None), ("replied_by", None), ("reply", "")),
                    models.Q(
                        models.Q(("reply", ""), _negated=True),
                        ("replied_at__isnull", False),
                        ("replied_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="inquiry_replied_iff_text",
            ),
        ),
    ]
