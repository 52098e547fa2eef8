"""What a query may mean: numbers, a person, an institution, words and their other names, pinyin, a typing error."""

import re
from dataclasses import dataclass, field

from portal.search import correction, sounds
from portal.search.bilingual import LONGEST_PHRASE, default_terms
from portal.search.folding import fold, is_han, runs, squeezed_number
from portal.search.index import SearchIndex
from portal.search.vocabulary import LEAST_USED

_STOP_WORDS = frozenset(
    (
        *("a", "an", "the", "of", "for", "in", "on", "to", "from", "with", "and", "or", "by", "at", "how", "can", "we"),
        *("our", "is", "are", "be", "do", "does", "what", "which", "into", "as", "it", "its", "using", "use", "used"),
        *("need", "want", "technology", "technologies", "technique", "method"),
    )
)
_TITLES_OF_PERSONS = re.compile(r"(?:老师|教授|副教授|研究员|博士|院士|团队|课题组|的成果|负责人|先生|女士|工程师)+$")
_QUESTION = re.compile(
    r"怎么办|怎么|如何|有没有|有什么|能不能|可以|什么|哪里|哪家|谁能|谁有|求|请问|想找|需要|解决|问题|办法|技术|方案|成果|项目|方法|吗|呢|啊|的|了|我们|一种|用于"
)
_ORGANISATION = re.compile("公司|集团|股份|工厂|[^工]厂$|厂家|合作社|事务所|企业$")
LONGEST_WORD = 14
LONGEST_SIMILAR = 8
LEAST_DIGITS = 4
"""Of a number of which a part may be left out."""
SENTENCE = 2
"""Grammatical characters that make a sentence of a query."""


@dataclass(frozen=True, slots=True)
class Group:
    """A word of the query and what counts as the same. All folded; `note` says why, for the reader."""

    word: str
    alternatives: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return (self.word, *self.alternatives)


@dataclass(slots=True)
class Query:
    """A query as it is understood.

    `folded`: as typed; `text`: what is looked for, in Chinese where it was translated; `note`: how `text` came about,
    for the reader; `groups`: the words that all must occur in a precise hit; `related`: further technical words.
    """

    written: str
    folded: str
    text: str = ""
    note: str = ""
    numbers: list[str] = field(default_factory=list)
    person: str = ""
    institution: int | None = None
    institution_name: str = ""
    groups: list[Group] = field(default_factory=list)
    related: list[str] = field(default_factory=list)

    @property
    def is_only_institution(self) -> bool:
        return self.institution is not None and not self.text

    @property
    def is_rewritten(self) -> bool:
        """Whether other words than the typed ones are looked for."""
        return bool(self.note)


def names_nobody(query: Query, index: SearchIndex) -> bool:
    """Whether a query is a sentence, or each of its words occurs in public texts; and it names no organisation.

    Only then are demands ranked by meaning. Else a firm's name would list the demands of its line of business, its own
    anonymous one among them. The answer depends on public texts alone, so it tells nothing about hidden names.
    """
    if _ORGANISATION.search(query.folded):
        return False
    if sum(character in correction.GRAMMATICAL for character in query.folded) >= SENTENCE:
        return True
    for run in runs(query.folded):
        if is_han(run):
            if run in index.vocabulary or not correction.suspicious_places(run, index):
                continue
            if all(written not in run for written, _known in correction.corrections(run, index)):
                return False
        elif not _is_known(run, index) and not query.is_rewritten:
            return False
    return True


def understand(written: str, index: SearchIndex) -> Query:
    """Read a query. It never fails: what is not understood is looked for as it stands."""
    query = Query(written, fold(written))
    query.text = query.folded
    _read_numbers(query, index)
    _read_person(query, index)
    if not query.person:
        _read_institution(query, index)
    if query.text and not query.numbers:
        _read_words(query, index)
    return query


def _read_numbers(query: Query, index: SearchIndex) -> None:
    squeezed = squeezed_number(query.folded)
    digits = sum(character.isdigit() for character in squeezed)
    if not digits or re.search(r"[\u4e00-\u9fff]{5}", query.folded):
        return
    forms = [squeezed]
    if digits >= LEAST_DIGITS:
        forms += [squeezed.removeprefix("zl"), squeezed.removeprefix("cn"), f"dl{squeezed}"]
    tables = (index.achievements.numbers, index.policies.numbers)
    query.numbers = [form for form in dict.fromkeys(forms) if any(form in table for table in tables)]


