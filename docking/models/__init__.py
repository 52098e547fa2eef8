"""Where they meet and what comes of it: the round, its halls and guests, meetings and their timetable, deals."""

from docking.models.contract import Contract
from docking.models.deal import Deal, DealStep, Payment
from docking.models.meeting import Meeting, Outcome
from docking.models.party import Attendee, Party
from docking.models.round import DockingRound
from docking.models.target import DistrictReminder, PreDockingTarget
from docking.models.timetable import LeftOut, Placement, Timetable
from docking.models.venue import Hall, HallWalk, Slot

__all__ = [
    "Attendee",
    "Contract",
    "Deal",
    "DealStep",
    "DistrictReminder",
    "DockingRound",
    "Hall",
    "HallWalk",
    "LeftOut",
    "Meeting",
    "Outcome",
    "Party",
    "Payment",
    "Placement",
    "PreDockingTarget",
    "Slot",
    "Timetable",
]
