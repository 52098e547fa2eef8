import django.db.models.deletion
from django.db import migrations, models


def likeness(name: str, item: str, label: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("place", models.PositiveSmallIntegerField(verbose_name="名次")),
            ("score", models.FloatField(verbose_name="相似度")),
            ("made_at", models.DateTimeField(verbose_name="计算时间")),
            (
                "item",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="similar", to=item),
            ),
            (
                "other",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="similar_to", to=item),
            ),
        ],
        options={
            "verbose_name": label,
            "verbose_name_plural": label,
            "constraints": [
                models.UniqueConstraint(
                    fields=("item", "place"), name=f"similar_{item.partition('.')[2]}_once_per_place"
                )
            ],
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        ("achievements", "0004_published"),
        ("demands", "0003_search"),
        ("matching", "0006_findings"),
    ]

    operations = [
        likeness("SimilarAchievement", "achievements.achievement", "相似成果"),
        likeness("SimilarDemand", "demands.demand", "相似需求"),
    ]
