from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0002_standard_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="placement",
            name="is_by_hand",
            field=models.BooleanField(db_default=False, default=False, verbose_name="手工放的位置"),
        ),
    ]
