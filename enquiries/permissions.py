"""Who may act in an approach: officers of the two sides; staff of the firm's district and the city remind."""

from django.core.exceptions import PermissionDenied

from accounts.models import User
from demands.permissions import manages
from enquiries.models import Approach


def acting_side(approach: Approach, by: User) -> str:
    """The side for which `by` acts. Raises PermissionDenied for everybody else, also staff."""
    side = approach.side_of(by.scope)
    if not side:
        raise PermissionDenied("只有双方单位的专员可以在这里答复。")
    return side


def may_remind(approach: Approach, by: User) -> bool:
    """City staff and the officers of the firm's district; auditors only read."""
    return manages(by, approach.firm)
