"""The client's contact for the agent: shown while the mandate with this right is in force, and recorded each time."""

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from accounts.services.contacts import RevealedContact, reveal_contact, share_contact
from mandates.models import Mandate, Right, mandate_for


def reveal_client_contact(mandate: Mandate, *, by: User) -> RevealedContact:
    """Raises PermissionDenied without the right, ValidationError if the person no longer agrees."""
    held = mandate_for(by, mandate.client_id, Right.CONTACT)
    if held is None or held.pk != mandate.pk:
        raise PermissionDenied("这份委托现在不能查看联系人。")
    if held.contact is None:
        raise ValidationError("委托方还没有指定联系人，请在平台上发消息联系。")
    by_client = held.proposed_by if held.proposed_side == Mandate.Side.CLIENT else held.confirmed_by
    share_contact(held.contact, with_=by, about=held.about, by=by_client)
    return reveal_contact(held.contact, by=by, reason="按委托联系委托方")
