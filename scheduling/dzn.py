"""Reads MiniZinc data files of the B2B meeting scheduling problem (Bofill et al., JAIR 2022).

Participants, meetings and slots are numbered from 1 in the file. The numbers of participants and meetings become the
ids of the event; its slots are numbered from 0. Each participant is a party of one person, and every meeting is
required.
"""

import re
from pathlib import Path
from typing import Any

from scheduling.errors import InstanceFileError
from scheduling.event import Event, Lock, MeetingHall, MeetingParty, Precedence, RequestedMeeting, TimeSlot, TimeWindow

SLOT_MINUTES = 30
NUMBERS = ("nBusiness", "nMeetings", "nTables", "nTotalSlots", "nMorningSlots")
LISTS = ("requested", "forbidden", "fixed", "precedences")
"""Only `requested` is mandatory."""
MORNING, AFTERNOON, ANY_TIME = 1, 2, 3

type Values = dict[str, Any]
"""Numbers by name, and lists of numbers or of rows."""


def read(path: str | Path) -> Event:
    """The event of a file. Raises InstanceFileError, InvalidEventError, OSError."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InstanceFileError(f"{path} 不是 UTF-8 文本") from None
    return _event(_values(re.sub(r"%[^\n]*", "", text), path), path)


def _values(text: str, path: str | Path) -> Values:
    raw = {name: value.strip() for name, value in re.findall(r"(\w+)\s*=\s*([^;]*);", text)}
    if missing := [name for name in NUMBERS + LISTS[:1] if name not in raw]:
        raise InstanceFileError(f"{path} 缺少 {'、'.join(missing)}")
    try:
        values: Values = {name: int(raw[name]) for name in NUMBERS}
    except ValueError:
        raise InstanceFileError(f"{path} 的 {'、'.join(NUMBERS)} 应是整数") from None
    return values | {name: _list(raw[name]) for name in LISTS if name in raw}


def _list(text: str) -> list[Any]:
    """[|a,b,|c,d|] as rows; [{a,b},{}] as rows; [a,b] as numbers. A set may be written a..b."""
    if text.startswith("[|"):
        return [_numbers(row) for row in text.strip("[]").split("|") if row.strip()]
    if "{" in text or ".." in text:
        return [_numbers(row) for row in re.findall(r"\{[^}]*\}|-?\d+\s*\.\.\s*-?\d+", text)]
    return _numbers(text)


def _numbers(text: str) -> list[int]:
    if ends := re.fullmatch(r"\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*", text):
        return list(range(int(ends[1]), int(ends[2]) + 1))
    return [int(number) for number in re.findall(r"-?\d+", text)]


def _event(values: Values, path: str | Path) -> Event:
    participants, meetings, slots = values["nBusiness"], values["nMeetings"], values["nTotalSlots"]
    requested = values["requested"]
    forbidden = values.get("forbidden") or [[]] * participants
    fixed = values.get("fixed") or [0] * meetings
    precedences = values.get("precedences") or [[]] * meetings
    for name, rows, length in (
        ("requested", requested, meetings),
        ("forbidden", forbidden, participants),
        ("fixed", fixed, meetings),
        ("precedences", precedences, meetings),
    ):
        if len(rows) != length:
            raise InstanceFileError(f"{path} 的 {name} 有 {len(rows)} 项，应有 {length} 项")
    if any(len(row) != 3 or row[2] not in (MORNING, AFTERNOON, ANY_TIME) for row in requested):
        raise InstanceFileError(f"{path} 的 requested 每行应是三个数：双方编号，以及 1（上午）、2（下午）或 3（不限）")
    allowed_slots = {
        MORNING: tuple(range(values["nMorningSlots"])),
        AFTERNOON: tuple(range(values["nMorningSlots"], slots)),
        ANY_TIME: None,
    }
    return Event(
        slots=tuple(TimeSlot(*_window(n)) for n in range(slots)),
        halls=(MeetingHall(1, values["nTables"]),),
        parties=tuple(
            MeetingParty(n, availability=_availability(forbidden[n - 1], slots)) for n in range(1, participants + 1)
        ),
        meetings=tuple(
            RequestedMeeting(n, (first, second), slots=allowed_slots[half], required=True)
            for n, (first, second, half) in enumerate(requested, start=1)
        ),
        locks=tuple(Lock(n, slot - 1) for n, slot in enumerate(fixed, start=1) if slot),
        precedences=tuple(
            Precedence(before, n) for n, befores in enumerate(precedences, start=1) for before in befores
        ),
    )


def _window(slot: int) -> TimeWindow:
    return slot * SLOT_MINUTES, (slot + 1) * SLOT_MINUTES


def _availability(forbidden: list[int], slots: int) -> tuple[TimeWindow, ...] | None:
    absent = {slot - 1 for slot in forbidden if slot}
    return tuple(_window(n) for n in range(slots) if n not in absent) if absent else None
