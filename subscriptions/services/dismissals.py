"""不适合，因为…: hide an item from one's subscriptions, with the reasons of the review desk."""

from contextlib import suppress

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.public_text import personal_data_message, personal_finds
from demands.models import Demand
from matching.models import Match
from matching.services.side_feedback import say_unfit
from sheets.cells import clean_text
from subscriptions.models import Dismissal, Hit

NOTE_LENGTH = 200


def reasons_for(*, is_achievement: bool) -> dict[str, str]:
    """{reason: label}: those of the review desk. Only for an achievement that there is a supplier already."""
    reasons = {str(value): str(label) for value, label in Match.RejectReason.choices}
    if not is_achievement:
        del reasons[Match.RejectReason.HAS_SUPPLIER]
    return reasons


def dismiss(
    hit: Hit,
    reason: str,
    *,
    by: User,
    note: str = "",
    is_for_organisation: bool = False,
    own: Achievement | Demand | None = None,
) -> Dismissal:
    """Hide the item of a hit. A second word about it replaces the first.

    own: the user's own demand (for an achievement) or achievement (for a demand) that was meant. Raises
    ValidationError without a reason, PermissionDenied for the hit or the item of somebody else.
    """
    if hit.user_id != by.pk:
        raise PermissionDenied
    if reason not in reasons_for(is_achievement=hit.achievement_id is not None):
        raise ValidationError("请选择不适合的原因。")
    note = clean_text(note)
    if reason == Match.RejectReason.OTHER and not note:
        raise ValidationError("选“其他原因”时，请用一句话说明。")
    if len(note) > NOTE_LENGTH:
        raise ValidationError(f"说明有 {len(note)} 个字，最多 {NOTE_LENGTH} 个字，请精简。")
    if finds := personal_finds(note):
        raise ValidationError(personal_data_message(finds))
    organisation = _speaks_for(hit, by)
    target = {"achievement": hit.achievement} if hit.achievement_id else {"demand": hit.demand}
    dismissal, _is_new = Dismissal.objects.update_or_create(
        user=by,
        **target,
        defaults={
            "organisation": organisation,
            "reason": reason,
            "note": note,
            "is_for_organisation": is_for_organisation and organisation is not None,
            **_own(own, hit, by),
        },
    )
    if own is not None:
        _teach(dismissal, by=by)
    return dismissal


def restore(dismissal: Dismissal, *, by: User) -> None:
    """Show the item again."""
    if dismissal.user_id != by.pk:
        raise PermissionDenied
    dismissal.delete()


def _teach(dismissal: Dismissal, *, by: User) -> None:
    """Lower later proposals of the user's own item. What the matching refuses to learn is hidden all the same."""
    achievement = dismissal.achievement or dismissal.own_achievement
    demand = dismissal.demand or dismissal.own_demand
    if achievement and demand:
        with suppress(ValidationError, PermissionDenied):
            say_unfit(achievement, demand, reason=dismissal.reason, by=by, note=dismissal.note)


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
