"""What independent marks come to, and who must not give any. Pure: no Django, no database."""

from mechanism.evaluation.marks import SPREAD_WIDE, Summary, ValueSummary, summary
from mechanism.evaluation.recusal import Facts, recusals

__all__ = ["SPREAD_WIDE", "Facts", "Summary", "ValueSummary", "recusals", "summary"]
