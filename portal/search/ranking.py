"""Which documents answer a query, in which order, and why."""

from collections.abc import Collection as Sized
from dataclasses import dataclass
from heapq import nlargest

from portal.search.collection import KEYWORDS, TEXT, TITLE, Collection
from portal.search.correction import GRAMMATICAL
from portal.search.folding import pieces
from portal.search.query import SENTENCE, Query

BY_NUMBER, BY_TITLE, BY_PERSON, LITERAL, BY_INSTITUTION, ALL_WORDS = 3000.0, 2600.0, 2400.0, 2000.0, 1500.0, 1000.0
PLACE_BONUS = {TITLE: 200.0, KEYWORDS: 150.0, TEXT: 0.0}
MEANING_LIMIT = 60
LEAST_BEST_OF_NOUNS, LEAST_BEST_OF_SENTENCE = 50.0, 33.0
"""Nothing is near in meaning if the best score is below. Measured on questions about other things than technology and
on titles of demands: docs/search.md."""
LEAST_MEANING, LEAST_SHARE, MOST_WEAK = 20.0, 0.3, 10
"""Of what is near in meaning, rows with at least this score and this share of the best are shown; of weak ones, the
best few."""
MOST_RELATED = 24
LONGEST_NOUN, LONGEST_ABBREVIATION = 10, 5
WEAK = 68.0
"""A best score below this says that nothing may fit."""
RELATED_SHARE, WRITTEN_SHARE = 0.5, 0.4
"""Weight of the score over related words, and over the words as typed where others are looked for."""
EQUAL_IN_KIND = ("literal", "words")
UNAVAILABLE_PENALTY, UNAVAILABLE_LITERAL_PENALTY = 3.0, 100.0
"""For what is 已转化. Among rows that contain the words, it stands after what is on offer and names them as plainly."""


@dataclass(slots=True)
class Hit:
    """A document and how it answers. `how`: number, person, institution, literal, words or meaning."""

    pk: int
    score: float
    how: str
    reason: str = ""


def rank(
    query: Query, collection: Collection, literal: Sized[int] = (), *, by_meaning: bool = True, strict: bool = False
) -> list[Hit]:
    """The documents that answer, best first. `literal`: primary keys of rows that contain the query as typed.

    `by_meaning`: also documents that only mean the same. `strict`: of those, for a query without everyday words, only
    documents with half of its pairs of characters; always if there are precise hits, and for an abbreviation.
    """
    if query.numbers:
        return _by_number(query, collection)
    hits: dict[int, Hit] = {}

    def add(pk: int, score: float, how: str, reason: str = "") -> None:
        if pk not in hits or hits[pk].score < score:
            hits[pk] = Hit(pk, score, how, reason)

    for pk in literal:
        row = collection.row_of.get(pk)
        place = collection.place_of(row, query.folded) if row is not None else TEXT
        add(pk, LITERAL + PLACE_BONUS.get(place, 0.0), "literal")
    _add_people(query, collection, add)
    _add_institution(query, collection, add)
    scores = _meaning(query, collection)
    _add_words(query, collection, add)
    strict = strict or bool(hits) or (query.folded.isascii() and len(query.folded) <= LONGEST_ABBREVIATION)
    best = max(scores.values(), default=0.0)
    least_best = LEAST_BEST_OF_NOUNS if _is_noun(query) else LEAST_BEST_OF_SENTENCE
    least = max(LEAST_MEANING, LEAST_SHARE * best) if best >= least_best else float("inf")
    for row, score in scores.items():
        pk = collection.documents[row].pk
        if by_meaning and pk not in hits and score >= least and not (strict and _shares_little(query, collection, row)):
            hits[pk] = Hit(pk, 0.0, "meaning")
    for hit in hits.values():
        row = collection.row_of.get(hit.pk)
        if row is not None:
            hit.score += scores.get(row, 0.0) - _penalty(hit, is_available=collection.documents[row].is_available)
            if query.institution is not None and query.text and collection.documents[row].owner == query.institution:
                hit.score += BY_INSTITUTION
    ordered = sorted(hits.values(), key=lambda hit: (-round(hit.score, 1), _public_id(hit, collection)))
    return ordered[:MOST_WEAK] if is_weak(ordered) else ordered


