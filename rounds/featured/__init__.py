"""Which fifty achievements a round presents, in which order and why. Pure: no Django, no database.

`choose` proposes a list from candidates, rules and what officers have decided about single items; `difference` says
what moved between two lists. The numerical library is loaded by choosing, not by importing this package.
"""

from rounds.featured.candidate import Candidate, ManualDecisions
from rounds.featured.comparison import ListChange, ListedItem, compare_lists
from rounds.featured.constraints import RuleRelaxation, SelectionConstraint
from rounds.featured.rules import GroupQuotas, InvalidRulesError, Quota, SelectionRules
from rounds.featured.scoring import MATURITY_NAMES, SelectionReason
from rounds.featured.selection import FeaturedProposal, InfeasibleRulesError, RankedCandidate, select_featured

__all__ = [
    "MATURITY_NAMES",
    "Candidate",
    "FeaturedProposal",
    "GroupQuotas",
    "InfeasibleRulesError",
    "InvalidRulesError",
    "ListChange",
    "ListedItem",
    "ManualDecisions",
    "Quota",
    "RankedCandidate",
    "RuleRelaxation",
    "SelectionConstraint",
    "SelectionReason",
    "SelectionRules",
    "compare_lists",
    "select_featured",
]
