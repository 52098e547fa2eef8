from django.db import migrations

from search.bigrams import bigram_index


class Migration(migrations.Migration):
    dependencies = [("achievements", "0002_permissions"), ("search", "0001_functions")]
    operations = [
        migrations.AddIndex(
            "achievement",
            bigram_index("achievement_by_bigram", "keywords", "title", "summary"),
        ),
        migrations.AddIndex(
            "achievement",
            bigram_index("achievement_by_headline", "keywords", "title"),
        ),
    ]
