"""Which figures there are. Every door reads this: page, API, workbook, command."""

from mechanism.kpi import contract_figures, standing_figures, work_figures
from mechanism.kpi.figure import Figure

FIGURES: dict[str, Figure] = {
    one.key: one for one in (*contract_figures.FIGURES, *standing_figures.FIGURES, *work_figures.FIGURES)
}
TARGETS = ("turnover", "local_rate", "funds", "agencies", "items")
"""The five the city is measured by, in the order in which it names them."""
QUOTED = ("rounds", "featured", "firms", "meetings", "intents", "signed")
"""What it quotes beside them."""
MONEY = ("intent_money", "signed_money", "turnover", "tech_turnover", "paid")
"""Four kinds of money, never added up; the technology's share stands beside the whole contract's."""
