"""The one sentence about a match, made of its facts and of nothing else; every part says where its evidence stands."""

from collections.abc import Sequence
from typing import TypedDict

from matching.engine.facts import Fact

ORDER = ("indicators", "price", "stage", "ways", "exclusivity", "period", "district")
"""What an engineer asks first stands first."""

WHOLE_SUBJECT = 4

SILENT = "双方资料中可比的内容不多，请阅读原文"


class Part(TypedDict):
    """`anchor`: the id of the element that shows the evidence; `verdict`: as in the fact, or "words"."""

    text: str
    anchor: str
    verdict: str


def parts(
    terms: Sequence[str], facts: Sequence[Fact], titles: tuple[str, str] = ("", ""), related: Sequence[str] = ()
) -> list[Part]:
    """The parts of the sentence, in order. Facts without a `brief` (older matches) speak only where they say no.

    `related` (耐蚀≈防腐) is said where no term stands in both texts.
    """
    found: list[Part] = []
    if terms:
        both = [term for term in terms if all(term in title for title in titles)]
        text = _subject(both[0]) if both else f"都提到{terms[0]}"
        found.append({"text": text, "anchor": "ev-terms", "verdict": "words"})
    elif related:
        found.append({"text": f"用词相关：{related[0]}", "anchor": "ev-related", "verdict": "words"})
    by_kind = {fact["kind"]: fact for fact in facts}
    for kind in ORDER:
        fact = by_kind.get(kind)
        text = _text(fact) if fact else ""
        if text:
            found.append({"text": text, "anchor": f"ev-{kind}", "verdict": fact["verdict"]})
    return found


def _subject(term: str) -> str:
    """A long term in both titles is what both are (同为碳纤维预浸料); a short one (机器人) only what both concern."""
    return f"同为{term}" if len(term) >= WHOLE_SUBJECT else f"都涉及{term}"


def sentence(found: Sequence[Part]) -> str:
    """同为碳纤维预浸料；耐温满足；价格高于预算 40%；目前小试."""
    return "；".join(part["text"] for part in found) or SILENT


def _text(fact: Fact) -> str:
    if "brief" in fact:
        return fact["brief"]
    return fact["sentence"] if fact["verdict"] in {"talk", "contradicts"} and fact["kind"] != "indicators" else ""