def _penalty(hit: Hit, *, is_available: bool) -> float:
    if is_available:
        return 0.0
    return UNAVAILABLE_LITERAL_PENALTY if hit.how in EQUAL_IN_KIND else UNAVAILABLE_PENALTY


def _public_id(hit: Hit, collection: Collection) -> str:
    row = collection.row_of.get(hit.pk)
    return collection.documents[row].public_id if row is not None else ""


def is_weak(hits: list[Hit]) -> bool:
    """Whether there are hits, but nothing precise among them and nothing really near."""
    return bool(hits) and hits[0].how == "meaning" and hits[0].score < WEAK


def _by_number(query: Query, collection: Collection) -> list[Hit]:
    hits: dict[int, Hit] = {}
    for number in query.numbers:
        for row, name in collection.numbers.get(number, ()):
            pk = collection.documents[row].pk
            hits.setdefault(pk, Hit(pk, BY_NUMBER, "number", f"{name}相同"))
    return list(hits.values())


def _add_people(query: Query, collection: Collection, add) -> None:
    for row, role in collection.people.get(query.person, ()):
        bonus = 100.0 if role == "负责人" else 0.0
        add(collection.documents[row].pk, BY_PERSON + bonus, "person", f"{role}：{query.person}")


def _add_institution(query: Query, collection: Collection, add) -> None:
    if query.is_only_institution and query.institution is not None:
        for row in collection.owned.get(query.institution, ()):
            add(collection.documents[row].pk, BY_INSTITUTION, "institution", "")


def _add_words(query: Query, collection: Collection, add) -> None:
    """Documents with every word of the query, each as typed or under another name."""
    if not query.groups:
        return
    rows_of = [{word: collection.rows_with(word) for word in group.words} for group in query.groups]
    every = [set().union(*rows.values()) for rows in rows_of]
    for row in set.intersection(*every):
        places = []
        for group, rows in zip(query.groups, rows_of, strict=True):
            words = [word for word in group.words if row in rows[word]]
            places.append(max(PLACE_BONUS[collection.place_of(row, word)] for word in words))
        add(collection.documents[row].pk, ALL_WORDS + sum(places) / len(places), "words")


def _is_noun(query: Query) -> bool:
    """Whether the query is a few words and no sentence."""
    grammatical = sum(character in GRAMMATICAL for character in query.text)
    return len(query.text) <= LONGEST_NOUN and grammatical < SENTENCE


def _shares_little(query: Query, collection: Collection, row: int) -> bool:
    """Whether a short query of nouns has less than half of its pairs of characters in a document."""
    if not _is_noun(query):
        return False
    wanted = pieces(query.text)
    text = f"{collection.titles[row]} {' '.join(collection.keywords[row])} {collection.texts[row]}"
    return 2 * sum(piece in text for piece in wanted) < len(wanted)


def _meaning(query: Query, collection: Collection) -> dict[int, float]:
    """Scores 0–100 and more by the engine, over the text and with a share over related words."""
    if not query.text:
        return {}
    texts, shares = [query.text], [1.0]
    if query.related:
        texts.append(f"{query.text} {' '.join(query.related[:MOST_RELATED])}")
        shares.append(RELATED_SHARE)
    if query.is_rewritten and not query.folded.isascii():
        texts.append(query.folded)
        shares.append(WRITTEN_SHARE)
    scores: dict[int, float] = {}
    for scored, share in zip(collection.meaning_scores(texts, 3 * MEANING_LIMIT), shares, strict=True):
        for row, score in scored.items():
            scores[row] = scores.get(row, 0.0) + share * score
    return dict(nlargest(MEANING_LIMIT, scores.items(), key=lambda item: (item[1], -item[0])))
