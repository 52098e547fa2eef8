import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("accepted", "匹配已采纳，请答复是否愿意对接"),
                    ("reminder", "答复期限将到"),
                    ("question", "有问题等您答复"),
                    ("answer", "您的问题有了答复"),
                    ("sides", "双方意愿和对接结果"),
                    ("handed", "交给您的匹配和对接"),
                    ("completer", "完成人对问题的答复"),
                    ("broker", "技术经纪人委托"),
                    ("proposals", "新推荐"),
                    ("work", "工作机制交办和到期提醒"),
                    ("base", "中试和验证申请"),
                    ("obstacle", "堵点的提出、交办和答复"),
                    ("invited", "对接活动邀请"),
                    ("guests", "参会答复和会前准备"),
                    ("check", "会后回访"),
                    ("meetings", "洽谈日程和变动"),
                    ("security", "账号安全"),
                    ("members", "单位成员和加入申请"),
                    ("personal", "个人信息请求"),
                    ("confirm", "请贵单位确认的记录"),
                    ("approach", "询问和应答（主动对接）"),
                    ("subscribed", "订阅的新成果和新需求"),
                    ("progress", "需求和成果的进展"),
                    ("subsidy", "专项资金申报"),
                    ("challenge", "揭榜挂帅"),
                ],
                max_length=10,
                verbose_name="类别",
            ),
        ),
        migrations.AlterField(
            model_name="preference",
            name="muted",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("accepted", "匹配已采纳，请答复是否愿意对接"),
                        ("reminder", "答复期限将到"),
                        ("question", "有问题等您答复"),
                        ("answer", "您的问题有了答复"),
                        ("sides", "双方意愿和对接结果"),
                        ("handed", "交给您的匹配和对接"),
                        ("completer", "完成人对问题的答复"),
                        ("broker", "技术经纪人委托"),
                        ("proposals", "新推荐"),
                        ("work", "工作机制交办和到期提醒"),
                        ("base", "中试和验证申请"),
                        ("obstacle", "堵点的提出、交办和答复"),
                        ("invited", "对接活动邀请"),
                        ("guests", "参会答复和会前准备"),
                        ("check", "会后回访"),
                        ("meetings", "洽谈日程和变动"),
                        ("security", "账号安全"),
                        ("members", "单位成员和加入申请"),
                        ("personal", "个人信息请求"),
                        ("confirm", "请贵单位确认的记录"),
                        ("approach", "询问和应答（主动对接）"),
                        ("subscribed", "订阅的新成果和新需求"),
                        ("progress", "需求和成果的进展"),
                        ("subsidy", "专项资金申报"),
                        ("challenge", "揭榜挂帅"),
                    ],
                    max_length=10,
                ),
                default=list,
                size=None,
                verbose_name="不接收的类别",
            ),
        ),
    ]
