"""Finding text by pairs of neighbouring characters: every substring of two or more characters is found.

Text is folded before it is cut into pairs (compatibility forms and case made one, everything blank or invisible left
out), on both sides by the same SQL functions (`search/migrations/0001_functions.py`). A GIN index over the pairs of a
row finds the candidates; whatever is longer than one pair is then looked for in the folded text itself.
"""

import unicodedata

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import ArrayContains
from django.contrib.postgres.indexes import GinIndex
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

MIN_LENGTH = 2


class FoldedText(Func):
    """The searchable text of a row: `keywords` is an array field, `texts` are text fields."""

    function = "search_text"
    output_field = TextField()

    def __init__(self, keywords, *texts, **extra):
        super().__init__(keywords, *texts, **extra)


class Bigrams(Func):
    function = "search_bigrams"
    arity = 1
    output_field = ArrayField(TextField())


class BigramIndex(GinIndex):
    """An index of pairs, of which PostgreSQL keeps no statistics.

    Cutting thousands of texts into pairs would take ANALYZE many seconds; and a planner that knows a word to be common
    would rather cut the newest rows into pairs, one after the other, than ask the index.
    """

    def create_sql(self, model, schema_editor, using="", **kwargs):
        statement = super().create_sql(model, schema_editor, using=using, **kwargs)
        statement.template += "; ALTER INDEX %(name)s ALTER COLUMN 1 SET STATISTICS 0"
        return statement


def bigram_index(name: str, keywords: str, *texts: str) -> BigramIndex:
    """The index that `contains` needs for the same fields in the same order."""
    return BigramIndex(Bigrams(FoldedText(keywords, *texts)), name=name)


def is_searchable(q: str) -> bool:
    """Whether `q` has a pair of characters to look for. `contains` takes nothing else."""
    return len(_visible(q)) >= MIN_LENGTH


def query_words(q: str) -> list[str]:
    """What must stand in the text: the words of `q`; when one has a single character, `q` as a whole without blanks."""
    parts = [part for part in map(_visible, unicodedata.normalize("NFKC", q).split()) if part]
    return parts if all(len(part) >= MIN_LENGTH for part in parts) else ["".join(parts)]


def contains(q: str, keywords: str, *texts: str) -> Q:
    """The rows in whose fields every word of `q` stands.

    Blanks within the text do not count, so a word also finds what was broken over two lines. Raises ValueError when `q`
    is not searchable.
    """
    if not is_searchable(q):
        raise ValueError("a search needs two characters or more")
    text = FoldedText(F(keywords), *map(F, texts))
    condition = Q()
    for word in query_words(q):
        folded = FoldedText(Value([], ArrayField(TextField())), Value(word))
        condition &= Q(ArrayContains(Bigrams(text), Bigrams(folded)))
        if len(word) > MIN_LENGTH:
            condition &= Q(GreaterThan(StrIndex(text, folded), 0))
    return condition


def _visible(text: str) -> str:
    """`text` as it is compared, case aside: normalised, without blanks and invisible characters."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(c for c in normal if not c.isspace() and unicodedata.category(c) != "Cf")
