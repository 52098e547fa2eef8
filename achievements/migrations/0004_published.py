from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("achievements", "0003_search")]
    operations = [
        migrations.AddIndex(
            "achievement",
            models.Index(
                fields=["-updated_at", "-id"],
                include=(
                    "status",
                    "expires_on",
                    "industry",
                    "institution",
                    "maturity_bucket",
                    "transfer_ways",
                    "price_min_wan",
                    "price_max_wan",
                    "pay_later",
                ),
                condition=models.Q(published_at__isnull=False),
                name="achievement_published",
            ),
        ),
    ]
