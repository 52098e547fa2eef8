from django.db import migrations

NAMES = (
    *("科技成果联合挖掘", "科技成果评估评价", "寻找市场主体", "堵点难点政策创新突破", "中介机构示范"),
    *("公司化与孵化", "成果市场化应用", "产业化基金使用和发展", "中试小试基地建设"),
)


def forward(apps, schema_editor):
    Task = apps.get_model("mechanism", "Task")
    rows = [Task(number=number, name=name) for number, name in enumerate(NAMES, 1)]
    Task.objects.bulk_create(rows, ignore_conflicts=True)


def backward(apps, schema_editor):
    apps.get_model("mechanism", "Task").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("mechanism", "0002_permissions")]
    operations = [migrations.RunPython(forward, backward)]
