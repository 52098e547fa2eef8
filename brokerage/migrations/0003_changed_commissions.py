"""An agreed commission can be changed by new terms, which both sides agree to and which then supersede it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

ONE_VERSION = """
UPDATE brokerage_commission SET status = 'withdrawn', answered_at = coalesce(answered_at, proposed_at)
    WHERE status = 'superseded' OR status = 'proposed' AND previous_id IS NOT NULL;
"""
"""Back to a version with one open commission for a deal and a mandate: the terms that hold stay, with their payments."""


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
                    ("superseded", "已改约定"),
                ],
                default="proposed",
                editable=False,
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AddConstraint(
            model_name="commission",
            constraint=models.UniqueConstraint(
                condition=Q(status="proposed"),
                fields=("deal", "mandate"),
                name="commission_proposed_once",
                violation_error_message="这项成交已有一份佣金约定在等答复，请先撤回或由对方答复。",
            ),
        ),
        migrations.AddConstraint(
            model_name="commission",
            constraint=models.UniqueConstraint(
                condition=Q(status="agreed"),
                fields=("deal", "mandate"),
                name="commission_agreed_once",
                violation_error_message="这项成交已有一份双方同意的佣金约定。",
            ),
        ),
        migrations.RemoveConstraint(model_name="commission", name="commission_open_once"),
        migrations.RunSQL(migrations.RunSQL.noop, ONE_VERSION),
    ]
