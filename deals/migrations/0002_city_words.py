from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="contract",
            name="is_buyer_local",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="contract",
            name="is_seller_local",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="landing",
            name="place",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="不在本市的写省市",
                max_length=60,
                verbose_name="外地注册地",
            ),
        ),
    ]
