"""An agreed commission can be changed by new terms, which both sides agree to and which then supersede it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

ONE_VERSION = """
UPDATE brokerage_commission SET status = 'withdrawn', answered_at = coalesce(answered_at, proposed_at)
    WHERE status IN ('superseded', 'change');
"""
"""Back to a version without changes: the terms that hold stay, with their payments."""


class Migration(migrations.Migration):
    dependencies = [("brokerage", "0002_finished_requests_and_withdrawn_payments")]

    operations = [
        migrations.AddField(
            model_name="commission",
            name="previous",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="brokerage.commission",
                verbose_name="原来的约定",
            ),
        ),
        migrations.AlterField(
            model_name="commission",
            name="status",
            field=models.CharField(
                choices=[
                    ("proposed", "待对方同意"),
                    ("agreed", "双方同意"),
                    ("refused", "未同意"),
                    ("withdrawn", "已撤回"),
                    ("change", "改约定，待对方同意"),
                    ("superseded", "已改约定"),
                ],
                default="proposed",
                editable=False,
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.RemoveConstraint(model_name="commission", name="commission_answered_iff_decided"),
        migrations.AddConstraint(
            model_name="commission",
            constraint=models.CheckConstraint(
                condition=Q(status__in=["proposed", "change"], answered_at=None)
                | ~Q(status__in=["proposed", "change"]) & Q(answered_at__isnull=False),
                name="commission_answered_iff_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="commission",
            constraint=models.CheckConstraint(
                condition=~Q(status="change") | Q(previous__isnull=False), name="commission_change_of_another"
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, ONE_VERSION),
    ]
