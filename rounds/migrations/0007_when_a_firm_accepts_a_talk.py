from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rounds", "0006_late_rules_and_announcements")]

    operations = [
        migrations.AddField(
            model_name="meeting",
            name="firm_accepted_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="企业接受时间"),
        ),
    ]
