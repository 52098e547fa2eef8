"""One line that says why a document is among the results."""

from matching.engine.sentences import split_sentences
from portal.search.collection import KEYWORDS, TITLE, Collection
from portal.search.folding import contains_word, fold, is_han, pieces
from portal.search.query import Group, Query
from portal.search.ranking import Hit

LONGEST_SENTENCE = 60
LEAST_SHARED = 2
"""Pairs of characters that a sentence shares with the query before it is quoted."""


def explain(hit: Hit, query: Query, collection: Collection) -> str:
    """The reason of a hit. Quotes only the document's public text."""
    row = collection.row_of.get(hit.pk)
    if hit.reason:
        return hit.reason
    if hit.how == "literal":
        return _place(row, query.folded, query.written, collection)
    if row is None:
        return ""
    if hit.how == "institution":
        return f"完成单位：{query.institution_name}"
    if hit.how == "words":
        return "；".join(dict.fromkeys(filter(None, (query.note, *_words(row, query, collection)))))
    return _nearest_sentence(row, query, collection)


def _place(row: int | None, word: str, written: str, collection: Collection) -> str:
    place = collection.place_of(row, word) if row is not None else ""
    return {TITLE: f"名称里有“{written}”", KEYWORDS: f"关键词里有“{written}”"}.get(place, f"正文里有“{written}”")


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


def _nearest_sentence(row: int, query: Query, collection: Collection) -> str:
    """与“…”意思相近：the sentence of the document that shares most with the query."""
    document = collection.documents[row]
    wanted = pieces(fold(f"{query.text} {' '.join(query.related)}"))
    weights = {piece: 1 / (1 + collection.count(piece)) ** 0.5 for piece in wanted if collection.has_piece(piece)}
    best, best_weight, shared_pieces = "", 0.0, 0
    for sentence in split_sentences(f"{document.title}\n{document.text}", 40):
        folded = fold(sentence)
        shared = [piece for piece in weights if (piece in folded if is_han(piece) else contains_word(folded, piece))]
        weight = sum(weights[piece] for piece in shared)
        if weight > best_weight:
            best, best_weight, shared_pieces = sentence, weight, len(shared)
    about = query.note or f"与“{query.written}”意思相近"
    if shared_pieces < LEAST_SHARED or best == document.title:
        return about
    return f"{about}：{best[:LONGEST_SENTENCE]}{'…' if len(best) > LONGEST_SENTENCE else ''}"
