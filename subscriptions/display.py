"""An item as the pages and mails of subscriptions show it: public facts only."""

from django.urls import reverse

from achievements.models import Achievement
from demands.masking import public_text
from subscriptions.models import Item


def title_of(item: Item) -> str:
    return item.title if isinstance(item, Achievement) else public_text(item, "title")


def summary_of(item: Item) -> str:
    """The summary, or the public text of the problem, which is the teaser where no more is public."""
    return item.summary if isinstance(item, Achievement) else public_text(item, "problem")


def owner_of(item: Item) -> str:
    """Reads `institution` or `firm`: select them."""
    return item.institution.name if isinstance(item, Achievement) else item.public_firm_name


def page_of(item: Item) -> str:
    name = "achievement_detail" if isinstance(item, Achievement) else "demand_detail"
    return reverse(name, args=[item.public_id])
