"""Where they meet and what comes of it: the round, its halls and guests, meetings and their timetable, deals."""

from docking.models.contract import Contract
from docking.models.deal import Deal, DealFile, DealStep, Payment
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
from docking.models.party import Attendee, Party
from docking.models.registration import RegistrationRule
from docking.models.round import DockingRound
from docking.models.timetable import LeftOut, Placement, Timetable
from docking.models.venue import Hall, HallWalk, Slot

__all__ = [
    "Attendee",
    "Contract",
    "Deal",
    "DealFile",
    "DealStep",
    "DockingRound",
    "EquityStake",
    "Hall",
    "HallWalk",
    "InvestThenShare",
    "Landing",
    "LeftOut",
    "Meeting",
    "OpenChallenge",
    "Outcome",
    "Party",
    "PayLater",
    "Payment",
    "Placement",
    "PriceObjection",
    "PricePublicity",
    "RegistrationRule",
    "Slot",
    "Timetable",
]
