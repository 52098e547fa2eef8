from datetime import date

from accounts.roles import grant
from django.db import migrations

SOURCE = "《大连市科技成果转化工作机制》（市政府办公室，2023年8月4日），据公开报道"
TARGETS = (
    ("turnover", 500, True),
    ("local_rate", 45, True),
    ("funds", 300, False),
    ("agencies", 50, False),
    ("items", 1000, False),
)
READ = ["view_target", "view_raterule"]
WRITE = ["add_target", "change_target", "add_raterule", "change_raterule"]


def forward(apps, schema_editor):
    Target = apps.get_model("mechanism", "Target")
    for figure, value, is_over in TARGETS:
        Target.objects.get_or_create(
            figure=figure,
            year=2025,
            defaults={
                "value": value,
                "is_over": is_over,
                "source": SOURCE,
                "valid_from": date(2023, 8, 4),
                "valid_to": date(2025, 12, 31),
            },
        )
    grant(apps, "mechanism", {"city_officer": READ + WRITE, "auditor": READ})


def backward(apps, schema_editor):
    apps.get_model("mechanism", "Target").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("mechanism", "0004_targets")]
    operations = [migrations.RunPython(forward, backward)]
