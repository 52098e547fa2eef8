"""The districts that a query names: by name, by an alias, by the beginning of the name, by sound."""

from dataclasses import dataclass, field

from accounts.models import Region
from portal.search import sounds
from portal.search.folding import fold
from portal.search.results import literal_only

SHORTEST_PREFIX, SHORTEST_SOUND = 2, 5
_APART = frozenset(" 的，、")
"""What stands beside a short name that is meant as a name: 海城的船厂, not the middle of another word."""


@dataclass(frozen=True)
class NamedDistricts:
    """`rows`: (district, why it is meant). `is_whole`: the query is the name of a district and nothing else."""

    rows: list[tuple[Region, str]] = field(default_factory=list)
    is_whole: bool = False


def named_districts(q: str) -> NamedDistricts:
    """The districts with a page that the cleaned query `q` names. One query; nothing for personal data."""
    if literal_only(q):
        return NamedDistricts()
    folded = fold(q)
    regions = [(region, district_names(region)) for region in Region.objects.reporting()]
    whole = [(region, f"“{q}”是它的名称或别名") for region, names in regions if folded in names]
    if whole:
        return NamedDistricts(whole, is_whole=True)
    letters = sounds.typed_letters(folded) if folded.isascii() else ""
    if len(letters) >= SHORTEST_SOUND:
        blurred = sounds.blurred(letters)
        rows = [
            (region, f"按拼音读作“{name}”")
            for region, names in regions
            for name in [next((name for name in names if sounds.blurred(sounds.letters(name)) == blurred), "")]
            if name
        ]
        return NamedDistricts(rows, is_whole=bool(rows))
    rows = []
    for region, (name, *aliases) in regions:
        if len(folded) >= SHORTEST_PREFIX and name.startswith(folded):
            rows.append((region, f"名称以“{q}”开头"))
        elif name in folded or any(_stands_apart(alias, folded) for alias in aliases):
            rows.append((region, "您写到了这里"))
    return NamedDistricts(rows)


def district_names(region: Region) -> list[str]:
    """The name, then the aliases; folded."""
    return [fold(name) for name in (region.name, *region.aliases.split("、")) if name]


def _stands_apart(name: str, folded: str) -> bool:
    at = folded.find(name)
    before, after = folded[at - 1 : at] if at > 0 else " ", folded[at + len(name) : at + len(name) + 1] or " "
    return at >= 0 and before in _APART and after in _APART
