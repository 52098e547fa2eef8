"""The deal between the firm of a challenge (揭榜挂帅) and the institution whose bid was awarded."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Organisation, User
from achievements.models import Achievement
from deals.models import Deal
from deals.permissions import is_responsible_staff, represents
from deals.services.deal_parts import set_instrument
from deals.services.deals import save_new_deal
from demands.models import Demand


@transaction.atomic
def open_challenge_deal(
    demand: Demand,
    *,
    seller: Organisation,
    name: str,
    intent_wan: Decimal,
    terms: dict[str, Any],
    by: User,
    achievement: Achievement | None = None,
) -> Deal:
    """A deal at 意向 with 揭榜挂帅 as its origin and `terms` as its instrument; both parties are asked to confirm it.

    By the responsible staff or an officer of the firm. Raises PermissionDenied, ValidationError.
    """
    if not (is_responsible_staff(by, buyer=demand.firm) or represents(by, demand.firm)):
        raise PermissionDenied("这一榜不由您签约。")
    deal = Deal(
        origin=Deal.Origin.CHALLENGE,
        name=name[:120],
        seller=seller,
        buyer=demand.firm,
        outside_demand=demand,
        outside_achievement=achievement,
        intent_wan=intent_wan,
        made_by=by,
    )
    deal = save_new_deal(deal, None, "", by)
    set_instrument(deal, "open_challenge", by=by, **terms)
    return deal
