"""The literal search of a subscription. The one place to change when the lists search otherwise."""

from django.db.models import QuerySet

from search.bigrams import is_searchable


def search_words(rows: QuerySet, words: str) -> QuerySet:
    """The rows in whose public texts the words stand; none if there are fewer than two characters."""
    hits: QuerySet = rows.search(words) if is_searchable(words) else rows.none()  # type: ignore[attr-defined]
    return hits
