"""What can be done with a round, its guests, its meetings and what comes of them. Each verb stands in the module of
its matter; this is the door."""

from docking.services.day import (
    CameBefore,
    add_walk_in,
    check_in,
    check_in_party,
    mark_absent,
    mark_back,
    undo_check_in,
)
from docking.services.held import begin_meeting, end_meeting, miss_meeting, take_back_step
from docking.services.outcomes import Said, record_outcome
from docking.services.rounds import archive_round, begin_round, close_ended_rounds, close_round, open_round
from docking.services.walls import end_wall, open_wall

__all__ = [
    "CameBefore",
    "Said",
    "add_walk_in",
    "archive_round",
    "begin_meeting",
    "begin_round",
    "check_in",
    "check_in_party",
    "close_ended_rounds",
    "close_round",
    "end_meeting",
    "end_wall",
    "mark_absent",
    "mark_back",
    "miss_meeting",
    "open_round",
    "open_wall",
    "record_outcome",
    "take_back_step",
    "undo_check_in",
]
