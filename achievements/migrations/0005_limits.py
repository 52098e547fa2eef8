from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("achievements", "0004_available_first")]

    operations = [
        migrations.AddField(
            model_name="achievement",
            name="limits",
            field=models.TextField(
                "适用边界",
                max_length=1000,
                blank=True,
                default="",
                db_default="",
                help_text="不适合用在哪里、什么条件下做不到，一行一条，如：氨制冷系统不适用；油分高于 50 mg/L 时须先除油",
            ),
        ),
    ]
