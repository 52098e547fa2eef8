"""What moved between the list that stands and the one proposed, each move with why."""

from dataclasses import dataclass

from rounds.featured.scoring import score_text
from rounds.featured.selection import FeaturedProposal, RankedCandidate


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item of the list that stands. `score` in tenths, None where it was set without one; `place` the one set by
    hand when it was put there."""

    key: str
    title: str
    rank: int
    score: int | None = None


@dataclass(frozen=True, slots=True)
class ListChange:
    """`kind`: in, out or moved. Ranks count from 1; 0 is not in that list."""

    kind: str
    key: str
    title: str
    before: int
    after: int
    why: str


def compare_lists(standing: list[ListedItem], proposal: FeaturedProposal) -> list[ListChange]:
    """First what comes in, then what goes, then what moves, each by its place. Empty if nothing changes."""
    before = {item.key: item for item in standing}
    after = {seat.key: seat for seat in proposal.chosen}
    came = [
        ListChange("in", seat.key, seat.candidate.title, 0, seat.rank, _why_in(seat))
        for seat in proposal.chosen
        if seat.key not in before
    ]
    left = [
        ListChange("out", item.key, item.title, item.rank, 0, proposal.why_not(item.key) or "已不在可推介的成果中")
        for item in standing
        if item.key not in after
    ]
    shifts = _shifts(before, after, proposal)
    moved = [
        ListChange("moved", seat.key, seat.candidate.title, before[seat.key].rank, seat.rank, why)
        for seat, why in shifts
    ]
    return [*came, *left, *moved]


def _why_in(seat: RankedCandidate) -> str:
    own = [reason.words for reason in seat.reasons if reason.kind in {"pin", "limit"}]
    worth = [reason.words for reason in seat.reasons if reason.kind not in {"pin", "limit", "place", "rest"}]
    return "；".join([*own, f"{seat.score_words} 分", *worth[-1:]])


def _shifts(before: dict[str, ListedItem], after: dict[str, RankedCandidate], proposal: FeaturedProposal):
    """(seat, why) of those in both lists whose place is another one."""
    for seat in proposal.chosen:
        was = before.get(seat.key)
        if was is None or was.rank == seat.rank:
            continue
        if seat.is_placed:
            yield seat, f"手动放在第 {seat.rank} 位"
        elif was.score is not None and was.score != seat.score:
            yield seat, f"得分 {score_text(was.score)} → {seat.score_words}"
        else:
            came = sum(other.rank < seat.rank for key, other in after.items() if key not in before)
            gone = sum(other.rank < was.rank for key, other in before.items() if key not in after)
            yield seat, _pushed(came, gone)


def _pushed(came: int, gone: int) -> str:
    words = [f"前面新进 {came} 项"] if came else []
    if gone:
        words.append(f"前面调出 {gone} 项")
    return "，".join(words) or "前面的顺序有变化"
