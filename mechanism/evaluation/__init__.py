"""Summary of independent marks, and reasons for recusal. No Django, no database."""

from mechanism.evaluation.marks import DISPUTED_SPREAD, MarkSummary, ValueSummary, grade_of, summarise_marks
from mechanism.evaluation.recusal import RecusalFacts, recusal_reasons

__all__ = [
    "DISPUTED_SPREAD",
    "MarkSummary",
    "RecusalFacts",
    "ValueSummary",
    "grade_of",
    "recusal_reasons",
    "summarise_marks",
]
