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
from docking.services.day import (
    CameBefore,
    add_walk_in,
    check_in,
    check_in_party,
    mark_absent,
    mark_back,
    undo_check_in,
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
from docking.services.held import begin_meeting, end_meeting, miss_meeting, take_back_step
from docking.services.inviting import letters
from docking.services.outcomes import Said, record_outcome
from docking.services.proposing import propose_parties
from docking.services.rounds import archive_round, begin_round, close_ended_rounds, close_round, open_round
from docking.services.targets import remind_districts, set_targets

__all__ = [
    "INVITING",
    "CameBefore",
    "Person",
    "Reply",
    "Said",
    "add_parties",
    "add_party",
    "add_walk_in",
    "answer_invitation",
    "archive_round",
    "begin_meeting",
    "begin_round",
    "check_in",
    "check_in_party",
    "close_ended_rounds",
    "close_round",
    "end_meeting",
    "invite_parties",
    "letters",
    "manages_guest",
    "mark_absent",
    "mark_back",
    "mark_printed",
    "may_still_answer",
    "miss_meeting",
    "open_round",
    "party_of_code",
    "propose_parties",
    "record_outcome",
    "remind_districts",
    "remind_parties",
    "set_targets",
    "side_of",
    "take_back_step",
    "undo_check_in",
    "why_closed",
    "withdraw_party",
]
