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
    add_parties,
    add_party,
    invite_parties,
    manages_guest,
    mark_printed,
    remind_parties,
    withdraw_party,
)
from docking.services.inviting import letters
from docking.services.rounds import archive_round, begin_round, close_ended_rounds, close_round, open_round

__all__ = [
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
    "remind_parties",
    "why_closed",
    "withdraw_party",
]
