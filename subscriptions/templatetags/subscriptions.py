"""The card of the workbench: how much is new for the user's subscriptions."""

from datetime import timedelta

from django import template
from django.utils import timezone

from accounts.models import User
from subscriptions.models import Hit, SavedSearch

register = template.Library()
NEW_DAYS = 7


@register.inclusion_tag("subscriptions/workbench/_card.html")
def subscription_card(user: User) -> dict[str, object]:
    """Subscriptions, and what they found in the last week. Two queries."""
    since = timezone.localdate() - timedelta(days=NEW_DAYS)
    recent = Hit.objects.shown_to(user).filter(day__gte=since)
    return {"searches": SavedSearch.objects.of_user(user).count(), "hits": recent.count(), "days": NEW_DAYS}
