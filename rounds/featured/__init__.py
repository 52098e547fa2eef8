"""Which fifty achievements a round presents, in which order and why. Pure: no Django, no database.

`choose` proposes a list from candidates, rules and what officers have decided about single items; `difference` says
what moved between two lists. The numerical library is loaded by choosing, not by importing this package.
"""

from rounds.featured.candidate import Candidate, Decided
from rounds.featured.choose import CannotMeet, Proposal, Seat, choose
from rounds.featured.difference import Change, Placed, difference
from rounds.featured.limits import Limit, Relaxation
from rounds.featured.rules import BadRules, Limits, Rules, Span
from rounds.featured.scoring import MATURITY_NAMES, Reason

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
