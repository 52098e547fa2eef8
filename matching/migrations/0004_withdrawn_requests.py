from django.db import migrations, models


class Migration(migrations.Migration):
    """A broker's request can be withdrawn, and another be made. The new rule allows all that the old one did, so no
    existing row can break it; the table is short."""

    dependencies = [("matching", "0003_review_desk")]
    operations = [
        migrations.RemoveConstraint(
            model_name="brokerrequest",
            name="broker_request_one_open_per_match",
        ),
        migrations.AlterField(
            model_name="brokerrequest",
            name="status",
            field=models.CharField(
                choices=[("asked", "待答复"), ("taken", "已接受"), ("declined", "已谢绝"), ("withdrawn", "已撤回")],
                default="asked",
                editable=False,
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AddConstraint(
            model_name="brokerrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["declined", "withdrawn"]), _negated=True),
                fields=("match",),
                name="broker_request_one_open_per_match",
                violation_error_message="这条匹配已委托给一位技术经纪人。",
            ),
        ),
    ]
