"""An objection to a result that was taken back is settled without a judgment."""

from django.db import migrations, models

JUDGED = "UPDATE challenges_challengeobjection SET status = 'dismissed' WHERE status = 'moot';"
"""Back to a version that knows only judgments."""


class Migration(migrations.Migration):
    dependencies = [("challenges", "0002_milestone_payments")]

    operations = [
        migrations.AlterField(
            model_name="challengeobjection",
            name="status",
            field=models.CharField(
                choices=[("open", "待处理"), ("upheld", "成立"), ("dismissed", "不成立"), ("moot", "结果已撤销")],
                default="open",
                editable=False,
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, JUDGED),
    ]
