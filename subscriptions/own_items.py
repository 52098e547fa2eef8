"""The user's own items for which something may not fit."""

from accounts.models import User
from achievements.models import Achievement
from demands.models import Demand

MAX_ITEMS = 50


def own_items_for(user: User) -> dict[str, list[Achievement] | list[Demand]]:
    """{"demands": open demands of the user's firms, "achievements": those on offer of the user's institutions}."""
    scope = user.scope
    demands, achievements = Demand.objects.none(), Achievement.objects.none()
    if scope.firm_ids:
        demands = Demand.objects.visible_to(user).open().filter(firm__in=scope.firm_ids)
    if scope.institution_ids:
        achievements = Achievement.objects.visible_to(user).on_offer().filter(institution__in=scope.institution_ids)
    return {"demands": list(demands[:MAX_ITEMS]), "achievements": list(achievements[:MAX_ITEMS])}
