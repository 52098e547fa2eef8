"""The moves between the stages of a deal, as a table without database and users.

意向 → 协议签约 → 合同登记 → 履约到账 → 落地 → 复盘. The next stage needs no reason; skipping stages and going back
need one. 未成 ends a deal that has not landed and needs a reason.
"""

from enum import StrEnum

STAGE_ORDER = ("intent", "signed", "registered", "performing", "landed", "reviewed")
FAILED = "failed"
MAY_FAIL = STAGE_ORDER[:4]
"""A landed deal has to go back a stage before it can fail."""


class Move(StrEnum):
    NEXT = "next"
    SKIP = "skip"
    BACK = "back"
    FAIL = "fail"


NEEDS_REASON = (Move.SKIP, Move.BACK, Move.FAIL)


def move_between(source: str, target: str) -> Move | None:
    """The kind of move from `source` to `target`; None if there is none. Raises KeyError for unknown stages."""
    return _MOVES[source, target]


def reachable_stages(source: str) -> list[str]:
    """The stages that a deal may reach from `source`, the next one first."""
    targets = [target for target in (*STAGE_ORDER, FAILED) if _MOVES[source, target]]
    return sorted(targets, key=lambda target: list(Move).index(_MOVES[source, target]))


def _move(source: str, target: str) -> Move | None:
    if target == FAILED:
        return Move.FAIL if source in MAY_FAIL else None
    if source in (FAILED, target):
        return None
    distance = STAGE_ORDER.index(target) - STAGE_ORDER.index(source)
    if distance < 0:
        return Move.BACK
    return Move.NEXT if distance == 1 else Move.SKIP


_STAGES = (*STAGE_ORDER, FAILED)
_MOVES = {(source, target): _move(source, target) for source in _STAGES for target in _STAGES}
