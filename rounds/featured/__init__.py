"""Selection of the achievements that a round features, with order and reasons. Pure: no Django, no database.

`select_featured` proposes a list from candidates, rules and manual decisions; `compare_lists` describes the
differences between two lists. The solver library is imported on first use.
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
