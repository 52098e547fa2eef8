"""Signed links in mails about a change of address. Each is for one purpose, one row and one state of it."""

from django.core import signing

from authentication.models import CONFIRM_WITHIN, UNDO_FOR, AddressChange

AGES = {"confirm": CONFIRM_WITHIN, "undo": UNDO_FOR}


def make_link_token(change: AddressChange, purpose: str) -> str:
    return signing.dumps(change.pk, salt=f"authentication.address.{purpose}")


def change_of_token(token: str, purpose: str) -> AddressChange | None:
    """None for a token that is wrong, expired or for another purpose."""
    try:
        pk = signing.loads(token, salt=f"authentication.address.{purpose}", max_age=AGES[purpose])
    except signing.BadSignature:
        return None
    return AddressChange.objects.select_related("user").filter(pk=pk).first()
