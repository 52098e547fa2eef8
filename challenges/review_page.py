"""The page on which experts are invited to review the bids. The app above that reviews them registers it."""

from django.urls import reverse

from challenges.models import Challenge

_names: list[str] = []


def register_review_page(name: str) -> None:
    """`name`: of a URL with the public id of the challenge."""
    _names[:] = [name]


def review_page_of(challenge: Challenge) -> str:
    """Empty before the opening."""
    return reverse(_names[0], args=[challenge.public_id]) if _names and challenge.opened_at else ""
