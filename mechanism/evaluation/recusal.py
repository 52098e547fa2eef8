"""Who must recuse themselves: same unit, one of those who completed it, who worked with them, a declared interest."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Facts:
    """About an expert and an item, as far as the registry knows."""

    expert: str
    expert_units: Collection[str]
    item_units: Collection[str]
    """Institution, its short name, cooperating units."""
    completers: Collection[str]
    worked_with: Collection[str] = field(default=())
    """Names beside which the expert stands as completer of some other item."""
    interest: str = ""
    """What the expert has declared."""


def recusals(facts: Facts) -> list[str]:
    """Every reason why this expert must not mark this item, in words; empty if none is known."""
    return list(_reasons(facts))


def _reasons(facts: Facts) -> Iterator[str]:
    for unit in facts.expert_units:
        for other in facts.item_units:
            if _same_unit(unit, other):
                yield f"与完成单位“{other}”是同一单位"
                break
    if facts.expert in facts.completers:
        yield "与成果的主要完成人同名"
    if shared := sorted(set(facts.worked_with) & set(facts.completers) - {facts.expert}):
        yield f"与主要完成人{'、'.join(shared)}共同完成过其他成果"
    if facts.interest:
        yield f"专家声明有利益关系：{facts.interest}"


def _same_unit(one: str, other: str) -> bool:
    """Spelt alike, or a part of the other (某大学 and 某大学化工学院)."""
    one, other = _plain(one), _plain(other)
    if not one or not other:
        return False
    return one == other or (min(len(one), len(other)) >= 4 and (one.startswith(other) or other.startswith(one)))


def _plain(unit: str) -> str:
    return re.sub(r"[\s（）()·,，.。]", "", unit).lower()
