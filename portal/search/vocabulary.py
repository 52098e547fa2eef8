"""The words that readers may mean: keywords, terms, institutions and people, by sound and by spelling."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator

from matching.engine.thesaurus import default_thesaurus
from portal.search import sounds
from portal.search.bilingual import default_terms
from portal.search.folding import fold, is_han, runs
from portal.search.spelling import SpellingIndex

LEAST_USED = 0.4
"""Weight above which some document uses the word."""
SHORTEST_INITIALS = 3
MOST_WITH_PREFIX = 200
MOST_READINGS = 3
"""Words with the same initials that are tried."""


class Vocabulary:
    """Folded words with a weight from 0 to 1: how many documents use them, and whether they name people or bodies."""

    def __init__(self, keywords: Iterable[str], names: Iterable[str], is_used: "set[str] | frozenset[str]"):
        """`keywords`: of all documents, with repetitions; `names`: of institutions and people; `is_used`: the pairs of
        characters and Latin words of all documents."""
        counts = Counter(fold(keyword) for keyword in keywords)
        weights = {word: min(1.0, 0.5 + 0.1 * count) for word, count in counts.items() if len(word) > 1}
        for word in self._listed_words():
            weights.setdefault(word, 0.45 if self._occurs(word, is_used) else 0.1)
        self._names = {fold(name) for name in names}
        weights |= dict.fromkeys(self._names, 1.0)
        self.weights = weights
        self.latin = SpellingIndex((word, weight) for word, weight in self._latin_words(is_used))
        self.han = SpellingIndex(
            (word, weight) for word, weight in weights.items() if weight > LEAST_USED and is_han(word)
        )
        self._by_sound: dict[str, list[tuple[str, float]]] = {}
        self._by_blurred_sound: dict[str, list[tuple[str, float]]] = {}
        self._by_initials: dict[str, list[tuple[str, float]]] = {}
        for word, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0])):
            if weight > LEAST_USED and all(map(is_han, word)):
                self._add_sounds(word, weight)
        self._used = sorted(word for word, weight in weights.items() if weight > LEAST_USED)
        self._sounds = sorted(self._by_sound)

    def __contains__(self, word: str) -> bool:
        return word in self.weights

    def by_sound(self, letters: str) -> list[tuple[str, float]]:
        return self._by_sound.get(letters, [])

    def by_blurred_sound(self, letters: str) -> list[tuple[str, float]]:
        return self._by_blurred_sound.get(letters, [])

    def by_initials(self, letters: str) -> list[str]:
        """At most MOST_READINGS words with these initials, the most usual first."""
        if len(letters) < SHORTEST_INITIALS:
            return []
        return [word for word, _weight in self._by_initials.get(letters, ())[:MOST_READINGS]]

    def beginning_with(self, typed: str) -> list[str]:
        """Used words that begin with `typed`, by their characters or their sound, the most usual first."""
        words = _with_prefix(self._used, typed)
        if typed.isascii():
            letters = sounds.typed_letters(typed)
            words |= {word for sound in _with_prefix(self._sounds, letters) for word, _weight in self._by_sound[sound]}
            if len(letters) >= SHORTEST_INITIALS:
                words.update(self.by_initials(letters))
        used = [word for word in words if self.weights[word] > LEAST_USED and word not in self._names]
        return sorted(used, key=lambda word: (-self.weights[word], len(word), word))

    def division(self, word: str) -> list[str]:
        """The words of a run of Han characters if all of it is known words, else []. Few long words are preferred."""
        best: list[list[str] | None] = [[], *([None] * len(word))]
        for start in range(len(word)):
            reached = best[start]
            if reached is None:
                continue
            for end in range(start + 2, min(len(word), start + 14) + 1):
                known = best[end]
                if word[start:end] in self.weights and (known is None or len(known) > len(reached) + 1):
                    best[end] = [*reached, word[start:end]]
        return best[len(word)] or []

    def _add_sounds(self, word: str, weight: float) -> None:
        syllables = sounds.syllables(word)
        letters = "".join(syllables)
        self._by_sound.setdefault(letters, []).append((word, weight))
        self._by_blurred_sound.setdefault(sounds.blurred(letters), []).append((word, weight))
        self._by_initials.setdefault("".join(syllable[0] for syllable in syllables), []).append((word, weight))

    @staticmethod
    def _listed_words() -> Iterator[str]:
        yield from default_thesaurus().terms
        yield from default_terms().by_name

    @staticmethod
    def _occurs(word: str, is_used: "set[str] | frozenset[str]") -> bool:
        return all(
            run in is_used if run.isascii() else all(run[at : at + 2] in is_used for at in range(len(run) - 1))
            for run in runs(word)
        )

    @staticmethod
    def _latin_words(is_used: "set[str] | frozenset[str]") -> Iterator[tuple[str, float]]:
        for name in default_terms().by_name:
            if name.isascii():
                for word in runs(name):
                    yield word, 0.6
        for piece in is_used:
            if piece.isascii() and not piece.isdigit():
                yield piece, 0.5


def _with_prefix(ordered: list[str], prefix: str) -> set[str]:
    """At most MOST_WITH_PREFIX of the sorted words that begin with a prefix."""
    start = bisect_left(ordered, prefix)
    return {word for word in ordered[start : start + MOST_WITH_PREFIX] if prefix and word.startswith(prefix)}
