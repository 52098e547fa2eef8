"""By which way each guest of a round can be reached: one rule for the preview, for sending and for the counts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from accounts.models import Role
from notices import recipients
from rounds.models import GuestMessage, Party

ROLE_BY_SIDE = {Party.Side.FIRM: Role.FIRM, Party.Side.INSTITUTION: Role.INSTITUTION}
Way = GuestMessage.Way


@dataclass(frozen=True, slots=True)
class Reach:
    """A guest, its way, its mail addresses and the users who represent it. The addresses are for sending only."""

    party: Party
    way: str
    addresses: tuple[str, ...] = ()
    people: tuple[int, ...] = ()


@dataclass
class WayCounts:
    """Number of guests by way. Each guest is counted once, whatever number of addresses and users it has."""

    mailed: int = 0
    noticed: int = 0
    to_call: int = 0

    @classmethod
    def of(cls, ways: Iterable[str]) -> "WayCounts":
        counts = cls()
        for way in ways:
            counts.mailed += way == Way.MAIL
            counts.noticed += way == Way.NOTICE
            counts.to_call += way == Way.CALL
        return counts

    @property
    def total(self) -> int:
        return self.mailed + self.noticed + self.to_call

    @property
    def sent(self) -> int:
        """Those to whom something went out; the others have to be telephoned."""
        return self.mailed + self.noticed

    @property
    def sentence(self) -> str:
        """12 家：发邮件 3 家，发平台消息 1 家，要打电话 8 家; ways that nobody has are left out."""
        ways = (("发邮件", self.mailed), ("发平台消息", self.noticed), ("要打电话", self.to_call))
        parts = [f"{label} {number} 家" for label, number in ways if number]
        return f"{self.total} 家：" + "，".join(parts) if parts else "0 家"


def reach_of(parties: Collection[Party]) -> list[Reach]:
    """The way of each party: by mail if an address is known, else by a notice in its account, else by telephone."""
    addresses, people = mail_addresses(parties), recipients_by_party(parties)
    return [
        Reach(
            party,
            Way.MAIL if addresses[party.pk] else Way.NOTICE if people[party.pk] else Way.CALL,
            tuple(addresses[party.pk]),
            tuple(people[party.pk]),
        )
        for party in parties
    ]


def mail_addresses(parties: Collection[Party]) -> dict[int, list[str]]:
    """Return {party: mail addresses}; for mails only."""
    addresses: dict[int, list[str]] = {}
    for side, role in ROLE_BY_SIDE.items():
        theirs = [party for party in parties if party.side == side]
        known = recipients.addresses_of({party.organisation_id for party in theirs}, role) if theirs else {}
        addresses |= {party.pk: known.get(party.organisation_id, []) for party in theirs}
    return addresses


def recipients_by_party(parties: Iterable[Party]) -> dict[int, list[int]]:
    """Return {party: ids of the users who represent its organisation}; two queries."""
    parties = list(parties)
    by_party: dict[int, list[int]] = {}
    for side, role in ROLE_BY_SIDE.items():
        own = [party for party in parties if party.side == side]
        officers = recipients.officers_of({party.organisation_id for party in own}, role)
        by_party |= {party.pk: officers[party.organisation_id] for party in own}
    return by_party
