"""Docking rounds: halls, guests, the agenda, meetings and their timetable, papers and the report."""

from rounds.models.agenda import AgendaItem
from rounds.models.anonymous_number import AnonymousNumber
from rounds.models.avoided_period import AvoidedPeriod
from rounds.models.docking_round import DockingRound
from rounds.models.event_day import Announcement, LateRule
from rounds.models.featured import FeaturedAchievement, FeaturedMark, FeaturedSelection
from rounds.models.guest_message import GuestMessage
from rounds.models.guest_terms import GuestTerms, LetterText
from rounds.models.late_answer import LateAnswer
from rounds.models.meeting import Meeting, Outcome
from rounds.models.meeting_request import MeetingOrder, MeetingRequest
from rounds.models.move import RoundMove
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
    "AvoidedPeriod",
    "Away",
    "DistrictReminder",
    "DockingRound",
    "FeaturedAchievement",
    "FeaturedMark",
    "FeaturedSelection",
    "GuestMessage",
    "GuestTerms",
    "Hall",
    "HallWalk",
    "LateAnswer",
    "LateRule",
    "LeftOut",
    "LetterText",
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
    "RoundMove",
    "RoundReport",
    "SignageScreen",
    "Slot",
    "Timetable",
]
