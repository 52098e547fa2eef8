"""What fits: `runs` of the engine, the `match` they propose, their `findings` for each need, the `review` of it by
people, the `followup` after the nod and the `check` after a talk, and the `likeness` of items."""

from matching.models.check import FollowUpCheck
from matching.models.findings import Finding
from matching.models.followup import FollowUp, FollowUpStep, Inquiry, Willingness, with_open_inquiry
from matching.models.learning import Learned, LiftedEffect
from matching.models.likeness import SimilarAchievement, SimilarDemand
from matching.models.match import PART_LABELS, BrokerRequest, Match
from matching.models.review import Decision, DeskPreference, Question, Reservation
from matching.models.runs import MatchChunk, MatchRun, WorkerPulse

__all__ = [
    "PART_LABELS",
    "BrokerRequest",
    "Decision",
    "DeskPreference",
    "Finding",
    "FollowUp",
    "FollowUpCheck",
    "FollowUpStep",
    "Inquiry",
    "Learned",
    "LiftedEffect",
    "Match",
    "MatchChunk",
    "MatchRun",
    "Question",
    "Reservation",
    "SimilarAchievement",
    "SimilarDemand",
    "Willingness",
    "WorkerPulse",
    "with_open_inquiry",
]
