"""What fits: `runs` of the engine, the `match` they propose, the `review` of it, and the `followup` after the nod."""

from matching.models.followup import FollowUp, FollowUpStep, Inquiry, Willingness, with_open_inquiry
from matching.models.match import PART_LABELS, BrokerRequest, Match
from matching.models.review import Decision, DeskPreference, Question, Reservation
from matching.models.runs import MatchChunk, MatchRun, WorkerPulse

__all__ = [
    "PART_LABELS",
    "BrokerRequest",
    "Decision",
    "DeskPreference",
    "FollowUp",
    "FollowUpStep",
    "Inquiry",
    "Match",
    "MatchChunk",
    "MatchRun",
    "Question",
    "Reservation",
    "Willingness",
    "WorkerPulse",
    "with_open_inquiry",
]
