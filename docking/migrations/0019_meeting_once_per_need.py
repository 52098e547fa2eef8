from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("docking", "0018_wishes_and_orders")]

    operations = [
        migrations.RemoveConstraint(
            model_name="meeting",
            name="meeting_once_per_pair",
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(
                fields=("docking_round", "firm_party", "office_party", "match", "need"),
                name="meeting_once_per_pair",
                nulls_distinct=False,
                violation_error_message="双方就这项内容已有一场洽谈。",
            ),
        ),
    ]
