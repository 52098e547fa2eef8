"""Docking rounds: halls, guests, the agenda, meetings and their timetable, papers and the report."""

from rounds.models.agenda import AgendaItem
from rounds.models.anonymous_number import AnonymousNumber
from rounds.models.docking_round import DockingRound
from rounds.models.event_day import Announcement, LateRule
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
    "Announcement",
    "AnonymousNumber",
    "Attendee",
    "Away",
    "DistrictReminder",
    "DockingRound",
    "FeaturedAchievement",
    "FeaturedMark",
    "FeaturedSelection",
    "Hall",
    "HallWalk",
    "LateRule",
    "LeftOut",
    "LostTable",
    "Meeting",
    "MeetingOrder",
    "MeetingRequest",
    "Organiser",
    "Outcome",
    "Paper",
    "Party",
    "Placement",
    "PreDockingTarget",
    "RoundDocument",
    "RoundReport",
    "SignageScreen",
    "Slot",
    "Timetable",
]
