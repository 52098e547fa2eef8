"""An opened bid as pages show it to those who may read it."""

from dataclasses import dataclass

from accounts.models import Organisation
from achievements.models import Achievement
from challenges.bid_content import TEXTS
from challenges.models import BidFile
from challenges.services.opening import OpenedBid, handed_in_files
from challenges.services.persons import hidden_names, without_names


@dataclass(frozen=True)
class BidView:
    """`promises`, `plan`: (label, text); `parts`: (unit, its work)."""

    units: list[str]
    texts: list[tuple[str, str]]
    price_wan: str
    promises: list[tuple[str, str]]
    plan: list[tuple[str, str]]
    parts: list[tuple[str, str]]
    achievements: list[Achievement]
    files: list[tuple[BidFile, str]]


def bid_view(opened: OpenedBid) -> BidView | None:
    """None if the seal is broken."""
    content = opened.content
    if content is None:
        return None
    challenge, names = opened.bid.challenge, hidden_names(opened.bid)
    ids = content.get("members", [])
    units = {row.public_id: str(row) for row in Organisation.objects.filter(public_id__in=ids)}
    promises = [(str(row), content["promises"].get(str(row.pk), "")) for row in challenge.indicators.all()]
    plan = [
        (f"第 {row.month} 个月 {row.title}", content["plan"].get(str(row.pk), "")) for row in challenge.milestones.all()
    ]
    parts = [(units[key], content["parts"].get(key, {}).get("work", "")) for key in ids if key in units]
    return BidView(
        units=[units[key] for key in ids if key in units],
        texts=[(label, without_names(content[key], names)) for key, label in TEXTS.items()],
        price_wan=content["price_wan"],
        promises=_shown(promises, names),
        plan=_shown(plan, names),
        parts=_shown([part for part in parts if part[1]], names),
        achievements=list(
            Achievement.objects.filter(public_id__in=content["achievements"]).select_related("institution")
        ),
        files=[(file, without_names(name, names)) for file, name in handed_in_files(opened)],
    )


def _shown(lines: list[tuple[str, str]], names: list[str]) -> list[tuple[str, str]]:
    return [(label, without_names(text, names)) for label, text in lines]
