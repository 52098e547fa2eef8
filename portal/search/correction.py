"""Words with a typing error: a run of Han characters that no document has is read as known words."""

from portal.search import sounds
from portal.search.index import SearchIndex

MOST_CORRECTIONS = 2
LONGEST_WINDOW, LONGEST_WHOLE = 6, 8
LEAST_WEIGHT = 0.4
"""Weight of a word that a document uses; see `Vocabulary`."""
LEAST_WEIGHT_OF_SOUND = 0.5
ORDINARY = frozenset(
    "的了是在我们有没不老总太很就都也还把被给让怎么办吗呢啊这那个些得着过会能要想用和与或又再才只到里上下大小多少一两三"
    "几年天次家人看做说去来出进起后前时候样点什如何想找请问谁哪求能否"
)
"""Characters of everyday sentences. Pairs with them are no sign of an error."""

GRAMMATICAL = frozenset("的了是在我们没不老总太很就都也还把被让怎么办吗呢啊这那得着")
"""Characters that make a sentence of a query; terms hardly have them."""


def corrections(run: str, index: SearchIndex) -> list[tuple[str, str]]:
    """(written, known) for at most MOST_CORRECTIONS words of a run of Han characters; [] if nothing looks wrong."""
    if run in index.vocabulary:
        return []
    if 2 < len(run) <= LONGEST_WHOLE and _unknown_pairs(run, index):
        whole = index.vocabulary.han.correct(run)
        if whole and index.vocabulary.weights[whole] > LEAST_WEIGHT and whole not in (run[:-1], run[1:]):
            return [(run, whole)]
    better: list[tuple[str, str]] = []
    while len(better) < MOST_CORRECTIONS and (pair := _first_correction(run, index)):
        better.append(pair)
        run = run.replace(*pair, 1)
    return better


def suspicious_places(run: str, index: SearchIndex) -> list[int]:
    """The characters that form a pair with neither neighbour. An unknown pair alone is where two words meet."""
    unknown = _unknown_pairs(run, index)
    if not unknown:
        return []
    padded = [True, *unknown, True]
    return [
        place
        for place, character in enumerate(run)
        if padded[place] and padded[place + 1] and character not in ORDINARY
    ]


def _first_correction(run: str, index: SearchIndex) -> tuple[str, str] | None:
    for place in suspicious_places(run, index):
        for length in range(min(LONGEST_WINDOW, len(run)), 1, -1):
            for start in range(max(0, place + 1 - length), min(place, len(run) - length) + 1):
                written = run[start : start + length]
                if known := _known_word(written, place - start, index):
                    return written, known
    return None


def _unknown_pairs(run: str, index: SearchIndex) -> list[bool]:
    """For each pair of adjacent characters whether no document has it; [] if all are known."""
    unknown = [
        not (index.achievements.has_piece(pair) or index.demands.has_piece(pair))
        for pair in (run[at : at + 2] for at in range(len(run) - 1))
    ]
    return unknown if any(unknown) else []


def _known_word(written: str, place: int, index: SearchIndex) -> str:
    """A word of the same length that sounds alike, or that differs only in the suspicious character."""
    vocabulary = index.vocabulary
    if written in vocabulary or any(character in ORDINARY for character in written):
        return ""
    letters = sounds.letters(written)
    alike = vocabulary.by_sound(letters)
    if len(written) > 2:
        alike = [*alike, *vocabulary.by_blurred_sound(sounds.blurred(letters))]
    for word, weight in alike:
        if weight >= LEAST_WEIGHT_OF_SOUND and _differs_only_at(word, written, place):
            return word
    if len(written) > 2:
        near = vocabulary.han.correct(written)
        if near and vocabulary.weights[near] > LEAST_WEIGHT and _differs_only_at(near, written, place):
            return near
    return ""


def _differs_only_at(word: str, other: str, place: int) -> bool:
    return len(word) == len(other) and [at for at in range(len(word)) if word[at] != other[at]] == [place]
