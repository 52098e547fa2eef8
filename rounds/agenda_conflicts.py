"""Conflicts within an agenda: a person, hall or achievement needed twice at the same time. Pure: entries in,
sentences out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from django.utils.timezone import localtime


@dataclass(frozen=True)
class AgendaPerson:
    """`key` is equal for a person who is entered twice, None for external speakers. `unit` is the organisation, as
    far as known."""

    name: str
    unit: str = ""
    key: int | None = None


@dataclass(frozen=True)
class AgendaEntry:
    """The part of an agenda item that can conflict. `parties`: (id, name) of parties that attend as a whole;
    `party_of`: (id, name) of parties of single people."""

    title: str
    starts_at: datetime
    ends_at: datetime
    hall: tuple[int, str] | None = None
    achievement: tuple[int, str] | None = None
    people: tuple[AgendaPerson, ...] = ()
    parties: tuple[tuple[int, str], ...] = ()
    party_of: tuple[tuple[int, str], ...] = ()

    @property
    def when(self) -> str:
        return f"{localtime(self.starts_at):%H:%M}–{localtime(self.ends_at):%H:%M}"


def find_conflicts(entries: Iterable[AgendaEntry]) -> list[str]:
    """Return a sentence for each conflict, by time."""
    ordered = sorted(entries, key=lambda entry: entry.starts_at)
    return [sentence for first, other in combinations(ordered, 2) for sentence in conflicts_between(first, other)]


def conflicts_between(first: AgendaEntry, other: AgendaEntry) -> list[str]:
    """Return the conflicts of two entries; empty if they do not overlap."""
    if first.starts_at >= other.ends_at or other.starts_at >= first.ends_at:
        return []
    pair = "“%(one)s”（%(one_when)s）和“%(other)s”（%(other_when)s）" % {
        "one": first.title,
        "one_when": first.when,
        "other": other.title,
        "other_when": other.when,
    }
    sentences = []
    if first.hall and first.hall == other.hall:
        sentences.append("%(pair)s都在%(hall)s，请换场地或错开时间。" % {"pair": pair, "hall": first.hall[1]})
    if first.achievement and first.achievement == other.achievement:
        sentences.append(
            "%(pair)s都推介“%(title)s”，请保留一处或错开时间。" % {"pair": pair, "title": first.achievement[1]}
        )
    for name in _shared_people(first, other):
        sentences.append("%(name)s要同时参加%(pair)s，请换人或错开时间。" % {"name": name, "pair": pair})
    for name in _shared_parties(first, other):
        sentences.append(
            "%(name)s要同时参加%(pair)s，请错开时间，或改为指定各自的参会人员。" % {"name": name, "pair": pair}
        )
    return sentences


def _shared_people(first: AgendaEntry, other: AgendaEntry) -> list[str]:
    return list(
        dict.fromkeys(mine.name for mine in first.people for theirs in other.people if _is_same_person(mine, theirs))
    )


def _is_same_person(first: AgendaPerson, other: AgendaPerson) -> bool:
    """Compare people of the guest list by key, others by name unless their organisations differ."""
    if first.key is not None and other.key is not None:
        return first.key == other.key
    if first.name != other.name:
        return False
    return not first.unit or not other.unit or first.unit in other.unit or other.unit in first.unit


def _shared_parties(first: AgendaEntry, other: AgendaEntry) -> list[str]:
    """Return parties needed as a whole in one entry, and as a whole or in part in the other."""
    mine, theirs = dict(first.parties), dict(other.parties)
    whole = [name for key, name in mine.items() if key in theirs or key in dict(other.party_of)]
    return list(dict.fromkeys(whole + [name for key, name in theirs.items() if key in dict(first.party_of)]))