def _read_person(query: Query, index: SearchIndex) -> None:
    people = index.achievements.people
    for candidate in (query.folded, _TITLES_OF_PERSONS.sub("", query.folded), *query.folded.split()):
        name = candidate.replace(" ", "").replace("·", "")
        if name in people:
            query.person = name
            query.text = query.folded.replace(candidate, " ", 1).strip()
            query.text = _TITLES_OF_PERSONS.sub("", query.text).strip()
            return
    letters = sounds.typed_letters(query.folded)
    if query.folded.isascii() and len(letters) >= 5:
        for word, _weight in index.vocabulary.by_sound(letters):
            if word in people:
                query.person, query.text, query.note = word, "", f"按拼音读作“{word}”"
                return


def _read_institution(query: Query, index: SearchIndex) -> None:
    """Take the longest name of an institution out of the text, if the rest is nothing or stands apart from it."""
    names = index.institution_names
    text = query.text
    for start in range(len(text)):
        for end in range(min(len(text), start + 20), start + 1, -1):
            name = text[start:end]
            if name not in names:
                continue
            rest = f"{text[:start]} {text[end:]}".strip()
            if len(name) < 3 and rest and not (text[end : end + 1] in " 的" or text[:start].endswith((" ", "的"))):
                continue  # 大工 in 加大工艺
            if name.isascii() and text[end : end + 1].isalnum():
                continue
            query.institution, query.institution_name = names[name], name
            query.text = _QUESTION.sub(" ", rest).strip() and rest.strip(" 的")
            return


def _read_words(query: Query, index: SearchIndex) -> None:
    if query.text.isascii():
        _read_latin(query, index)
    else:
        _correct(query, index)
        if query.note:
            _read_whole_name(query, index)
        _read_groups(query, index)
        if not query.note and not _has_precise_hit(query, index):
            _read_as_similar_word(query, index)
    query.related = _related_words(query)


# --- Chinese ----------------------------------------------------------------------------------------------------------
def _read_groups(query: Query, index: SearchIndex) -> None:
    """Divide the text into known words; none if a part is unknown, as in a sentence."""
    words: list[str] = []
    for run in runs(_QUESTION.sub(" ", query.text) or query.text):
        if not is_han(run) or run in index.vocabulary:
            words.append(run)
        elif divided := index.vocabulary.division(run):
            words += divided
        elif len(run) <= 4:
            words.append(run)
        else:
            words = []
            break
    query.groups = [_group(word) for word in dict.fromkeys(words) if len(word) > 1]


def _has_precise_hit(query: Query, index: SearchIndex) -> bool:
    """Whether some achievement or demand contains the text, or all words of it."""
    for collection in (index.achievements, index.demands):
        if collection.has_row_with(query.text):
            return True
        rows = [set().union(*(collection.rows_with(word) for word in group.words)) for group in query.groups]
        if rows and set.intersection(*rows):
            return True
    return False


def _read_as_similar_word(query: Query, index: SearchIndex) -> None:
    """燃料电磁, 岑望殊: a query of known parts that occurs nowhere may be a single word with one wrong character."""
    if len(query.text) > LONGEST_SIMILAR or not all(map(is_han, query.text)):
        return
    known = index.vocabulary.han.correct(query.text)
    if not known or len(known) != len(query.text) or index.vocabulary.weights[known] <= LEAST_USED:
        return
    query.note, query.text = f"没有“{query.text}”，按“{known}”查找", known
    _read_whole_name(query, index)
    query.groups = [_group(known)] if query.text else []


def _read_whole_name(query: Query, index: SearchIndex) -> None:
    """After the text was corrected or read as pinyin: it may be the name of a person or an institution."""
    if query.text in index.achievements.people:
        query.person, query.text = query.text, ""
    elif query.text in index.institution_names:
        query.institution, query.institution_name = index.institution_names[query.text], query.text
        query.text = ""


def _group(word: str) -> Group:
    return Group(word, tuple(default_terms().equivalents(word)))


def _correct(query: Query, index: SearchIndex) -> None:
    """Replace words that no document has by known words of the same sound or with one other character."""
    changes: list[tuple[str, str]] = []
    for run in runs(query.text):
        if is_han(run):
            changes += correction.corrections(run, index)
        elif not _is_known(run, index) and (known := index.vocabulary.latin.correct(run)):
            changes.append((run, known))
    for written, known in changes:
        query.text = query.text.replace(written, known, 1)
    query.note = "；".join(f"没有“{written}”，按“{known}”查找" for written, known in changes)


