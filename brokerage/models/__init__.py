from brokerage.models.commission import Commission, CommissionPayment
from brokerage.models.help_request import HelpRequest, HelpRequestQuerySet
from brokerage.models.next_step import NextStep
from brokerage.models.profile import Profile, ProfileCase, ProfileRevision

__all__ = [
    "Commission",
    "CommissionPayment",
    "HelpRequest",
    "HelpRequestQuerySet",
    "NextStep",
    "Profile",
    "ProfileCase",
    "ProfileRevision",
]
