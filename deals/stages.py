"""Which steps a deal may take, as a table. Knows neither the database nor people.

意向 → 协议签约 → 合同登记 → 履约到账 → 落地 → 复盘. On by one is plain; further on skips stages and says why; back, at
most to 意向, says why; 未成 is an end, reached with a reason from whatever has not landed yet.
"""

from enum import StrEnum

ORDER = ("intent", "signed", "registered", "performing", "landed", "reviewed")
FAILED = "failed"
MAY_FAIL = ORDER[:4]
"""What has landed has come to something: it is gone back from first, with the reason."""


class Move(StrEnum):
    NEXT = "next"
    SKIP = "skip"
    BACK = "back"
    FAIL = "fail"


NEEDS_REASON = (Move.SKIP, Move.BACK, Move.FAIL)


def move_of(source: str, target: str) -> Move | None:
    """What kind of step leads from `source` to `target`; None where none does. Raises KeyError for unknown stages."""
    return _TABLE[source, target]


def onward(source: str) -> list[str]:
    """The stages a deal may reach from `source`, the plain next one first."""
    targets = [target for target in (*ORDER, FAILED) if _TABLE[source, target]]
    return sorted(targets, key=lambda target: list(Move).index(_TABLE[source, target]))


def _move(source: str, target: str) -> Move | None:
    if target == FAILED:
        return Move.FAIL if source in MAY_FAIL else None
    if source in (FAILED, target):
        return None
    distance = ORDER.index(target) - ORDER.index(source)
    if distance < 0:
        return Move.BACK
    return Move.NEXT if distance == 1 else Move.SKIP


_TABLE = {(source, target): _move(source, target) for source in (*ORDER, FAILED) for target in (*ORDER, FAILED)}
