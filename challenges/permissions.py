"""Who may do what with a challenge: its firm, the staff of the firm's district, the city."""

from django.core.exceptions import PermissionDenied

from accounts.models import User
from challenges.models import BidMember, Challenge
from challenges.models.bid import own_organisations
from demands.permissions import manages, owns


def owns_challenge(by: User, challenge: Challenge) -> bool:
    return owns(by, challenge.demand.firm)


def require_firm(by: User, challenge: Challenge) -> None:
    if not owns_challenge(by, challenge):
        raise PermissionDenied("这一步由发榜企业办理。")


def require_writer(by: User, challenge: Challenge) -> None:
    """The firm, and the staff who look after it, write a call together."""
    if not (owns_challenge(by, challenge) or manages(by, challenge.demand.firm)):
        raise PermissionDenied("这一榜不在您的管理范围内。")


def require_checker(by: User, challenge: Challenge) -> None:
    """Staff of the district, or of the city. Never who is of the firm (回避)."""
    if not manages(by, challenge.demand.firm) or owns_challenge(by, challenge):
        raise PermissionDenied("核对由企业所在区市县或市级专员办理。")


def bids_on(by: User, challenge: Challenge) -> bool:
    """Whether an organisation of the user takes part in a bid: such an officer decides nothing about it (回避)."""
    own = own_organisations(by)
    members = BidMember.objects.active().filter(bid__challenge=challenge, organisation__in=own)
    return bool(own) and members.exists()


def require_city(by: User, challenge: Challenge) -> None:
    """City staff who are neither of the firm nor of a bidder (回避)."""
    if not by.scope.is_city or owns_challenge(by, challenge) or bids_on(by, challenge):
        raise PermissionDenied("这一步由市级专员办理；发榜企业和揭榜单位的人员应当回避。")


def may_open(by: User, challenge: Challenge) -> bool:
    """City staff, and the firm of the challenge; at least one of the two is city staff."""
    return by.scope.is_city or owns_challenge(by, challenge)
