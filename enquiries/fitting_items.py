"""An institution's own achievements for an answer to a demand: best-fitting first, each with the engine's reason."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Region, User
from achievements.models import Achievement
from demands.masking import detail_text, identifying_names, mask_firm
from demands.models import Demand
from matching.engine import Item, facts
from matching.facts import achievement_facts, demand_facts
from matching.items import DEMAND_TEXTS, as_item
from matching.models import Match
from matching.registry_indexes import MATCHING_INDEX

RANKED = 300
"""So many achievements of the whole registry are ranked; own ones further down follow by title."""
FITTING_SHOWN, SEARCHED_SHOWN = 6, 20
"""How many own achievements the form offers unasked, and for a search."""


@dataclass(frozen=True)
class FittingItem:
    """`reason`: one sentence of the engine about the pair; empty if the achievement is far from the demand."""

    achievement: Achievement
    reason: str


def offerable(user: User) -> QuerySet[Achievement]:
    """Achievements that the user may offer: published, on offer, of the user's own institutions."""
    return Achievement.objects.on_offer().filter(institution__in=user.scope.institution_ids)


def fitting_items(demand: Demand, *, user: User, q: str = "", chosen: str = "") -> list[FittingItem]:
    """The user's achievements that fit the demand best; with `q` those with these words in title, number or keywords.

    The one with the public id `chosen` is always among them. Nothing is ranked or explained for a user who may not read
    the demand in full, because order and reasons tell its words.
    """
    rows = offerable(user)
    readable = Demand.objects.visible_to(user).filter(pk__in=Demand.objects.detailed_for(user).filter(pk=demand.pk))
    order = _ranking(demand) if readable.exists() else {}
    if q:
        words = q.split()[:5]
        for word in words:
            rows = rows.filter(
                Q(title__icontains=word) | Q(registry_number__icontains=word) | Q(keywords__icontains=word)
            )
        limit = SEARCHED_SHOWN
    else:
        rows, limit = rows.filter(pk__in=order), FITTING_SHOWN
    keys = sorted(rows.order_by("title", "pk").values_list("pk", flat=True), key=lambda pk: order.get(pk, RANKED))
    keys = keys[:limit]
    extra = offerable(user).filter(public_id=chosen).values_list("pk", flat=True) if chosen else ()
    keys = [*(pk for pk in extra if pk not in keys), *keys]
    by_key = offerable(user).select_related("institution", "industry").prefetch_related("indicators").in_bulk(keys)
    return _with_reasons([by_key[pk] for pk in keys if pk in by_key], demand, order)


def _item(demand: Demand) -> Item:
    """The demand as readers of its details may read it."""
    return as_item(demand.pk, *(detail_text(demand, field) for field in DEMAND_TEXTS))


def _ranking(demand: Demand) -> dict[int, int]:
    """The place of each of the best achievements of the registry for the demand."""
    [ranking] = MATCHING_INDEX.current().rank([_item(demand)], k=RANKED)
    return {row.achievement_id: place for place, row in enumerate(ranking.achievements) if row.score > 0}


def _with_reasons(rows: Sequence[Achievement], demand: Demand, ranked: Container[int]) -> list[FittingItem]:
    regions = dict(Region.objects.values_list("pk", "name"))
    # The district of an anonymous firm must not stand in a reason either.
    shown = regions if demand.public_region else {}
    of_demand = demand_facts(demand, shown, timezone.localdate())
    index, item, names = MATCHING_INDEX.current(), _item(demand), identifying_names(demand)
    items = []
    for row in rows:
        reason = ""
        if row.pk in ranked:
            compared = facts.compare_facts(achievement_facts(row, regions), of_demand)
            terms = index.shared_terms(row.pk, item)
            reason = Match(achievement=row, demand=demand, facts=compared, shared_terms=terms).verdict
        items.append(FittingItem(row, mask_firm(reason, names) if demand.is_anonymous else reason))
    return items
