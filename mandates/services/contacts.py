"""The client's contact for the agent: shown while the mandate with this right is in force, and recorded each time."""

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from accounts.services.contacts import RevealedContact, reveal_contact, share_contact
from mandates.models import Mandate, Right, mandate_for


def reveal_client_contact(mandate: Mandate, *, by: User) -> RevealedContact:
    """Raises PermissionDenied without the right, ValidationError if the person no longer agrees."""
    in_force = mandate_for(by, mandate.client_id, Right.CONTACT)
    if in_force is None or in_force.pk != mandate.pk:
        raise PermissionDenied("这份委托现在不能查看联系人。")
    if in_force.contact is None:
        raise ValidationError("委托方还没有指定联系人，请在平台上发消息联系。")
    by_client = in_force.proposed_by if in_force.proposed_side == Mandate.Side.CLIENT else in_force.confirmed_by
    share_contact(in_force.contact, with_=by, about=in_force.about, by=by_client)
    return reveal_contact(in_force.contact, by=by, reason="按委托联系委托方")
