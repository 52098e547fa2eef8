from django.db import migrations

# GB/T 2260 code or a name of its own; in the order in which the city lists its thirteen reporting units.
REGIONS = [
    # code, name, aliases, GB/T 2260, reporting unit
    ("210202", "中山区", "中山", True, True),
    ("210203", "西岗区", "西岗", True, True),
    ("210204", "沙河口区", "沙河口", True, True),
    ("210211", "甘井子区", "甘井子", True, True),
    ("210212", "旅顺口区", "旅顺口、旅顺", True, True),
    ("jinpu", "金普新区", "金普、大连金普新区、金州、金州区、经开区、开发区、大连经济技术开发区、保税区", False, True),
    ("210214", "普兰店区", "普兰店", True, True),
    ("210281", "瓦房店市", "瓦房店", True, True),
    ("210283", "庄河市", "庄河、花园口、花园口经济区", True, True),
    ("210224", "长海县", "长海", True, True),
    ("gaoxin", "高新区", "大连高新区、高新园区、大连高新技术产业园区", False, True),
    ("changxingdao", "长兴岛经济区", "长兴岛、长兴岛经开区、长兴岛经济技术开发区", False, True),
    ("taipingwan", "太平湾合作创新区", "太平湾", False, True),
    ("210213", "金州区", "", True, False),
]


def fill(apps, schema_editor):
    Region = apps.get_model("accounts", "Region")
    for order, (code, name, aliases, is_gb2260, is_reporting) in enumerate(REGIONS, start=1):
        Region.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "aliases": aliases,
                "is_gb2260": is_gb2260,
                "is_reporting": is_reporting,
                "order": order,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
