"""Substring search by bigrams (pairs of adjacent characters), for substrings of two or more characters.

Texts and queries are folded by the same SQL functions (`search/migrations/0001_initial.py`): NFKC, lower case, no
blanks and invisible characters. A GIN index over the bigrams finds candidate rows. Words longer than two characters
are then searched in the folded text of the candidates.
"""

import re
import unicodedata
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import (  # type: ignore[attr-defined]  # not in the stubs
    ArrayContains,
    ArrayOverlap,
)
from django.contrib.postgres.indexes import GinIndex
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models import Func, Model, Q, TextField, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan, Regex

MIN_LENGTH = 2
IDENTITY_NUMBER = r"[1-8]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[0-9x]"
"""In a folded text. Rows with one are not found by digits, so that nobody is found by a part of his number."""
NO_KEYWORDS = Value([], ArrayField(TextField()))
_DIGITS = re.compile(r"\d{4}")


class FoldedText(Func):
    """The folded text of a row. keywords: an array field. texts: text fields."""

    function = "search_text"
    output_field = TextField()

    def __init__(self, keywords: Any, *texts: Any, **extra: Any) -> None:
        super().__init__(keywords, *texts, **extra)


class Bigrams(Func):
    """The distinct bigrams of a folded text, as an array."""

    function = "search_bigrams"
    arity = 1
    output_field = ArrayField(TextField())


class BigramIndex(GinIndex):
    """A GIN index of bigrams without statistics.

    With statistics, ANALYZE would spend many seconds on computing bigrams, and for common words the planner would
    compute the bigrams of the newest rows one by one instead of using the index.
    """

    def create_sql(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Statement:
        statement = super().create_sql(model, schema_editor, using=using, **kwargs)
        statement.template += "; ALTER INDEX %(name)s ALTER COLUMN 1 SET STATISTICS 0"
        return statement


def bigram_index(name: str, keywords: Any, *texts: str, condition: Q | None = None) -> BigramIndex:
    """The index for `contains` with the same fields in the same order; `condition`: of the rows that are in it."""
    return BigramIndex(Bigrams(FoldedText(keywords, *texts)), name=name, condition=condition)


def is_searchable(q: str) -> bool:
    """Whether `q` has at least two visible characters, as `contains` requires."""
    return len(_visible(q)) >= MIN_LENGTH


def query_words(q: str) -> list[str]:
    """The words of `q` in NFKC. If one of them has a single character, `q` without blanks is the only word."""
    return [_visible(word) for word in _split(q)]


def contains(q: str, keywords: Any, *texts: str) -> Q:
    """A condition for the rows whose fields contain every word of `q`. `keywords`: an array field, or NO_KEYWORDS.

    Blanks in the text are ignored, so a word is found also across a line break. Raises ValueError if `q` is not
    searchable.
    """
    if not is_searchable(q):
        raise ValueError("a search needs two characters or more")
    text = FoldedText(keywords, *texts)
    condition = Q()
    for word in _split(q):
        folded = FoldedText(NO_KEYWORDS, Value(word))
        condition &= Q(ArrayContains(Bigrams(text), Bigrams(folded)))
        if len(_visible(word)) > MIN_LENGTH:
            condition &= Q(GreaterThan(StrIndex(text, folded), 0))
    if _DIGITS.search(_visible(q)):
        condition &= ~Q(Regex(text, IDENTITY_NUMBER))
    return condition


def shares_pairs(q: str, *texts: str) -> Q:
    """A condition for the rows whose texts have a pair of adjacent characters in common with a word of `q`."""
    text = FoldedText(NO_KEYWORDS, *texts)
    condition = Q()
    for word in _split(q):
        folded = FoldedText(NO_KEYWORDS, Value(word))
        condition |= Q(ArrayOverlap(Bigrams(text), Bigrams(folded)))
    return condition


def _split(q: str) -> list[str]:
    """The words of `q` as written.

    The SQL function must fold them only once, as it does the texts: NFKC turns some characters into a blank and a
    combining mark ("A´"). Without the blank, a second NFKC would compose the mark with the letter before it.
    """
    parts = [part for part in q.split() if _visible(part)]
    return parts if all(len(_visible(part)) >= MIN_LENGTH for part in parts) else ["".join(parts)]


def _visible(text: str) -> str:
    """`text` in NFKC without blanks and invisible characters."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(c for c in normal if not c.isspace() and unicodedata.category(c) != "Cf")
