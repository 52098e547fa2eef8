"""What can be done with a round, its guests, its meetings and what comes of them. Each verb stands in the module of
its matter; this is the door."""

from docking.services.answers import (
    Person,
    Reply,
    answer_invitation,
    may_still_answer,
    party_of_code,
    why_closed,
)
from docking.services.guests import (
    INVITING,
    add_parties,
    add_party,
    invite_parties,
    manages_guest,
    mark_printed,
    remind_parties,
    side_of,
    withdraw_party,
)
from docking.services.inviting import letters
from docking.services.proposing import propose_parties
from docking.services.rounds import archive_round, begin_round, close_ended_rounds, close_round, open_round
from docking.services.targets import remind_districts, set_targets

__all__ = [
    "INVITING",
    "Person",
    "Reply",
    "add_parties",
    "add_party",
    "answer_invitation",
    "archive_round",
    "begin_round",
    "close_ended_rounds",
    "close_round",
    "invite_parties",
    "letters",
    "manages_guest",
    "mark_printed",
    "may_still_answer",
    "open_round",
    "party_of_code",
    "propose_parties",
    "remind_districts",
    "remind_parties",
    "set_targets",
    "side_of",
    "why_closed",
    "withdraw_party",
]
