"""Items whose meaning fits a description, by the matching engine, with the policy by which candidates are proposed."""

from django.conf import settings

from accounts.models import User
from demands.models import Demand
from matching.engine import Item, build
from matching.engine.candidates import candidates_of
from matching.engine.explanation import NO_TECHNICAL_FIT, NOTHING_COMPARABLE
from matching.items import public_demand_items
from matching.registry_indexes import CachedIndex
from matching.trial_match import run_trial_match

TITLE_LENGTH = 60
RANKED = 20
NO_REASONS = (NO_TECHNICAL_FIT, NOTHING_COMPARABLE)
MIN_DEMAND_SCORE = 50.0
"""Least score (0–100) of a demand for a description. On the demo city 68 of the 73 accepted pairs with an open demand
have it and a term in common; descriptions of what no demand is about stay below it or have no such term."""


def _index_of_demands():
    """The open demands in the place of what is offered: the engine ranks them for a description of what one can do.

    Only their public texts are read, so a teaser-only demand is found by its teaser, and an anonymous one not by the
    name of its firm.
    """
    return build(public_demand_items(Demand.objects.open()), [], engine=settings.MATCH_ENGINE)


OPEN_DEMANDS = CachedIndex("demands for descriptions", lambda: [Demand.objects.open()], _index_of_demands)


def achievements_for(text: str, *, user: User) -> dict[int, str]:
    """{achievement: why}: those that a run would propose for a demand with this text, the best first.

    Candidates whose sentence names nothing technical are left out: a reader would not see why they are sent.
    """
    reasons = {match.achievement_id: match.verdict for match in run_trial_match(text, user=user).candidates}
    return {achievement: why for achievement, why in reasons.items() if not why.startswith(NO_REASONS)}


def demands_for(text: str) -> dict[int, str]:
    """{demand: why}: those that share the core of the description, the best first."""
    index = OPEN_DEMANDS.current()
    description = Item(0, text[:TITLE_LENGTH], text)
    [ranking] = index.rank([description], k=RANKED)
    reasons = {
        int(candidate.achievement_id): _why(
            index.shared_terms(candidate.achievement_id, description),
            index.related_terms(candidate.achievement_id, description),
        )
        for candidate in candidates_of(ranking, limit=settings.MATCH_PER_DEMAND)
        if candidate.score >= MIN_DEMAND_SCORE
    }
    return {demand: why for demand, why in reasons.items() if why}


def _why(shared_terms: list[str], related_terms: list[str]) -> str:
    """都提到烧伤、磨削, or 相近的说法：耐蚀≈防腐; "" without either."""
    if shared_terms:
        return f"都提到{'、'.join(shared_terms[:4])}"
    return f"相近的说法：{'、'.join(related_terms[:2])}" if related_terms else ""
