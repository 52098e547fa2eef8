from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_organisation_names_and_public_contacts"),
        ("demands", "0003_measured_anonymity"),
        ("taxonomy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="demand",
            name="demand_published_before_docking",
        ),
        migrations.AddField(
            model_name="demand",
            name="is_private",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="不公开"),
        ),
        migrations.AddConstraint(
            model_name="demand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "district_review", "diagnosis", "closed"]),
                    ("published_at__isnull", False),
                    ("is_private", True),
                    _connector="OR",
                ),
                name="demand_published_before_docking",
                violation_error_message="需求须先发布。",
            ),
        ),
        migrations.AddConstraint(
            model_name="demand",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_private", False), ("published_at", None), _connector="OR"),
                name="demand_private_is_never_published",
                violation_error_message="从询问写成的需求不公开；如要公开，请另外发布一项需求。",
            ),
        ),
    ]
