"""All figures. Pages, API, workbooks and command read this registry."""

from mechanism.kpi import contract_figures, pipeline_figures, snapshot_figures
from mechanism.kpi.definitions import FigureDefinition

FIGURES: dict[str, FigureDefinition] = {
    figure.key: figure for figure in (*contract_figures.FIGURES, *snapshot_figures.FIGURES, *pipeline_figures.FIGURES)
}
TARGETS = ("turnover", "local_rate", "funds", "agencies", "items")
"""The five figures for which the city sets targets, in the order in which it names them."""
ACTIVITY = ("rounds", "featured", "firms", "meetings", "intents", "intents_one_sided", "signed")
"""Figures of docking activity."""
MONEY = ("intent_money", "signed_money", "turnover", "tech_turnover", "paid")
"""Amounts of the four stages, which are never added up; tech_turnover is a part of turnover."""
