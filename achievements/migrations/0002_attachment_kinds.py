from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("achievements", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="kind",
            field=models.CharField(
                choices=[("document", "资料"), ("drawing", "图纸"), ("poster", "海报")],
                db_default="document",
                default="document",
                max_length=10,
                verbose_name="类别",
            ),
        ),
    ]
