import django.db.models.deletion
from django.db import migrations, models

from core.create_models import CreateModels
from core.roles import grant

# First level as the city's official texts name it (2023–2026); the city edits the list.
INDUSTRIES = [
    ("petrochemicals", "绿色石化与精细化工", "绿色石化、精细化工、石化、化工、精细化工及新材料"),
    ("materials", "新材料", "材料"),
    ("equipment", "高端装备", "高端装备制造、智能制造、装备制造、数控机床、轴承、重工、制冷"),
    ("marine", "船舶与海洋工程", "船舶、海洋工程、海工"),
    ("rail", "轨道交通", "轨道交通装备"),
    ("automotive", "汽车及零部件", "汽车、新能源汽车、汽车零部件"),
    ("energy", "洁净能源", "清洁能源、新能源、氢能、储能、核电装备、新能源与储能"),
    ("software", "新一代信息技术与软件", "新一代信息技术、信息技术、软件、数字经济、电子信息"),
    ("semiconductors", "集成电路", "半导体、芯片"),
    ("health", "生命健康", "生物医药、医药、医疗器械、大健康"),
    ("seafood", "海洋食品与现代海洋牧场", "海洋食品、现代海洋牧场、海洋牧场、预制菜、水产"),
    ("environment", "节能环保与现代农业", "节能环保、环保、现代农业、农业"),
]


def fill_industries(apps, schema_editor):
    Industry = apps.get_model("taxonomy", "Industry")
    for order, (slug, name, aliases) in enumerate(INDUSTRIES, start=1):
        Industry.objects.get_or_create(slug=slug, defaults={"name": name, "aliases": aliases, "order": order})


GRANTS = {
    "city_officer": ["view_industry", "add_industry", "change_industry"],
    "district_officer": ["view_industry"],
    "auditor": ["view_industry"],
    "sysadmin": ["view_industry"],
}


def grant_permissions(apps, schema_editor):
    grant(apps, "taxonomy", GRANTS)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Industry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("slug", models.SlugField(unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="taxonomy.industry",
                                verbose_name="上级产业",
                            ),
                        ),
                        (
                            "aliases",
                            models.CharField(
                                blank=True,
                                help_text="导入表格时也认得的写法，用顿号分开",
                                max_length=300,
                                verbose_name="别名",
                            ),
                        ),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                    ],
                    options={
                        "verbose_name": "产业",
                        "verbose_name_plural": "产业",
                        "ordering": ["order", "pk"],
                    },
                ),
            ]
        ),
        migrations.RunPython(fill_industries, migrations.RunPython.noop),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
