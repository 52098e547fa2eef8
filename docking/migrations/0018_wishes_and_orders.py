import accounts.public_id
import django.db.models.deletion
import django.utils.timezone
import taxonomy.plain_text
from accounts.roles import grant
from django.conf import settings
from django.db import migrations, models

SEE = ["view_timetable", "view_meeting"]


def fill(apps, schema_editor):
    grant(apps, "docking", {"district_officer": SEE})


class Migration(migrations.Migration):
    dependencies = [
        ("achievements", "0005_exclusive"),
        ("demands", "0003_search"),
        ("docking", "0017_contract_counted"),
        ("matching", "0012_after_talks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MeetingOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=accounts.public_id.new_public_id, editable=False, max_length=10, unique=True
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间")),
                ("lifted_at", models.DateTimeField(editable=False, null=True, verbose_name="取消时间")),
            ],
            options={
                "verbose_name": "先后要求",
                "verbose_name_plural": "先后要求",
                "ordering": ["pk"],
            },
            bases=(taxonomy.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="OwnWish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=accounts.public_id.new_public_id, editable=False, max_length=10, unique=True
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
            ],
            options={
                "verbose_name": "洽谈意愿",
                "verbose_name_plural": "洽谈意愿",
                "ordering": ["party", "pk"],
            },
            bases=(taxonomy.plain_text.PlainText, models.Model),
        ),
        migrations.AddField(
            model_name="meeting",
            name="need",
            field=models.ForeignKey(
                blank=True,
                help_text="没有匹配时，洽谈的是哪一项需求",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="demands.demand",
                verbose_name="需求",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="why",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="添加原因"),
        ),
        migrations.AddField(
            model_name="meetingorder",
            name="after",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders_to_here",
                to="docking.meeting",
                verbose_name="在后的洽谈",
            ),
        ),
        migrations.AddField(
            model_name="meetingorder",
            name="before",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders_from_here",
                to="docking.meeting",
                verbose_name="在前的洽谈",
            ),
        ),
        migrations.AddField(
            model_name="meetingorder",
            name="lifted_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="取消人",
            ),
        ),
        migrations.AddField(
            model_name="meetingorder",
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
            model_name="ownwish",
            name="achievement",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="achievements.achievement",
                verbose_name="成果",
            ),
        ),
        migrations.AddField(
            model_name="ownwish",
            name="demand",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="demands.demand",
                verbose_name="需求",
            ),
        ),
        migrations.AddField(
            model_name="ownwish",
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
            model_name="ownwish",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="own_wishes",
                to="docking.meeting",
                verbose_name="洽谈",
            ),
        ),
        migrations.AddField(
            model_name="ownwish",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="own_wishes",
                to="docking.party",
                verbose_name="提出单位",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)),
                fields=("before", "after"),
                name="meeting_order_once",
                violation_error_message="已有这条先后要求。",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("before", models.F("after")), _negated=True),
                name="meeting_order_of_two",
                violation_error_message="一场洽谈不能先于自己，请选两场不同的洽谈。",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownwish",
            constraint=models.UniqueConstraint(
                fields=("party", "achievement", "demand"),
                name="own_wish_once",
                nulls_distinct=False,
                violation_error_message="这一项已经提出过了。",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownwish",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("achievement__isnull", False), ("demand", None)),
                    models.Q(("achievement", None), ("demand__isnull", False)),
                    _connector="OR",
                ),
                name="own_wish_is_about_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownwish",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_most", False), ("status", "wished"), _connector="OR"),
                name="own_wish_most_only_while_wished",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownwish",
            constraint=models.CheckConstraint(
                condition=models.Q(("refused_reason", ""), ("status", "refused"), _connector="OR"),
                name="own_wish_reason_only_of_refused",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
