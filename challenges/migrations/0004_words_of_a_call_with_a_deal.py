"""A call with a deal is 已立项: whether it is signed is said by the stage of the deal. Changes no table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("challenges", "0003_moot_objections")]

    operations = [
        migrations.AlterField(
            model_name="challenge",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "起草中"),
                    ("checking", "待区县核对"),
                    ("checked", "待市级发布"),
                    ("published", "揭榜中"),
                    ("review", "评审中"),
                    ("recommended", "待企业选定"),
                    ("publicised", "公示中"),
                    ("awarded", "待签约"),
                    ("signed", "已立项"),
                    ("failed", "流标"),
                    ("closed", "已撤榜"),
                ],
                default="draft",
                editable=False,
                max_length=12,
                verbose_name="状态",
            ),
        ),
    ]
