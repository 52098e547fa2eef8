"""Models of matching: runs and their results, matches and their review, follow-ups, similar items."""

from matching.models.demand_result import DemandResult
from matching.models.demand_review import DemandReview
from matching.models.follow_up import FollowUp, FollowUpStep, Inquiry, SideResponse, with_open_inquiry
from matching.models.follow_up_check import FollowUpCheck
from matching.models.learning import Learned, LiftedEffect
from matching.models.match import PART_LABELS, BrokerRequest, Match
from matching.models.matched_items import MatchedAchievement, MatchedDemand
from matching.models.readings import DemandReading, PageQuestion, PairReading, ReaderAnswer, RunReading
from matching.models.review import Decision, Question, Reservation, ReviewDeskPreference
from matching.models.runs import MatchChunk, MatchRun, StoredRanking, WorkerPulse
from matching.models.side_feedback import SideFeedback
from matching.models.similar_items import SimilarAchievement, SimilarDemand, SimilarRefresh
from matching.models.statement import ConfirmationRequest, SideStatement

__all__ = [
    "PART_LABELS",
    "BrokerRequest",
    "ConfirmationRequest",
    "Decision",
    "DemandReading",
    "DemandResult",
    "DemandReview",
    "FollowUp",
    "FollowUpCheck",
    "FollowUpStep",
    "Inquiry",
    "Learned",
    "LiftedEffect",
    "Match",
    "MatchChunk",
    "MatchRun",
    "MatchedAchievement",
    "MatchedDemand",
    "PageQuestion",
    "PairReading",
    "Question",
    "ReaderAnswer",
    "Reservation",
    "ReviewDeskPreference",
    "RunReading",
    "SideFeedback",
    "SideResponse",
    "SideStatement",
    "SimilarAchievement",
    "SimilarDemand",
    "SimilarRefresh",
    "StoredRanking",
    "WorkerPulse",
    "with_open_inquiry",
]
