from integrity.models.case import Case, CaseDecision, CaseRow
from integrity.models.explanation import Explanation
from integrity.models.organisation_facts import Ownership, RegisteredDetails
from integrity.models.scan import Scan
from integrity.models.signal_rule import SignalRule

__all__ = [
    "Case",
    "CaseDecision",
    "CaseRow",
    "Explanation",
    "Ownership",
    "RegisteredDetails",
    "Scan",
    "SignalRule",
]
