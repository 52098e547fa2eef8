"""The one-sentence explanation of a match, built from its terms and facts only. Each part links to its evidence."""

from collections.abc import Sequence
from typing import TypedDict

from matching.engine.facts import Fact

FACT_ORDER = ("indicators", "price", "stage", "ways", "exclusivity", "period", "district")
"""The order in which engineers ask."""

MIN_SUBJECT_LENGTH = 4

NOTHING_COMPARABLE = "双方资料中可比的内容不多，请阅读原文"


class ExplanationPart(TypedDict):
    """`anchor`: id of the element that shows the evidence; `verdict`: that of the fact, or "words"."""

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
    parts: list[ExplanationPart] = []
    if shared_terms:
        in_both_titles = [term for term in shared_terms if all(term in title for title in titles)]
        text = _subject(in_both_titles[0]) if in_both_titles else f"都提到{shared_terms[0]}"
        parts.append({"text": text, "anchor": "ev-terms", "verdict": "words"})
    elif related_terms:
        parts.append({"text": f"用词相关：{related_terms[0]}", "anchor": "ev-related", "verdict": "words"})
    by_kind = {fact["kind"]: fact for fact in facts}
    for kind in FACT_ORDER:
        if kind in by_kind and (text := _fact_text(by_kind[kind])):
            parts.append({"text": text, "anchor": f"ev-{kind}", "verdict": by_kind[kind]["verdict"]})
    return parts


def explanation_sentence(parts: Sequence[ExplanationPart]) -> str:
    """Join the parts: 同为碳纤维预浸料；耐温满足；价格高于预算 40%；目前小试."""
    return "；".join(part["text"] for part in parts) or NOTHING_COMPARABLE


def _subject(term: str) -> str:
    """A long term in both titles names what both are (同为碳纤维预浸料), a short one (机器人) only their field."""
    return f"同为{term}" if len(term) >= MIN_SUBJECT_LENGTH else f"都涉及{term}"


def _fact_text(fact: Fact) -> str:
    if "brief" in fact:
        return fact["brief"]
    return fact["sentence"] if fact["verdict"] in {"talk", "contradicts"} and fact["kind"] != "indicators" else ""
