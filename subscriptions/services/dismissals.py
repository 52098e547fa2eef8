"""不适合，因为…: hide an item from one's subscriptions, with the reasons of the review desk."""

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Organisation, User
from achievements.models import Achievement
from demands.models import Demand
from matching.models import Match
from subscriptions.models import Dismissal, Hit


def dismiss(
    hit: Hit, reason: str, *, by: User, is_for_organisation: bool = False, own: Achievement | Demand | None = None
) -> Dismissal:
    """Hide the item of a hit. A second word about it replaces the first.

    own: the user's own demand (for an achievement) or achievement (for a demand) that was meant. Raises
    ValidationError without a reason, PermissionDenied for the hit or the item of somebody else.
    """
    if hit.user_id != by.pk:
        raise PermissionDenied
    if reason not in Match.RejectReason.values:
        raise ValidationError("请选择不适合的原因。")
    organisation = _speaks_for(hit, by)
    target = {"achievement": hit.achievement} if hit.achievement_id else {"demand": hit.demand}
    dismissal, _is_new = Dismissal.objects.update_or_create(
        user=by,
        **target,
        defaults={
            "organisation": organisation,
            "reason": reason,
            "is_for_organisation": is_for_organisation and organisation is not None,
            **_own(own, hit, by),
        },
    )
    return dismissal


def restore(dismissal: Dismissal, *, by: User) -> None:
    """Show the item again."""
    if dismissal.user_id != by.pk:
        raise PermissionDenied
    dismissal.delete()


def _speaks_for(hit: Hit, by: User) -> Organisation | None:
    """The user's firm for an achievement, the user's institution for a demand; None without one or with several."""
    keys = by.scope.firm_ids if hit.achievement_id else by.scope.institution_ids
    return Organisation.objects.get(pk=next(iter(keys))) if len(keys) == 1 else None


def _own(own: Achievement | Demand | None, hit: Hit, by: User) -> dict[str, Achievement | Demand | None]:
    if own is None:
        return {"own_demand": None, "own_achievement": None}
    if hit.achievement_id and isinstance(own, Demand) and own.firm_id in by.scope.firm_ids:
        return {"own_demand": own, "own_achievement": None}
    if hit.demand_id and isinstance(own, Achievement) and own.institution_id in by.scope.institution_ids:
        return {"own_demand": None, "own_achievement": own}
    raise PermissionDenied