# --- Latin ------------------------------------------------------------------------------------------------------------
def _read_latin(query: Query, index: SearchIndex) -> None:
    words = [word for word in runs(query.text) if word not in _STOP_WORDS] or runs(query.text)
    if _translate(query, words, index):
        return
    if any(collection.has_row_with(query.text) for collection in (index.achievements, index.demands)):
        query.groups = [Group(word) for word in words]  # what stands there as typed is neither pinyin nor an error
        return
    letters = sounds.typed_letters(query.text)
    for words_of, text in (
        (index.vocabulary.by_sound, letters),
        (index.vocabulary.by_blurred_sound, sounds.blurred(letters)),
    ):
        read = sounds.cover(text, words_of) if letters == query.text.replace(" ", "").replace("'", "") else []
        if read and sum(map(len, read)) >= 2:
            query.text = "".join(read)
            query.note = f"按拼音读作“{query.text}”"
            _read_whole_name(query, index)
            if query.text:
                query.groups = [_group(word) for word in read]
            return
    if candidates := index.vocabulary.by_initials(letters):
        query.text = " ".join(candidates)
        if named := next((word for word in candidates if word in index.institution_names), ""):
            candidates, query.text = [named], named
        query.note = f"按拼音首字母读作“{'”“'.join(candidates)}”"
        _read_whole_name(query, index)
        query.groups = [Group(candidates[0], tuple(candidates[1:]))] if query.text else []
        return
    corrected = [word if _is_known(word, index) else index.vocabulary.latin.correct(word) or word for word in words]
    if corrected != words:
        pairs = zip(words, corrected, strict=True)
        note = "；".join(f"没有“{word}”，按“{known}”查找" for word, known in pairs if word != known)
        query.text = " ".join(corrected)
        _translate(query, corrected, index, least=0.5)
        query.note = f"{note}（{query.note}）" if query.note else note
        return
    _translate(query, words, index, least=0.01)


def _is_known(word: str, index: SearchIndex) -> bool:
    return bool(default_terms().concepts(word)) or index.achievements.has_piece(word) or index.demands.has_piece(word)


def _translate(query: Query, words: list[str], index: SearchIndex, least: float = 1.0) -> bool:
    """Read Latin words by the lists, the longest phrases first. False if less than `least` of the words are known."""
    groups, known, notes, at = [], 0, [], 0
    while at < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            concepts = default_terms().concepts(phrase) or (
                default_terms().concepts("-".join(words[at : at + length])) if length > 1 else []
            )
            if concepts:
                chinese = list(dict.fromkeys(name for concept in concepts for name in concept.chinese))
                latin = [fold(name) for concept in concepts for name in concept.latin]
                groups.append(Group(phrase, tuple(dict.fromkeys(map(fold, [*chinese, *latin])))))
                notes.append((phrase, chinese))
                known += length
                break
        else:
            length = 1
            groups.append(Group(words[at]))
            known += _is_known(words[at], index)
        at += length
    if not words or known / len(words) < least:
        return False
    query.groups = groups
    if notes:
        query.text = " ".join(_translation(group, dict(notes)) for group in groups)
        spelled = {word.casefold(): word for word in query.written.split()}
        query.note = "，".join(f"{spelled.get(phrase, phrase)} 即{chinese[0]}" for phrase, chinese in notes[:3])
    return True


def _translation(group: Group, chinese: dict[str, list[str]]) -> str:
    return " ".join(chinese[group.word][:2]) if group.word in chinese else group.word


def _related_words(query: Query) -> list[str]:
    """Technical words for everyday ones, and the other names of the terms in the text."""
    terms = default_terms()
    related = [technical for word, meant in terms.colloquial.items() if word in query.folded for technical in meant]
    for run in runs(query.text):
        if is_han(run):
            for start in range(len(run)):
                for end in range(min(len(run), start + LONGEST_WORD), start + 1, -1):
                    if run[start:end] in terms.by_name:
                        related += terms.equivalents(run[start:end])[:4]
                        break
        else:
            related += terms.equivalents(run)[:4]
    return [word for word in dict.fromkeys(related) if word not in query.text]
