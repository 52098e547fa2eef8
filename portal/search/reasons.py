"""One line that says why a document is among the results."""

from matching.engine.sentences import split_sentences
from matching.engine.thesaurus import default_thesaurus
from portal.search.collection import KEYWORDS, TITLE, Collection
from portal.search.folding import contains_word, fold, is_han, pieces
from portal.search.query import Group, Query
from portal.search.ranking import Hit

LONGEST_SENTENCE = 60
MOST_SENTENCES, MOST_SHARED = 40, 4
LEAST_SHARED = 2
"""Pairs of characters that a sentence shares with the query before it is quoted."""


def explain(hit: Hit, query: Query, collection: Collection) -> str:
    """The reason of a hit. Quotes only the document's public text."""
    row = collection.row_of.get(hit.pk)
    if hit.reason:
        return hit.reason
    if hit.how == "literal":
        return _place(row, query, collection)
    if row is None:
        return ""
    if hit.how == "institution":
        return f"完成单位：{query.institution_name}"
    if hit.how == "words":
        return "；".join(dict.fromkeys(filter(None, (query.note, *_words(row, query, collection)))))
    return _nearness(row, query, collection)


def _place(row: int | None, query: Query, collection: Collection) -> str:
    place = collection.place_of(row, query.folded) if row is not None else ""
    if not place and query.institution_name:
        return f"完成单位：{query.institution_name}"
    name = {TITLE: "名称", KEYWORDS: "关键词"}.get(place, "正文")
    return f"{name}里有“{query.written}”"


def _words(row: int, query: Query, collection: Collection) -> list[str]:
    reasons = []
    for group in query.groups:
        if word := next((word for word in group.words if collection.place_of(row, word)), ""):
            reasons.append(_same(group, word, query.note))
    return [reason for reason in reasons if reason]


def _same(group: Group, word: str, note: str) -> str:
    if word == group.word:
        return f"有“{word}”" if not note else ""
    return "" if word in note else f"“{group.word}”也叫“{word}”"


def _nearness(row: int, query: Query, collection: Collection) -> str:
    """The sentence that shares most with the query, else the terms that both have."""
    about = query.note or f"与“{query.written}”意思相近"
    if sentence := _nearest_sentence(row, query, collection):
        return f"{about}：{sentence}"
    text = f"{collection.titles[row]} {' '.join(collection.keywords[row])} {collection.texts[row]}"
    thesaurus = default_thesaurus()
    terms = [thesaurus.terms[number] for number in thesaurus.count_terms(query.text)]
    shared = [word for word in dict.fromkeys((*terms, *query.related)) if contains_word(text, word)]
    if shared:
        return f"{about}：都说到{'、'.join(shared[:MOST_SHARED])}"
    return about


def _nearest_sentence(row: int, query: Query, collection: Collection) -> str:
    """The sentence of the text with the greatest weight of shared pairs of characters and Latin words, or ""."""
    wanted = pieces(fold(f"{query.text} {' '.join(query.related)}"))
    weights = {piece: 1 / (1 + collection.count(piece)) ** 0.5 for piece in wanted if collection.has_piece(piece)}
    best, best_weight = "", 0.0
    for sentence in split_sentences(collection.documents[row].text, MOST_SENTENCES):
        folded = fold(sentence)
        shared = [piece for piece in weights if (piece in folded if is_han(piece) else contains_word(folded, piece))]
        weight = sum(weights[piece] for piece in shared)
        if len(shared) >= LEAST_SHARED and weight > best_weight:
            best, best_weight = sentence, weight
    return f"{best[:LONGEST_SENTENCE]}…" if len(best) > LONGEST_SENTENCE else best
