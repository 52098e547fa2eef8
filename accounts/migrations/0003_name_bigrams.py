"""Searches find organisations by their names in an index: they read all names from end to end."""

from django.db import migrations, models

from search.bigrams import BigramIndex, Bigrams, FoldedText


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_organisations_by_kind"),
        ("search", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="organisation",
            index=BigramIndex(Bigrams(FoldedText("former_names", "name", "short_name")), name="organisation_by_bigram"),
        ),
        migrations.AddIndex(
            model_name="organisation",
            index=BigramIndex(
                Bigrams(FoldedText("former_names", "name", "profile")),
                condition=models.Q(("kind", "agency")),
                name="agency_by_bigram",
            ),
        ),
    ]
