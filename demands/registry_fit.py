"""How many firms of the registry fit what the public sees of an anonymous demand. Pure.

An attacker who holds all public data asks: which registered firms are in this district, in this industry, of this kind,
and say elsewhere what this text says? The fewer firms remain, the less a missing name protects.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings

from core.traditional import simplified

ENOUGH = settings.ANONYMITY_FIRMS
"""A text is anonymous if at least so many firms fit (k-anonymity)."""
MIN_PHRASE = 4
MAX_PHRASES = 40
_RUN = re.compile(r"[\u3400-\u9fff]{4,}|[a-z]+[0-9][a-z0-9]+|[a-z]{5,}|[0-9]+[a-z][a-z0-9]+")
_EDGE = frozenset(
    "的了是在和与能不要我们把就都也很还有个这那来去做想以可会让给对从到为用等其之所被只又再着过吗呢吧得地上下里中后前"
)
FIRM_KINDS = (
    "高企",
    "高新技术企业",
    "专精特新",
    "小巨人",
    "科小",
    "科技型中小企业",
    "规上",
    "上市公司",
    "瞪羚",
    "独角兽",
    "国企",
    "央企",
)


@dataclass(frozen=True)
class FirmFacts:
    """What is publicly known, or known in the trade, of one firm. `texts`: name, profile, published named demands."""

    pk: int
    region: int | None
    industries: frozenset[int]
    firm_type: str
    texts: str


@dataclass(frozen=True)
class Fact:
    """One thing that narrows the firms down to `firms`. `advice`: what to do about it."""

    kind: str
    label: str
    firms: frozenset[int]
    advice: str = ""


@dataclass(frozen=True)
class Fit:
    """`count`: firms that fit all facts. `total`: firms in the registry."""

    count: int
    total: int
    facts: tuple[Fact, ...]

    @property
    def is_enough(self) -> bool:
        return self.count >= ENOUGH

    @cached_property
    def narrowing(self) -> list[tuple[Fact, int]]:
        """Facts without which more firms would fit, with that number, the most effective first."""
        rows = [(fact, _count(self.facts, without=fact, total=self.total)) for fact in self.facts]
        return sorted((row for row in rows if row[1] > self.count), key=lambda row: -row[1])


@dataclass
class Registry:
    firms: dict[int, FirmFacts]
    other_texts: list[tuple[int, str]] = field(default_factory=list)
    """(firm, text) of published anonymous demands: they show which phrases are common, but name nobody."""

    def fit(self, own: int, facts: Iterable[Fact]) -> Fit:
        """The firms that fit all of `facts`; the own firm always does."""
        facts = tuple(facts)
        return Fit(max(1, _count(facts, total=len(self.firms))), len(self.firms), facts)

    def region_fact(self, region: int, label: str) -> Fact:
        firms = frozenset(pk for pk, firm in self.firms.items() if firm.region == region)
        return Fact("region", f"区市县：{label}", firms, "不写区市县")

    def industry_fact(self, family: frozenset[int], label: str) -> Fact:
        firms = frozenset(pk for pk, firm in self.firms.items() if firm.industries & family)
        return Fact("industry", f"产业链：{label}", firms, "产业链写到大类，或者不写")

    def kind_facts(self, own: int, text: str) -> list[Fact]:
        """Kinds such as 专精特新 that the text states of the firm."""
        own_type = self.firms[own].firm_type if own in self.firms else ""
        return [
            Fact("kind", f"企业类型：{kind}", self._of_type(kind), f"删去“{kind}”")
            for kind in FIRM_KINDS
            if kind in text and kind in own_type
        ]

    def _of_type(self, kind: str) -> frozenset[int]:
        return frozenset(pk for pk, firm in self.firms.items() if kind in firm.firm_type)

    def phrase_facts(self, own: int, text: str) -> list[Fact]:
        """Phrases of the text that few firms use in public, this firm among them."""
        if own not in self.firms:
            return []
        facts = []
        for phrase in shared_phrases(text, self.firms[own].texts)[:MAX_PHRASES]:
            firms = frozenset(pk for pk, firm in self.firms.items() if phrase in firm.texts)
            users = firms | {pk for pk, other in self.other_texts if phrase in other}
            if len(users) < ENOUGH:
                facts.append(Fact("phrase", f"“{phrase}”", firms | {own}, f"“{phrase}”换一种更一般的说法"))
        return facts


def folded(text: str) -> str:
    return simplified(text).lower()


def shared_phrases(text: str, public: str) -> list[str]:
    """The longest phrases of both texts: four Han characters or more, words of letters and digits. Longest first."""
    phrases = set()
    for run in _RUN.findall(text):
        if run[0].isascii():
            if re.search(rf"(?<![a-z0-9]){re.escape(run)}(?![a-z0-9])", public):
                phrases.add(run)
            continue
        start = 0
        while start <= len(run) - MIN_PHRASE:
            end = start + MIN_PHRASE
            if run[start:end] not in public:
                start += 1
                continue
            while end < len(run) and run[start : end + 1] in public:
                end += 1
            phrase = _trimmed(run[start:end])
            if len(phrase) >= MIN_PHRASE:
                phrases.add(phrase)
            start = end - MIN_PHRASE + 1 if end - start > MIN_PHRASE else start + 1
    kept = [phrase for phrase in phrases if not any(phrase != other and phrase in other for other in phrases)]
    return sorted(kept, key=lambda phrase: (-len(phrase), phrase))


def _trimmed(phrase: str) -> str:
    while phrase and phrase[0] in _EDGE:
        phrase = phrase[1:]
    while phrase and phrase[-1] in _EDGE:
        phrase = phrase[:-1]
    return phrase


def _count(facts: Sequence[Fact], *, total: int, without: Fact | None = None) -> int:
    """The firms that all facts but one share; all firms if there are no facts."""
    kept = [fact.firms for fact in facts if fact is not without]
    return len(frozenset.intersection(*kept)) if kept else total
