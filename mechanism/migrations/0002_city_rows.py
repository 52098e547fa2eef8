from django.conf import settings
from django.db import migrations, models

import mechanism.models.allocation
import mechanism.models.target
from mechanism.city_rows import add_targets, add_tasks


def fill_tasks_and_targets(apps, schema_editor):
    add_tasks(apps, settings.CITY)
    add_targets(apps, settings.CITY)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("mechanism", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="raterule",
            options={"ordering": ["-valid_from"], "verbose_name": "转化率口径", "verbose_name_plural": "转化率口径"},
        ),
        migrations.AlterModelOptions(
            name="task",
            options={"ordering": ["number"], "verbose_name": "工作任务", "verbose_name_plural": "工作任务"},
        ),
        migrations.RemoveConstraint(
            model_name="task",
            name="task_is_one_of_nine",
        ),
        migrations.AlterField(
            model_name="allocatedtarget",
            name="figure",
            field=models.CharField(
                choices=mechanism.models.allocation.allocated_figures, max_length=20, verbose_name="指标"
            ),
        ),
        migrations.AlterField(
            model_name="minutes",
            name="text",
            field=models.TextField(
                help_text="议定事项每条一行，如“1. 开展会前对接（责任单位：某区科技局；10月31日前）”，保存后可拆成举措",
                max_length=20000,
                verbose_name="纪要正文",
            ),
        ),
        migrations.AlterField(
            model_name="policycondition",
            name="field",
            field=models.CharField(
                choices=[
                    ("region", "企业：所在区市县"),
                    ("is_local", "企业：在本市 / 成果：在本市的院校"),
                    ("firm_type", "企业：企业类型"),
                    ("industry", "成果：产业链 / 需求：产业链"),
                    ("bucket", "成果：成熟度阶段"),
                    ("stage", "成果：所处阶段"),
                    ("ways", "成果：转化方式 / 需求：合作方式"),
                    ("rights", "成果：知识产权"),
                    ("pay_later", "成果：先使用后付费"),
                    ("is_registered", "成果：已入库"),
                    ("funds_needed", "成果：所需资金（万元）"),
                    ("kind", "需求：需求类型"),
                    ("budget", "需求：拟投入资金（万元）"),
                    ("wants_challenge", "需求：愿意揭榜挂帅"),
                    ("status", "对接：对接状态"),
                    ("is_agreed", "对接：双方愿意"),
                    ("stays_local", "对接：院校和企业都在本市"),
                ],
                max_length=30,
                verbose_name="内容",
            ),
        ),
        migrations.AlterField(
            model_name="policycondition",
            name="words",
            field=models.CharField(help_text="给人看的一句话，如“企业注册在本市”", max_length=200, verbose_name="说明"),
        ),
        migrations.AlterField(
            model_name="raterule",
            name="institutions",
            field=models.ManyToManyField(
                blank=True,
                help_text="不选表示本市的全部高校院所",
                limit_choices_to={"kind": "institution"},
                related_name="+",
                to="accounts.organisation",
                verbose_name="重点监测的高校院所",
            ),
        ),
        migrations.AlterField(
            model_name="target",
            name="figure",
            field=models.CharField(choices=mechanism.models.target.target_figures, max_length=20, verbose_name="指标"),
        ),
        migrations.AlterField(
            model_name="target",
            name="year",
            field=models.PositiveSmallIntegerField(
                help_text="到这一年达到；成交额和转化率按这一年计", verbose_name="目标年度"
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(condition=models.Q(("number__range", (1, 99))), name="task_has_a_number"),
        ),
        migrations.RunPython(fill_tasks_and_targets, migrations.RunPython.noop),
    ]
