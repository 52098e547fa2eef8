from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("demands", "0001_initial"),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name="demand",
            name="demand_anonymous_has_alias",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_anonymous", True), _negated=True),
                    models.Q(("public_alias", ""), _negated=True),
                    _connector="OR",
                ),
                name="demand_anonymous_has_alias",
                violation_error_message="匿名发布需要一个对外名称，例如“某区某轴承企业”。",
            ),
        ),
    ]
