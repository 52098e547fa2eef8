"""Where they meet and what comes of it: the round, its halls and guests, meetings and their timetable, deals."""

from docking.models.agenda import AgendaItem
from docking.models.contract import Contract
from docking.models.deal import Deal, DealFile, DealStep, Payment
from docking.models.fifty import Feature, FiftyMark, FiftyPlan
from docking.models.instrument import (
    EquityStake,
    InvestThenShare,
    Landing,
    OpenChallenge,
    PayLater,
    PriceObjection,
    PricePublicity,
)
from docking.models.meeting import Meeting, Outcome
from docking.models.organiser import Organiser, RoundDocument
from docking.models.paper import Paper
from docking.models.party import Attendee, Away, Party
from docking.models.registration import RegistrationRule
from docking.models.report import RoundReport
from docking.models.round import DockingRound
from docking.models.target import DistrictReminder, PreDockingTarget
from docking.models.timetable import LeftOut, Placement, Timetable
from docking.models.venue import Hall, HallWalk, LostTable, Slot
from docking.models.wall import Wall
from docking.models.wish import MeetingOrder, OwnWish

__all__ = [
    "AgendaItem",
    "Attendee",
    "Away",
    "Contract",
    "Deal",
    "DealFile",
    "DealStep",
    "DistrictReminder",
    "DockingRound",
    "EquityStake",
    "Feature",
    "FiftyMark",
    "FiftyPlan",
    "Hall",
    "HallWalk",
    "InvestThenShare",
    "Landing",
    "LeftOut",
    "LostTable",
    "Meeting",
    "MeetingOrder",
    "OpenChallenge",
    "Organiser",
    "Outcome",
    "OwnWish",
    "Paper",
    "Party",
    "PayLater",
    "Payment",
    "Placement",
    "PreDockingTarget",
    "PriceObjection",
    "PricePublicity",
    "RegistrationRule",
    "RoundDocument",
    "RoundReport",
    "Slot",
    "Timetable",
    "Wall",
]
