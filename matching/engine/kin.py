"""Why a pair was proposed, beside shared words: terms that belong together in the technical thesaurus."""

from functools import lru_cache

from matching.engine.corpus import Item
from matching.engine.lexicon import Lexicon
from matching.engine.terms import READ_CHARS, word_weight
from matching.engine.thesaurus import Thesaurus

LIMIT = 4
_RANK = {"同": 0, "近": 2}
_SIGN = {"同": "≈", "近": "～"}
_SAID = {"种": "的一种", "含": "的组成", "法": "的工艺", "用": "的用途", "测": "的指标"}


def related_terms(
    achievement: Item, demand: Item, lexicon: Lexicon, thesaurus: Thesaurus, limit: int = LIMIT
) -> list[str]:
    """Terms of one text that the other says in another word, as people read them: 耐蚀≈防腐 (the achievement's first;
    ～ where they are close but not the same), 隔膜（锂离子电池的组成）.

    The same first, then the weightiest, what is only close last; each term once, at most `limit`.
    """
    ours, theirs = (_rows(thesaurus, item.full[:READ_CHARS]) for item in (achievement, demand))
    found = []
    for one in ours - theirs:
        for other in theirs - ours:
            kin = thesaurus.kin(one, other)
            words = thesaurus.terms[one], thesaurus.terms[other]
            if kin and words[0] not in words[1] and words[1] not in words[0]:
                weight = sum(word_weight(word, lexicon) for word in words)
                found.append((_RANK.get(kin[0], 1), -weight, words, _told(kin, thesaurus)))
    chosen: list[str] = []
    used: set[str] = set()
    for *_, words, told in sorted(found):
        if len(chosen) < limit and not used & set(words):
            chosen.append(told)
            used |= set(words)
    return chosen


@lru_cache(maxsize=4096)  # a need is compared with many achievements, an achievement with many needs
def _rows(thesaurus: Thesaurus, text: str) -> frozenset[int]:
    return frozenset(thesaurus.find(text))


def _told(kin: tuple[str, int, int], thesaurus: Thesaurus) -> str:
    relation, head, member = kin
    head, member = thesaurus.spelled[head], thesaurus.spelled[member]
    return f"{head}{_SIGN[relation]}{member}" if relation in _SIGN else f"{member}（{head}{_SAID[relation]}）"
