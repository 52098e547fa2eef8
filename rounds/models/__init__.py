"""Where they meet and what comes of it: the round, its halls and guests, meetings and their timetable, deals."""

from deals.models.contract import Contract
from deals.models.deal import Deal, DealFile, DealStep, Payment
from deals.models.instrument import (
    EquityStake,
    InvestThenShare,
    Landing,
    OpenChallenge,
    PayLater,
    PriceObjection,
    PricePublicity,
)
from deals.models.registration import RegistrationRule
from rounds.models.agenda import AgendaItem
from rounds.models.docking_round import DockingRound
from rounds.models.featured import FeaturedAchievement, FeaturedMark, FeaturedSelection
from rounds.models.meeting import Meeting, Outcome
from rounds.models.meeting_request import MeetingOrder, MeetingRequest
from rounds.models.organiser import Organiser, RoundDocument
from rounds.models.paper import Paper
from rounds.models.party import Attendee, Away, Party
from rounds.models.report import RoundReport
from rounds.models.signage import SignageScreen
from rounds.models.target import DistrictReminder, PreDockingTarget
from rounds.models.timetable import LeftOut, Placement, Timetable
from rounds.models.venue import Hall, HallWalk, LostTable, Slot

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
    "FeaturedAchievement",
    "FeaturedMark",
    "FeaturedSelection",
    "Hall",
    "HallWalk",
    "InvestThenShare",
    "Landing",
    "LeftOut",
    "LostTable",
    "Meeting",
    "MeetingOrder",
    "MeetingRequest",
    "OpenChallenge",
    "Organiser",
    "Outcome",
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
    "SignageScreen",
    "Slot",
    "Timetable",
]
