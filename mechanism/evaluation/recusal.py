"""Reasons for recusal: same unit, completer of the achievement, earlier cooperation, a declared interest."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RecusalFacts:
    """What the registry knows about an expert and an achievement."""

    expert: str
    expert_units: Collection[str]
    achievement_units: Collection[str]
    """The institution, its short name and cooperating units."""
    completers: Collection[str]
    worked_with: Collection[str] = field(default=())
    """People who completed another achievement together with the expert."""
    interest: str = ""
    """An interest declared by the expert."""
    unit_word: str = "完成单位"
    """What the units are called in the reasons."""


def recusal_reasons(facts: RecusalFacts) -> list[str]:
    """All reasons, as Chinese texts; empty if none is known."""
    return list(_reasons(facts))


def _reasons(facts: RecusalFacts) -> Iterator[str]:
    for expert_unit in facts.expert_units:
        for unit in facts.achievement_units:
            if _is_same_unit(expert_unit, unit):
                yield f"与{facts.unit_word}“{unit}”是同一单位"
                break
    if facts.expert in facts.completers:
        yield "与成果的主要完成人同名"
    if shared := sorted(set(facts.worked_with) & set(facts.completers) - {facts.expert}):
        yield f"与主要完成人{'、'.join(shared)}共同完成过其他成果"
    if facts.interest:
        yield f"专家声明有利益关系：{facts.interest}"


def _is_same_unit(first: str, second: str) -> bool:
    """Equal names, or one a prefix of the other (某大学 and 某大学化工学院)."""
    first, second = _normalised(first), _normalised(second)
    if not first or not second:
        return False
    is_prefix = first.startswith(second) or second.startswith(first)
    return first == second or (min(len(first), len(second)) >= 4 and is_prefix)


def _normalised(unit: str) -> str:
    return re.sub(r"[\s（）()·,，.。]", "", unit).lower()
