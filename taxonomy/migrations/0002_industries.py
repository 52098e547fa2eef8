from django.db import migrations

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


def fill(apps, schema_editor):
    Industry = apps.get_model("taxonomy", "Industry")
    for order, (slug, name, aliases) in enumerate(INDUSTRIES, start=1):
        Industry.objects.get_or_create(slug=slug, defaults={"name": name, "aliases": aliases, "order": order})


class Migration(migrations.Migration):
    dependencies = [("taxonomy", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
