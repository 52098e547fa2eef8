"""A request that a broker took is finished in words; a payment recorded by mistake is withdrawn."""

from django.db import migrations, models
from django.db.models import Q

UNFINISHED = "UPDATE brokerage_helprequest SET status = 'withdrawn', taken_by_id = NULL WHERE status = 'finished';"
"""Back to a version without finished requests. Withdrawn payments wait again for the other side."""


class Migration(migrations.Migration):
    dependencies = [("brokerage", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="helprequest",
            name="status",
            field=models.CharField(
                choices=[
                    ("sent", "待答复"),
                    ("taken", "已接受"),
                    ("declined", "已谢绝"),
                    ("withdrawn", "已撤回"),
                    ("finished", "已办结"),
                ],
                default="sent",
                editable=False,
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.RemoveConstraint(model_name="helprequest", name="help_request_taken_by_a_broker"),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=Q(status__in=["taken", "finished"], taken_by__isnull=False)
                | ~Q(status__in=["taken", "finished"]) & Q(taken_by=None),
                name="help_request_taken_by_a_broker",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=~Q(status="finished") | ~Q(reason=""),
                name="help_request_finished_with_words",
                violation_error_message="办结请写明结果。",
            ),
        ),
        migrations.AddField(
            model_name="commissionpayment",
            name="withdrawn_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="撤回时间"),
        ),
        migrations.AddConstraint(
            model_name="commissionpayment",
            constraint=models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(withdrawn_at=None), name="commission_payment_confirmed_or_withdrawn"
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, UNFINISHED),
    ]
