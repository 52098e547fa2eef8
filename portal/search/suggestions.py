"""What somebody may be about to type: institutions, districts, terms and titles, by characters, pinyin or initials."""

from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Region
from achievements.models import Achievement
from core.personal_data import find_personal_data
from portal.search import sounds
from portal.search.districts import district_names
from portal.search.folding import fold
from portal.search.index import SearchIndex

MOST, MOST_OF_A_KIND = 8, 4
SHORTEST_SOUND = 2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`kind`: 单位, 区市县, 术语 or 成果; `url`: where it leads."""

    text: str
    kind: str
    url: str


def suggest(typed: str, index: SearchIndex) -> list[Suggestion]:
    """At most MOST suggestions for what was typed so far (one line, at most 100 characters)."""
    folded = fold(typed)
    if len(folded) < 2 or find_personal_data(typed):
        return []
    suggestions = [
        *_institutions(folded, index),
        *_districts(folded),
        *_terms(folded, index),
        *_titles(folded, index),
    ]
    return suggestions[:MOST]


def _institutions(folded: str, index: SearchIndex) -> list[Suggestion]:
    letters = sounds.typed_letters(folded) if folded.isascii() else ""
    keys = [
        key
        for name, key in index.institution_names.items()
        if folded in name or (len(letters) >= SHORTEST_SOUND and sounds.letters(name).startswith(letters))
    ]
    documents = index.institutions
    return [
        Suggestion(documents.documents[documents.row_of[key]].title, "单位", _search_url(title))
        for key in islice(dict.fromkeys(keys), 2)
        for title in [documents.documents[documents.row_of[key]].title]
    ]


def _districts(folded: str) -> list[Suggestion]:
    letters = sounds.typed_letters(folded) if folded.isascii() else ""
    rows = [
        region
        for region in Region.objects.reporting()
        if any(
            name.startswith(folded) or (len(letters) > SHORTEST_SOUND and sounds.letters(name).startswith(letters))
            for name in district_names(region)
        )
    ]
    return [Suggestion(row.name, "区市县", reverse("district_detail", args=[row.code])) for row in rows[:2]]


def _terms(folded: str, index: SearchIndex) -> list[Suggestion]:
    words = index.vocabulary.beginning_with(folded)
    return [Suggestion(word, "术语", _search_url(word)) for word in words[:MOST_OF_A_KIND]]


def _titles(folded: str, index: SearchIndex) -> list[Suggestion]:
    collection = index.achievements
    rows = sorted(collection.rows_with(folded)) if not folded.isascii() or len(folded) > 2 else []
    titles = [collection.documents[row] for row in rows if folded in collection.titles[row]][:MOST_OF_A_KIND]
    public_ids = dict(
        Achievement.objects.published()
        .filter(pk__in=[document.pk for document in titles])
        .values_list("pk", "public_id")
    )
    return [
        Suggestion(document.title, "成果", reverse("achievement_detail", args=[public_ids[document.pk]]))
        for document in titles
        if document.pk in public_ids
    ]


def _search_url(text: str) -> str:
    return f"{reverse('search')}?{urlencode({'q': text})}"
