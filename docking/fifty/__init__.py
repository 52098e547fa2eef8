"""Which fifty achievements a round presents, in which order and why. Pure: no Django, no database.

`choose` proposes a list from candidates, rules and what officers have decided about single items; `difference` says
what moved between two lists. The numerical library is loaded by choosing, not by importing this package.
"""

from docking.fifty.candidate import Candidate, Decided
from docking.fifty.choose import CannotMeet, Proposal, Seat, choose
from docking.fifty.difference import Change, Placed, difference
from docking.fifty.limits import Limit, Relaxation
from docking.fifty.rules import BadRules, Limits, Rules, Span
from docking.fifty.scoring import MATURITY_NAMES, Reason

__all__ = [
    "MATURITY_NAMES",
    "BadRules",
    "Candidate",
    "CannotMeet",
    "Change",
    "Decided",
    "Limit",
    "Limits",
    "Placed",
    "Proposal",
    "Reason",
    "Relaxation",
    "Rules",
    "Seat",
    "Span",
    "choose",
    "difference",
]
