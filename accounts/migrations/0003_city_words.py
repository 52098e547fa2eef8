from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_bureaus"),
    ]

    operations = [
        migrations.AlterField(
            model_name="organisation",
            name="is_local",
            field=models.BooleanField(default=True),
        ),
    ]
