from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("brokers", "0001_initial"),
        ("deals", "0001_initial"),
        ("demands", "0001_initial"),
        ("matching", "0001_initial"),
        ("rounds", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="deal",
            name="deal_comes_from_where_it_says",
        ),
        migrations.AlterField(
            model_name="deal",
            name="origin",
            field=models.CharField(
                choices=[
                    ("match", "平台匹配"),
                    ("approach", "主动对接"),
                    ("meeting", "对接洽谈"),
                    ("challenge", "揭榜挂帅"),
                    ("outside", "平台之外"),
                ],
                editable=False,
                max_length=10,
                verbose_name="来源",
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("follow_up", None), ("meeting", None), ("origin", "outside")),
                    models.Q(
                        ("follow_up", None),
                        ("meeting", None),
                        ("origin", "challenge"),
                        ("outside_demand__isnull", False),
                        ("buyer__isnull", False),
                        ("seller__isnull", False),
                    ),
                    models.Q(
                        ("follow_up__isnull", False),
                        ("origin__in", ["match", "approach"]),
                        ("outside_achievement", None),
                        ("outside_demand", None),
                    ),
                    models.Q(
                        ("follow_up__isnull", False),
                        ("meeting__isnull", False),
                        ("origin", "meeting"),
                        ("outside_achievement", None),
                        ("outside_demand", None),
                    ),
                    models.Q(("follow_up", None), ("meeting__isnull", False), ("origin", "meeting")),
                    _connector="OR",
                ),
                name="deal_comes_from_where_it_says",
                violation_error_message="平台内的成交从对接跟进或洽谈开始；平台之外的请选择“平台之外”。",
            ),
        ),
    ]
