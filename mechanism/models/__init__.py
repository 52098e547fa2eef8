"""Models of the mechanism app: tasks, measures, policies, funds, pilot bases, ventures, honours, evaluations,
subsidies, closed months, obstacles, results of trials."""

from mechanism.models.allocation import AllocatedTarget, AllocationStep
from mechanism.models.base import Base, BaseRequest, FreePeriod
from mechanism.models.challenge_review import BidScore, ChallengeReview
from mechanism.models.closing import FigureVersion, FrozenFigure, FrozenRow, Restatement
from mechanism.models.evaluation import VALUES, Evaluation, Expert, Opinion
from mechanism.models.evaluation_request import EvaluationRequest
from mechanism.models.fund import Fund, FundSize, Investment
from mechanism.models.fund_project import FundProject, FundProjectStep
from mechanism.models.honour import Candidate, Honour, Objection, RelatedParties
from mechanism.models.measure import DUE_SOON, Evidence, Measure, Milestone, Remark
from mechanism.models.minutes import Minutes
from mechanism.models.obstacle import OFFICES, Obstacle, ObstacleKind
from mechanism.models.policy import Policy, PolicyCondition
from mechanism.models.subsidy import SubsidyBudget, SubsidyCall
from mechanism.models.subsidy_application import (
    SubsidyApplication,
    SubsidyFile,
    SubsidyObjection,
    SubsidyPayout,
    SubsidyReview,
)
from mechanism.models.subsidy_recovery import SubsidyRecovery
from mechanism.models.target import RateRule, Target
from mechanism.models.task import Task
from mechanism.models.trial import TrialFile, TrialResult
from mechanism.models.venture import Venture, VentureYear

__all__ = [
    "DUE_SOON",
    "OFFICES",
    "VALUES",
    "AllocatedTarget",
    "AllocationStep",
    "Base",
    "BaseRequest",
    "BidScore",
    "Candidate",
    "ChallengeReview",
    "Evaluation",
    "EvaluationRequest",
    "Evidence",
    "Expert",
    "FigureVersion",
    "FreePeriod",
    "FrozenFigure",
    "FrozenRow",
    "Fund",
    "FundProject",
    "FundProjectStep",
    "FundSize",
    "Honour",
    "Investment",
    "Measure",
    "Milestone",
    "Minutes",
    "Objection",
    "Obstacle",
    "ObstacleKind",
    "Opinion",
    "Policy",
    "PolicyCondition",
    "RateRule",
    "RelatedParties",
    "Remark",
    "Restatement",
    "SubsidyApplication",
    "SubsidyBudget",
    "SubsidyCall",
    "SubsidyFile",
    "SubsidyObjection",
    "SubsidyPayout",
    "SubsidyRecovery",
    "SubsidyReview",
    "Target",
    "Task",
    "TrialFile",
    "TrialResult",
    "Venture",
    "VentureYear",
]
