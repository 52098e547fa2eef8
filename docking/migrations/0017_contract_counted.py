from django.db import migrations, models


class Migration(migrations.Migration):
    """The index of days gives way to one that also holds what the city's figures are counted from."""

    dependencies = [("docking", "0016_round_reports")]

    operations = [
        migrations.RemoveIndex("contract", "contract_by_day"),
        migrations.AddIndex(
            "contract",
            models.Index(
                condition=models.Q(("status", "registered")),
                fields=["registered_on"],
                include=(
                    "amount_wan",
                    "tech_amount_wan",
                    "kind",
                    "industry",
                    "seller",
                    "seller_region",
                    "is_seller_local",
                    "buyer",
                    "buyer_region",
                    "is_buyer_local",
                    "broker",
                    "agency",
                ),
                name="contract_counted",
            ),
        ),
    ]
