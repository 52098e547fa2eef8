"""How the city keeps at it: the nine tasks, policies, funds, bases, companies founded. One file per noun."""

from mechanism.models.base import Base, BaseRequest, FreePeriod
from mechanism.models.fund import Fund, Investment
from mechanism.models.measure import DUE_SOON, Evidence, Measure, Milestone, Remark
from mechanism.models.minutes import Minutes
from mechanism.models.policy import Policy, PolicyCondition
from mechanism.models.target import RateRule, Target
from mechanism.models.task import Task
from mechanism.models.venture import Venture

__all__ = [
    "DUE_SOON",
    "Base",
    "BaseRequest",
    "Evidence",
    "FreePeriod",
    "Fund",
    "Investment",
    "Measure",
    "Milestone",
    "Minutes",
    "Policy",
    "PolicyCondition",
    "RateRule",
    "Remark",
    "Target",
    "Task",
    "Venture",
]
