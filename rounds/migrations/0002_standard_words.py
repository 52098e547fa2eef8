import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="timetable",
            options={
                "ordering": ["docking_round", "-number"],
                "verbose_name": "洽谈日程",
                "verbose_name_plural": "洽谈日程",
            },
        ),
        migrations.AlterField(
            model_name="meeting",
            name="priority",
            field=models.PositiveSmallIntegerField(
                default=2,
                help_text="3 高，2 中，1 低",
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3)],
                verbose_name="优先级",
            ),
        ),
        migrations.AlterField(
            model_name="paper",
            name="kind",
            field=models.CharField(
                choices=[
                    ("booklet", "会议手册"),
                    ("plans", "各单位的洽谈安排"),
                    ("table_cards", "桌牌"),
                    ("badges", "参会证"),
                    ("sign_in", "签到表"),
                    ("letters", "邀请函"),
                ],
                max_length=12,
                verbose_name="材料",
            ),
        ),
    ]
