from django.db import migrations

from search.bigrams import bigram_index


class Migration(migrations.Migration):
    dependencies = [("demands", "0002_permissions"), ("search", "0001_functions")]
    operations = [
        migrations.AddIndex(
            "demand",
            bigram_index("demand_by_bigram", "keywords", "title", "problem", "goal", "conditions", "applied_industry"),
        ),
        migrations.AddIndex(
            "demand",
            bigram_index("demand_by_headline", "keywords", "title"),
        ),
    ]
