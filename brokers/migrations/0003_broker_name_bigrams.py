"""Searches find brokers by their names in an index."""

from django.db import migrations

from search.bigrams import NO_KEYWORDS, BigramIndex, Bigrams, FoldedText


class Migration(migrations.Migration):
    dependencies = [
        ("brokers", "0002_broker_list_index"),
        ("search", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="broker",
            index=BigramIndex(Bigrams(FoldedText(NO_KEYWORDS, "name")), name="broker_by_bigram"),
        ),
    ]
