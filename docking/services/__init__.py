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
from docking.services.moving import lock_meeting, move_meeting, take_out
from docking.services.outcomes import Said, record_outcome
from docking.services.publishing import preview_publishing, publish_timetable, rebase_timetable
from docking.services.replanning import offers, replan
from docking.services.rounds import archive_round, begin_round, close_ended_rounds, close_round, open_round
from docking.services.timetables import (
    discard_timetable,
    run_planning,
    start_planning,
    stop_planning,
    sweep_plannings,
)
from docking.services.wishes import add_meeting, drop_meeting, gather_meetings, set_priority

__all__ = [
    "CameBefore",
    "Said",
    "add_meeting",
    "add_walk_in",
    "archive_round",
    "begin_meeting",
    "begin_round",
    "check_in",
    "check_in_party",
    "close_ended_rounds",
    "close_round",
    "discard_timetable",
    "drop_meeting",
    "end_meeting",
    "gather_meetings",
    "lock_meeting",
    "mark_absent",
    "mark_back",
    "miss_meeting",
    "move_meeting",
    "offers",
    "open_round",
    "preview_publishing",
    "publish_timetable",
    "rebase_timetable",
    "record_outcome",
    "replan",
    "run_planning",
    "set_priority",
    "start_planning",
    "stop_planning",
    "sweep_plannings",
    "take_back_step",
    "take_out",
    "undo_check_in",
]
