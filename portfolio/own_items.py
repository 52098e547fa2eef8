"""The achievements with which an institution's office works here: its own, also for users who see all."""

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from achievements.models import Achievement


def own_items(user: User) -> QuerySet[Achievement]:
    rows = Achievement.objects.managed_by(user).filter(institution__in=user.scope.institution_ids)
    return rows.select_related("institution")


def own_item(user: User, public_id: str) -> Achievement:
    """Raises Http404 for another institution's achievement."""
    return get_object_or_404(own_items(user), public_id=public_id)


def chosen_items(user: User, public_ids: list[str], most: int) -> list[Achievement]:
    """Those with these ids, at most `most`. Raises Http404 if one of them is not the user's."""
    wanted = set(public_ids[: most + 1])
    rows = list(own_items(user).filter(public_id__in=wanted).order_by("title", "pk"))
    if len(rows) != len(wanted):
        raise Http404
    return rows
