"""What can be done with a round, its guests, its meetings and what comes of them. Each verb stands in the module of
its matter; this is the door."""

from docking.services.agenda import drop_agenda_item, keep_agenda_item
from docking.services.day import (
    CameBefore,
    add_walk_in,
    check_in,
    check_in_party,
    mark_absent,
    mark_back,
    undo_check_in,
)
from docking.services.documents import add_document, remove_document
from docking.services.held import begin_meeting, end_meeting, miss_meeting, take_back_step
from docking.services.outcomes import Said, record_outcome
from docking.services.rounds import (
    archive_round,
    begin_round,
    close_ended_rounds,
    close_round,
    keep_round,
    open_round,
    schedule_round,
)
from docking.services.venue import keep_walks, make_slots

__all__ = [
    "CameBefore",
    "Said",
    "add_document",
    "add_walk_in",
    "archive_round",
    "begin_meeting",
    "begin_round",
    "check_in",
    "check_in_party",
    "close_ended_rounds",
    "close_round",
    "drop_agenda_item",
    "end_meeting",
    "keep_agenda_item",
    "keep_round",
    "keep_walks",
    "make_slots",
    "mark_absent",
    "mark_back",
    "miss_meeting",
    "open_round",
    "record_outcome",
    "remove_document",
    "schedule_round",
    "take_back_step",
    "undo_check_in",
]
