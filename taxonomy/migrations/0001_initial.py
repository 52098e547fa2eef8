import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.create_models import CreateModels
from core.roles import grant
from taxonomy.city_rows import add_industries


def fill_industries(apps, schema_editor):
    add_industries(apps, settings.CITY)


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
