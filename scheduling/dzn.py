"""Instances of the B2B meeting scheduling problem as MiniZinc data (Bofill et al., JAIR 2022).

Participants, meetings and slots are counted from 1 in the file, and are the ids of what is read; the event's slots are
counted from 0. A meeting has a participant on either side, each a party of one person; every meeting must be held.
"""

import re
from pathlib import Path

from scheduling.errors import BadFile
from scheduling.event import Event, Hall, Lock, Order, Party, Slot, Wish

MINUTES = 30
NUMBERS = ("nBusiness", "nMeetings", "nTables", "nTotalSlots", "nMorningSlots")
LISTS = ("requested", "forbidden", "fixed", "precedences")


def read(path: str | Path) -> Event:
    """The event of one file. Raises BadFile, BadEvent, OSError."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(f"{path} 不是 UTF-8 文本") from None
    return _event(_values(re.sub(r"%[^\n]*", "", text), path), path)


def _values(text: str, path) -> dict:
    raw = {name: value.strip() for name, value in re.findall(r"(\w+)\s*=\s*([^;]*);", text)}
    if missing := [name for name in NUMBERS + LISTS[:1] if name not in raw]:
        raise BadFile(f"{path} 缺少 {'、'.join(missing)}")
    try:
        values: dict = {name: int(raw[name]) for name in NUMBERS}
    except ValueError:
        raise BadFile(f"{path} 的 {'、'.join(NUMBERS)} 应是整数") from None
    values |= {name: _list(raw[name]) for name in LISTS if name in raw}
    return values


def _list(text: str) -> list:
    """[|a,b,|c,d|] as rows; [{a,b},{}] as lists; [a,b] as numbers. A set may be written a..b."""
    if text.startswith("[|"):
        return [_numbers(row) for row in text.strip("[]").split("|") if row.strip()]
    if "{" in text or ".." in text:
        return [_numbers(one) for one in re.findall(r"\{[^}]*\}|-?\d+\s*\.\.\s*-?\d+", text)]
    return _numbers(text)


def _numbers(text: str) -> list[int]:
    if ends := re.fullmatch(r"\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*", text):
        return list(range(int(ends[1]), int(ends[2]) + 1))
    return [int(one) for one in re.findall(r"-?\d+", text)]


def _event(values: dict, path) -> Event:
    number, meetings, slots = values["nBusiness"], values["nMeetings"], values["nTotalSlots"]
    requested = values["requested"]
    forbidden = values.get("forbidden") or [[]] * number
    fixed = values.get("fixed") or [0] * meetings
    precedences = values.get("precedences") or [[]] * meetings
    for name, rows, length in (
        ("requested", requested, meetings),
        ("forbidden", forbidden, number),
        ("fixed", fixed, meetings),
        ("precedences", precedences, meetings),
    ):
        if len(rows) != length:
            raise BadFile(f"{path} 的 {name} 有 {len(rows)} 项，应有 {length} 项")
    if any(len(row) != 3 or row[2] not in (1, 2, 3) for row in requested):
        raise BadFile(f"{path} 的 requested 每行应是三个数：双方编号，以及 1（上午）、2（下午）或 3（不限）")
    halves = {
        1: tuple(range(values["nMorningSlots"])),
        2: tuple(range(values["nMorningSlots"], slots)),
        3: None,
    }
    return Event(
        slots=tuple(Slot(n * MINUTES, (n + 1) * MINUTES) for n in range(slots)),
        halls=(Hall(1, values["nTables"]),),
        parties=tuple(Party(n, present=_present(forbidden[n - 1], slots)) for n in range(1, number + 1)),
        wishes=tuple(
            Wish(n, (one, other), slots=halves[half], must=True)
            for n, (one, other, half) in enumerate(requested, start=1)
        ),
        locks=tuple(Lock(n, slot - 1) for n, slot in enumerate(fixed, start=1) if slot),
        orders=tuple(Order(before, n) for n, befores in enumerate(precedences, start=1) for before in befores),
    )


def _present(forbidden: list[int], slots: int) -> tuple | None:
    away = {slot - 1 for slot in forbidden if slot}
    return tuple((n * MINUTES, (n + 1) * MINUTES) for n in range(slots) if n not in away) if away else None
