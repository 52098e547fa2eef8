"""适用边界: sentences in which a text says for what an achievement is not suited. They are quoted, never reworded.

固含超过百分之三的体系不适用。 is one; 现有方法做不到。 is about others and is the reason for the achievement. A
sentence from a document is a proposal that a person confirms.
"""

import re
from collections.abc import Iterable, Iterator

LONGEST = 120
"""A longer sentence says more than a limit."""
MOST = 3
_STATES = re.compile(
    "不适用|不适合|不适宜|不宜|不建议|不支持|暂不|用不了|做不了|不可用|(?<!能)不能(?:用|测|进|代替|替代|保证|上市)|"
    "[只仅](?:能)?(?:适用|适合|能用于)|仍(?:要|需|由)人工|(?:没有?|还没|未|尚未|尚无)(?:试|做过|覆盖|验证|经验证|试验)|"
    "不[行成]。"
)
_OF_OTHERS = re.compile("传统|现有|以往|过去|从前|原来|原先|常规|普通|国外|进口|同类|别人|市面|市售|？$")
_SENTENCES = re.compile(r"[^。！？；\n]+[。！？；]?")


def limit_sentences(texts: Iterable[str], most: int = MOST) -> list[str]:
    """The first sentences of the texts that state a limit, as they stand there, each once."""
    sentences: dict[str, None] = {}
    for sentence in _sentences(texts):
        if len(sentences) == most:
            break
        sentences[sentence] = None
    return list(sentences)


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for match in _SENTENCES.finditer(text):
            sentence = match.group().strip()
            if states_limit(sentence):
                yield sentence


def states_limit(sentence: str) -> bool:
    is_short = len(sentence) <= LONGEST
    return is_short and bool(_STATES.search(sentence)) and not _OF_OTHERS.search(sentence)


def limit_lines(text: str) -> list[str]:
    """The registered limits, one of each line."""
    return [line.strip() for line in text.splitlines() if line.strip()]
