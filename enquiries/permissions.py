"""Who may act in an approach: officers of the two sides, and their agents, who write but agree to nothing.

Staff of the firm's district and the city remind.
"""

from django.core.exceptions import PermissionDenied

from accounts.models import User
from demands.permissions import manages
from enquiries.models import Approach
from mandates.models import Right, mandate_for


def acting_side(approach: Approach, by: User) -> str:
    """The side for which `by` acts. Raises PermissionDenied for everybody else, also staff."""
    side = approach.side_of(by.scope)
    if not side:
        raise PermissionDenied("只有双方单位的专员可以在这里答复。")
    return side


def mandated_sides(approach: Approach, by: User) -> list[str]:
    """The sides whose agent `by` is, with the right to answer."""
    return [
        side
        for side in (approach.recipient_side, approach.sender_side)
        if mandate_for(by, approach.organisation_of(side), Right.ANSWER) is not None
    ]


def only_side(mandated: list[str]) -> str:
    """The side for which an agent writes, of those that have given him a mandate: an agent of both writes for none."""
    return mandated[0] if len(mandated) == 1 else ""


def mandated_side(approach: Approach, by: User) -> str:
    """The side for which `by` answers as its agent; empty for others, and for an agent of both sides."""
    return only_side(mandated_sides(approach, by))


def writing_side(approach: Approach, by: User) -> str:
    """The side for which `by` writes, as its officer or as its agent; empty for others."""
    return approach.side_of(by.scope) or mandated_side(approach, by)


def speaking_side(approach: Approach, by: User) -> str:
    """`writing_side`; raises PermissionDenied for everybody else. Agreeing and ending ask `acting_side`."""
    if side := writing_side(approach, by):
        return side
    raise PermissionDenied("只有双方单位的专员和它们的受托方可以在这里答复。")


def may_remind(approach: Approach, by: User) -> bool:
    """City staff and the officers of the firm's district; auditors only read."""
    return manages(by, approach.firm)
