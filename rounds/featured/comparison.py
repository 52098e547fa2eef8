"""Differences between the list in force and a proposal, each with its reason."""

from dataclasses import dataclass

from rounds.featured.scoring import score_text
from rounds.featured.selection import FeaturedProposal, RankedCandidate


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item of the list in force. `score` in tenths of a point, None if it was added without a score."""

    key: str
    title: str
    rank: int
    score: int | None = None


@dataclass(frozen=True, slots=True)
class ListChange:
    """`kind`: in, out or moved. Ranks count from 1; 0 means not in that list."""

    kind: str
    key: str
    title: str
    before: int
    after: int
    why: str


def compare_lists(current: list[ListedItem], proposal: FeaturedProposal) -> list[ListChange]:
    """Return additions, then removals, then moves, each ordered by place; empty if nothing changes."""
    before = {item.key: item for item in current}
    after = {ranked.key: ranked for ranked in proposal.chosen}
    came = [
        ListChange("in", ranked.key, ranked.candidate.title, 0, ranked.rank, _why_in(ranked))
        for ranked in proposal.chosen
        if ranked.key not in before
    ]
    left = [
        ListChange(
            "out", item.key, item.title, item.rank, 0, proposal.reason_left_out(item.key) or "已不在可推介的成果中"
        )
        for item in current
        if item.key not in after
    ]
    shifts = _shifts(before, after, proposal)
    moved = [
        ListChange("moved", ranked.key, ranked.candidate.title, before[ranked.key].rank, ranked.rank, why)
        for ranked, why in shifts
    ]
    return [*came, *left, *moved]


def _why_in(ranked: RankedCandidate) -> str:
    own = [reason.words for reason in ranked.reasons if reason.kind in {"pin", "limit"}]
    worth = [reason.words for reason in ranked.reasons if reason.kind not in {"pin", "limit", "place", "rest"}]
    return "；".join([*own, f"{ranked.score_words} 分", *worth[-1:]])


def _shifts(before: dict[str, ListedItem], after: dict[str, RankedCandidate], proposal: FeaturedProposal):
    """Yield (ranked candidate, reason) for items of both lists whose rank differs."""
    for ranked in proposal.chosen:
        was = before.get(ranked.key)
        if was is None or was.rank == ranked.rank:
            continue
        if ranked.is_placed:
            yield ranked, f"手动放在第 {ranked.rank} 位"
        elif was.score is not None and was.score != ranked.score:
            yield ranked, f"得分 {score_text(was.score)} → {ranked.score_words}"
        else:
            came = sum(other.rank < ranked.rank for key, other in after.items() if key not in before)
            gone = sum(other.rank < was.rank for key, other in before.items() if key not in after)
            yield ranked, _pushed(came, gone)


def _pushed(came: int, gone: int) -> str:
    words = [f"前面新进 {came} 项"] if came else []
    if gone:
        words.append(f"前面调出 {gone} 项")
    return "，".join(words) or "前面的顺序有变化"
