"""All figures. Pages, API, workbooks and command read this registry."""

from django.conf import settings

from mechanism.city_rows import target_keys
from mechanism.kpi import (
    approach_figures,
    challenge_figures,
    contract_figures,
    pipeline_figures,
    snapshot_figures,
    subsidy_figures,
    task_figures,
)
from mechanism.kpi.definitions import FigureDefinition

FIGURES: dict[str, FigureDefinition] = {
    figure.key: figure
    for module in (
        *(contract_figures, snapshot_figures, pipeline_figures, approach_figures),
        *(challenge_figures, task_figures, subsidy_figures),
    )
    for figure in module.FIGURES
}
TARGETS = target_keys(settings.CITY)
"""The figures for which the city sets targets, in the order in which its package names them."""
ACTIVITY = ("rounds", "featured", "firms", "meetings", "intents", "intents_one_sided", "signed")
"""Figures of docking activity."""
APPROACHES = ("approaches", "approaches_answered", "approach_talks", "approach_signed")
"""Figures of what firms and institutions began themselves."""
CHALLENGES = (
    *("challenges", "challenge_bids", "challenge_prize", "challenge_signed"),
    *("challenge_ended", "challenge_again"),
)
"""Figures of 揭榜挂帅."""
MONEY = ("intent_money", "signed_money", "turnover", "tech_turnover", "paid")
"""Amounts of the four stages, which are never added up; tech_turnover is a part of turnover."""
SUBSIDIES = ("subsidy_budget", "subsidy_granted", "subsidy_paid", "subsidy_recovered", "subsidy_net")
"""Figures of 专项资金."""
