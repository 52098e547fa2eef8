"""Signed tokens for the link in a mail that stops one subscription. A token permits nothing else."""

from django.core.signing import BadSignature, Signer

from subscriptions.models import SavedSearch

SALT = "subscriptions.stop"


def make_stop_token(search: SavedSearch) -> str:
    return Signer(salt=SALT).sign(search.public_id)


def search_from_token(token: str) -> SavedSearch | None:
    """The subscription of a valid token; None for any other text, and if it was deleted."""
    try:
        return SavedSearch.objects.filter(public_id=Signer(salt=SALT).unsign(token)).first()
    except BadSignature:
        return None
