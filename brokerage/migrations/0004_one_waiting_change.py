"""At most one change of a commission waits for its answer: by the database, too."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("brokerage", "0003_changed_commissions")]

    operations = [
        migrations.AddConstraint(
            model_name="commission",
            constraint=models.UniqueConstraint(
                fields=["previous"],
                condition=Q(status="change"),
                name="commission_change_waits_once",
                violation_error_message="已有一份改动在等答复，请先撤回或由对方答复。",
            ),
        ),
    ]
