from django.db import migrations, models


class Migration(migrations.Migration):
    """A candidate may ask about its own points; such an objection takes nothing out of the count."""

    dependencies = [("mechanism", "0007_honours_permissions")]
    operations = [
        migrations.AddField(
            "objection",
            "is_own",
            models.BooleanField(db_default=False, default=False, editable=False, verbose_name="本人提出"),
        ),
    ]
