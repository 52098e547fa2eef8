"""Sentences in which firms have published their problems, as examples for the box of the home page."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from core.personal_data import find_personal_data
from demands.models import Demand

SHOWN, READ_DEMANDS = 3, 40
MIN_CHARS, MAX_CHARS, MIN_PLAIN_WORDS = 16, 46, 2
LONGEST_VOICE = 60
_PLAIN = re.compile(
    "老师傅|工人|夜里|人工|拿|敲|堵|漏|断|裂|烂|烧|掉|冻|卡|猜|摸|凭|返工|报废|退货|停机|修|变形|锈|坏|糊|跳|愁"
)
_NOT_ALONE = re.compile(
    "^(?:但|而|所以|因此|另外|其中|这|那|它|他|也|还|又|就|再|可|结果|后来|于是|其|该|同时|[二三]是)"
)


@dataclass(frozen=True)
class ProblemExample:
    sentence: str
    title: str
    industry: str


def problem_examples(demands: QuerySet[Demand]) -> list[ProblemExample]:
    """Return at most SHOWN sentences of the latest published demands, each of another industry. One query.

    Only demands that name their firm and publish their full text are read; sentences with personal data are left out.
    """
    rows = (
        demands.filter(is_anonymous=False, disclosure=Demand.Disclosure.FULL, industry__isnull=False)
        .select_related("firm", "industry")
        .order_by("-published_at__date", "public_id")[:READ_DEMANDS]
    )
    examples: dict[int | None, ProblemExample] = {}
    for demand in rows:
        if demand.industry_id not in examples and (sentence := _sentence(demand.public_text("problem"))):
            examples[demand.industry_id] = ProblemExample(sentence, demand.public_text("title"), demand.industry.name)
            if len(examples) == SHOWN:
                break
    return list(examples.values())


def plain_voices(demands: Iterable[Demand], *, without: Collection[str] = ()) -> list[tuple[Demand, str]]:
    """Demands that name their firm and publish their full text, each with a passage in the words of the workshop.

    `without`: titles whose words stand on the page already.
    """
    shown = (demand for demand in demands if not demand.is_anonymous and not demand.is_teaser_only)
    passages = (
        (demand, plain_passage(demand.public_text("problem"), longest=LONGEST_VOICE))
        for demand in shown
        if demand.public_text("title") not in without
    )
    return [(demand, words) for demand, words in passages if words]


def plain_passage(text: str, *, longest: int) -> str:
    """Return the sentences in a row, of at most `longest` characters together, with most of the plain words, or "".

    None of them has personal data. Of equally plain passages the first, and the shorter one.
    """
    best, most = "", 0
    sentences = _sentences(text)
    for start in range(len(sentences)):
        for end in range(start + 1, len(sentences) + 1):
            passage = "".join(sentences[start:end])
            if len(passage) > longest:
                break
            count = len(_PLAIN.findall(passage))
            if count > most and not _NOT_ALONE.search(passage) and not find_personal_data(passage):
                best, most = passage, count
    return f"{best.rstrip('；。')}。" if best else ""


def _sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in re.findall("[^。！？；\n]+[。！？；]?", text[:2000])]


def _sentence(text: str) -> str:
    """Return the sentence with most of the plain words, or ""."""
    sentences = _sentences(text)
    fitting = [
        sentence
        for sentence in sentences
        if MIN_CHARS <= len(sentence) <= MAX_CHARS
        and len(set(_PLAIN.findall(sentence))) >= MIN_PLAIN_WORDS
        and not _NOT_ALONE.search(sentence)
        and not find_personal_data(sentence)
    ]
    best = max(fitting, key=lambda sentence: len(_PLAIN.findall(sentence)), default="")
    return f"{best.rstrip('；。')}。" if best else ""
