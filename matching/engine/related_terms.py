"""Explanation of a pair: terms of both texts that are related in the thesaurus."""

from collections.abc import Iterable, Sequence
from functools import cache

from matching.engine.corpus import Item
from matching.engine.noun_phrases import is_generic
from matching.engine.read_texts import ReadTexts
from matching.engine.shared_terms import READ_CHARS, word_weight
from matching.engine.term_statistics import TermStatistics
from matching.engine.thesaurus import Thesaurus

LIMIT = 4
MAX_KEPT = 8192
# Synonyms come first, close terms last.
_RELATION_ORDER = {"同": 0, "近": 2}
_OPERATOR = {"同": "≈", "近": "～"}
_RELATION_PHRASE = {"种": "的一种", "含": "的组成", "法": "的工艺", "用": "的用途", "测": "的指标"}


def related_terms(
    achievement: Item, demand: Item, statistics: TermStatistics, thesaurus: Thesaurus, limit: int = LIMIT
) -> list[str]:
    """Return at most `limit` relations between a term of the achievement and a different term of the demand.

    Examples: 耐蚀≈防腐 (synonyms, the achievement's term first), 预冷～冷库 (close terms), 隔膜（锂离子电池的组成）.
    The order is by relation (synonyms, other relations, close terms), then by descending weight. Each term occurs once.
    """
    achievement_rows, demand_rows = (
        _term_rows(thesaurus)[item.full_text[:READ_CHARS]] for item in (achievement, demand)
    )
    candidates = []
    for row in achievement_rows - demand_rows:
        for other in demand_rows - achievement_rows:
            relation = thesaurus.relation_between(row, other)
            words = thesaurus.terms[row], thesaurus.terms[other]
            if relation and not _says_nothing(words):
                weight = sum(word_weight(word, statistics) for word in words)
                candidates.append(
                    (_RELATION_ORDER.get(relation[0], 1), -weight, words, _formatted(relation, thesaurus))
                )
    chosen: list[str] = []
    used: set[str] = set()
    for _order, _weight, words, text in sorted(candidates):
        if len(chosen) < limit and not used & set(words):
            chosen.append(text)
            used |= set(words)
    return chosen


def _says_nothing(words: tuple[str, str]) -> bool:
    return words[0] in words[1] or words[1] in words[0] or any(map(is_generic, words))


def prepare_terms(items: Iterable[Item], thesaurus: Thesaurus) -> None:
    """Look up the terms of items that `related_terms` will compare, all at once."""
    _term_rows(thesaurus).prepare(item.full_text[:READ_CHARS] for item in items)


@cache
def _term_rows(thesaurus: Thesaurus) -> ReadTexts[str, frozenset[int]]:
    def read(texts: Sequence[str]) -> list[frozenset[int]]:
        return [frozenset(counts) for counts in thesaurus.count_terms_of_texts(texts)]

    return ReadTexts(read, limit=MAX_KEPT)


def _formatted(relation_between: tuple[str, int, int], thesaurus: Thesaurus) -> str:
    relation, head_row, member_row = relation_between
    head, member = thesaurus.spellings[head_row], thesaurus.spellings[member_row]
    if relation in _OPERATOR:
        return f"{head}{_OPERATOR[relation]}{member}"
    return f"{member}（{head}{_RELATION_PHRASE[relation]}）"
