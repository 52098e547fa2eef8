"""The answer to a query over one kind of record: which rows, in which order, and why each is among them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, IntegerField, Model, QuerySet, Value

from core.personal_data import find_personal_data
from core.search_results import NEWEST, Order
from matching.engine.thesaurus import default_thesaurus
from portal.search.collection import Collection
from portal.search.folding import fold, is_han, runs
from portal.search.index import SEARCH_INDEX
from portal.search.query import Query, names_nobody, understand
from portal.search.ranking import Hit, is_weak, rank
from portal.search.reasons import explain
from search.bigrams import is_searchable, query_words

Kind = Literal["achievements", "demands"]

MOST_WITH_LATIN_WORDS = 2000
"""Rows in which the borders of Latin words are looked at."""
MOST_LITERAL = 200
"""With more rows that contain the query, the list shows these, the newest first, and does not rank by meaning."""


@dataclass
class Answer:
    """The hits for a query, best first. `is_weak`: nothing precise among them and nothing really near."""

    query: Query
    hits: list[Hit]
    collection: Collection
    terms: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[int]:
        return [hit.pk for hit in self.hits]

    @property
    def note(self) -> str:
        """How the query was understood, if it was not looked for as typed."""
        return self.query.note

    @property
    def is_weak(self) -> bool:
        return is_weak(self.hits)

    @property
    def order(self) -> Order:
        keys = Value(self.keys, output_field=ArrayField(IntegerField()))
        place = Func(keys, "pk", function="array_position", output_field=IntegerField())
        return Order("relevance", "相关度", (place.asc(), *NEWEST))

    def explain(self, rows: Iterable[Model]) -> None:
        """Set `why` of each row: one line that says why it is among the results."""
        hits = {hit.pk: hit for hit in self.hits}
        for row in rows:
            row.why = explain(hits[row.pk], self.query, self.collection) if row.pk in hits else ""


def find(kind: Kind, q: str, rows: QuerySet, literal_rows: QuerySet | None = None) -> Answer | None:
    """Answer `q` (cleaned, at least two characters) among `rows`, a queryset that the reader may see.

    `literal_rows`: those of them that contain `q`, if the caller has asked for them. None if the list is better
    searched literally: the query is personal data, very many rows contain it, or the index of a large registry is not
    ready yet. Rows of the answer need not be in `rows`; the list filters by them.
    """
    if literal_only(q):
        return None
    index = SEARCH_INDEX.current_or_none()
    if index is None:
        return None
    collection: Collection = getattr(index, kind)
    literal = _literal_keys(q, rows.search(q) if literal_rows is None else literal_rows, collection)
    if len(literal) > MOST_LITERAL:
        return None
    query = understand(q, index)
    if kind == "demands":
        hits = rank(query, collection, literal, by_meaning=names_nobody(query, index), strict=True)
    else:
        hits = rank(query, collection, literal)
    return Answer(query, hits, collection, highlighted_terms(query))


def literal_only(q: str) -> bool:
    """Whether a query is too short, or personal data: nobody is found by a telephone or identity number."""
    return not is_searchable(q) or bool(find_personal_data(q))


def are_too_many(q: str, number: int) -> bool:
    """Whether so many rows contain `q` that `find` does not answer. Of Latin words only the whole ones count there."""
    return number > MOST_LITERAL and not _latin_words(q)


def _latin_words(q: str) -> list[str]:
    return [word for word in runs(fold(q)) if not is_han(word) and not word.isdigit()]


def _literal_keys(q: str, rows: QuerySet, collection: Collection) -> list[int]:
    """At most MOST_LITERAL + 1 of the rows that contain `q`; its Latin words only where a word begins and ends."""
    keys = rows.order_by().values_list("pk", flat=True)
    latin = _latin_words(q)
    if not latin:
        return list(keys[: MOST_LITERAL + 1])
    hits = []
    for key in keys[:MOST_WITH_LATIN_WORDS]:
        row = collection.row_of.get(key)
        if row is None or all(collection.place_of(row, word) for word in latin):
            hits.append(key)
    return hits[: MOST_LITERAL + 1]


def highlighted_terms(query: Query) -> list[str]:
    """What to highlight: the query, its words, their other names, and terms of the thesaurus in it."""
    thesaurus = default_thesaurus()
    named = [thesaurus.terms[row] for row in thesaurus.count_terms(query.text)]
    other = [word for group in query.groups for word in group.words]
    words = [query.folded, *query_words(query.folded), *query_words(query.text), *other, *named, query.person]
    return [word for word in dict.fromkeys(words) if len(word) > 1]
