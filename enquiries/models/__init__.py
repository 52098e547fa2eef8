"""Approaches of a firm to an institution and of an institution to a firm, with their messages, talks and blocks."""

from enquiries.models.approach import Approach, ApproachQuerySet
from enquiries.models.block import ApproachBlock
from enquiries.models.message import ApproachFile, ApproachMessage
from enquiries.models.offer import Offer, StaffNote
from enquiries.models.talk_time import TalkTime

__all__ = [
    "Approach",
    "ApproachBlock",
    "ApproachFile",
    "ApproachMessage",
    "ApproachQuerySet",
    "Offer",
    "StaffNote",
    "TalkTime",
]
