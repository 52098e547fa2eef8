"""The one-sentence explanation of a match, built from its terms and facts only. Each part links to its evidence.

对得上：都提到坡口、焊剂，跟踪误差满足；缺：工期未说明；不适用：曲面缝（“曲面缝不适用”）；需商谈：价格高于预算 40%。
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, NotRequired, TypedDict

from matching.engine.facts import RESULT_WORDS, Fact, named
from matching.engine.indicators import IndicatorComparison

FACT_ORDER = (
    "indicators",
    "price",
    "stage",
    "ways",
    "exclusivity",
    "period",
    "district",
    "limits",
    "registered_limits",
)
"""The order in which engineers ask."""

NOTHING_COMPARABLE = "双方资料中可比的内容不多，请阅读原文"

MIN_SUBJECT_TERMS, MIN_SUBJECT_LENGTH, NAMED_TERMS = 3, 6, 2
"""A common subject is shown by this many terms, or by one in both titles if all have this many characters."""

NO_TECHNICAL_FIT = "技术内容没有查到对得上的"

GROUPS = {
    "fits": "对得上：",
    "words": "仅有相同或相近的词：",
    "lacks": "缺：",
    "limits": "不适用：",
    "check": "待核对：",
    "terms": "条件相合：",
    "talk": "需商谈：",
    "no": "不合：",
    "also": "",
}
"""Groups of parts in the order of the sentence, each with its lead. `terms` are those of a contract and not technical:
a price within the budget says nothing on whether the achievement fits."""
_TECHNICAL = frozenset({"indicators", "stage"})
_GROUP_OF_VERDICT = {"fits": "terms", "talk": "talk", "contradicts": "no", "unknown": "also"}
_GROUP_OF_RESULT = {"met": "fits", "missed": "lacks", "unstated": "lacks", "partial": "check", "check": "check"}
_VERDICT_OF_RESULT = {"met": "fits", "missed": "contradicts", "unstated": "unknown", "partial": "talk", "check": "talk"}


class ExplanationPart(TypedDict):
    """`anchor`: id of the element that shows the evidence; `verdict`: that of the fact, or "words"; `lead`: what stands
    before the text in the sentence."""

    text: str
    anchor: str
    verdict: str
    lead: NotRequired[str]


class _Part(NamedTuple):
    group: str
    text: str
    anchor: str
    verdict: str


def explanation_parts(
    shared_terms: Sequence[str],
    facts: Sequence[Fact],
    titles: tuple[str, str] = ("", ""),
    related_terms: Sequence[str] = (),
) -> list[ExplanationPart]:
    """Return the parts of the sentence in order. Related terms are named only if there are no shared terms.

    Facts without `brief` (older matches) are named only if they contradict or need discussion.
    """
    parts = [*_terms(shared_terms, titles, related_terms)]
    by_kind = {fact["kind"]: fact for fact in facts}
    for kind in FACT_ORDER:
        if kind in by_kind:
            parts += _fact_parts(by_kind[kind])
    ordered = [part for group in GROUPS for part in parts if part.group == group]
    sentence: list[ExplanationPart] = []
    if ordered and not any(part.group in {"fits", "words", "check"} for part in ordered):
        sentence.append({"text": NO_TECHNICAL_FIT, "anchor": "ev-terms", "verdict": "unknown", "lead": ""})
    previous = "none" if sentence else ""
    for part in ordered:
        joint = "" if not previous else "，" if part.group == previous else "；"
        name = GROUPS[part.group].removeprefix("仅有" if joint == "；" else "")  # not only the words, if more fits
        lead = joint if part.group == previous else f"{joint}{name}"
        sentence.append({"text": part.text, "anchor": part.anchor, "verdict": part.verdict, "lead": lead})
        previous = part.group
    return sentence


def explanation_sentence(parts: Sequence[ExplanationPart]) -> str:
    """Join the parts: 对得上：都涉及预浸料，耐温满足；需商谈：价格高于预算 40%；目前小试."""
    return "".join(part.get("lead", "") + part["text"] for part in parts) or NOTHING_COMPARABLE


def _terms(shared_terms: Sequence[str], titles: tuple[str, str], related_terms: Sequence[str]) -> Iterator[_Part]:
    """Name the terms that both texts use.

    One short word (脱硫, 轴承) may mean different things, so the sentence only says that the word is common, unless
    more show a common subject. Of relations only synonyms are named.
    """
    if not shared_terms:
        if synonyms := [relation for relation in related_terms if "≈" in relation]:
            yield _Part("words", synonyms[0], "ev-related", "words")
        return
    in_titles = {term: sum(term in title for title in titles) for term in shared_terms}
    ordered = sorted(shared_terms, key=lambda term: -in_titles[term])
    is_long = sum(map(len, shared_terms)) >= MIN_SUBJECT_LENGTH
    is_subject = len(shared_terms) >= MIN_SUBJECT_TERMS or (is_long and 2 in in_titles.values())
    verb = "都涉及" if in_titles[ordered[0]] == 2 else "都提到"
    if is_subject:
        yield _Part("fits", verb + "、".join(ordered[:NAMED_TERMS]), "ev-terms", "words")
    else:
        yield _Part("words", "、".join(ordered[:NAMED_TERMS]), "ev-terms", "words")


def _fact_parts(fact: Fact) -> Iterator[_Part]:
    if fact["kind"] == "indicators" and fact.get("rows"):
        yield from _indicator_parts(fact["rows"])
    elif text := _fact_text(fact):
        group = _GROUP_OF_VERDICT.get(fact["verdict"], "also")
        if fact["kind"] in {"limits", "registered_limits"}:  # one that is not certain is left to the reader
            group = "limits" if fact["verdict"] == "contradicts" else "check"
        if group == "terms" and fact["kind"] in _TECHNICAL:
            group = "fits"
        yield _Part(group, text, f"ev-{fact['kind']}", fact["verdict"])


def _indicator_parts(rows: Sequence[IndicatorComparison]) -> Iterator[_Part]:
    """Name the indicators by result."""
    for result, group in _GROUP_OF_RESULT.items():
        chosen = [row for row in rows if row["result"] == result]
        if not chosen:
            continue
        text = named([row["name"] for row in chosen], RESULT_WORDS[result])
        if group == "check":
            text = named([row["name"] for row in chosen], "") + _reason(chosen)
        elif result == "met" and any("成果未写" in row["note"] for row in chosen):
            text += "（测试条件未写明）"
        yield _Part(group, text, "ev-indicators", _VERDICT_OF_RESULT[result])


def _reason(rows: Sequence[IndicatorComparison]) -> str:
    """Return why indicators have to be checked: （只在 15–32 ℃ 下测得）; （见逐项比对） if for different reasons."""
    starts = ("只在", "条件不同", "名称不同", "成果未写", "计数单位不同")
    reasons = {
        (note.split("（")[0] if note.startswith(starts) else note.split("；")[0])
        for row in rows
        if (note := row["note"])
    }
    return f"（{reasons.pop() if len(reasons) == 1 else '见逐项比对'}）" if reasons else ""


def _fact_text(fact: Fact) -> str:
    if "brief" in fact:
        return fact["brief"]
    return fact["sentence"] if fact["verdict"] in {"talk", "contradicts"} and fact["kind"] != "indicators" else ""
