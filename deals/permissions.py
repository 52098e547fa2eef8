"""Who may do what with a deal: its managers, who advance it, and the officers of its two sides, who add to it."""

from django.core.exceptions import PermissionDenied

from accounts.models import Organisation, User
from core.scope import Scope
from deals.models import Confirmation, Contract, Deal


def represents(user: User, organisation: Organisation | None) -> bool:
    """Whether the user is an officer of this firm or institution."""
    return organisation is not None and organisation.pk in (user.scope.firm_ids | user.scope.institution_ids)


def represents_party(user: User, confirmation: Confirmation) -> bool:
    """Whether the user may answer a confirmation: as officer of the organisation, or as the named broker himself."""
    if confirmation.broker_id:
        return confirmation.broker is not None and confirmation.broker.user_id == user.pk and user.is_active
    own = user.scope.firm_ids | user.scope.institution_ids | user.scope.agency_ids
    return confirmation.organisation_id is not None and confirmation.organisation_id in own


def is_responsible_staff(user: User, *, buyer: Organisation | None) -> bool:
    """City staff, and staff of the district that reports the buyer. An auditor only reads."""
    return user.scope.is_city or (buyer is not None and buyer.stat_region_id in user.scope.region_ids)


def may_manage_deal(deal: Deal, user: User) -> bool:
    """Whether the user may advance the deal: responsible staff, its broker, the owner of its follow-up."""
    is_staff = is_responsible_staff(user, buyer=deal.buyer)
    return is_staff or Deal.objects.assigned_to(user).filter(pk=deal.pk).exists()


def require_deal_manager(deal: Deal, user: User) -> None:
    if not may_manage_deal(deal, user):
        raise PermissionDenied("“%(deal)s”不由您跟进。" % {"deal": deal})


def may_enter_outside_deal(scope: Scope) -> bool:
    """Whether the user may enter a deal that came about outside the platform."""
    return bool(scope.is_city or scope.is_district or scope.firm_ids or scope.institution_ids)


def may_contribute_to_deal(deal: Deal, user: User) -> bool:
    """Whether the user may add evidence and payments and fill in contracts: managers and officers of both sides."""
    return may_manage_deal(deal, user) or represents(user, deal.seller) or represents(user, deal.buyer)


def may_accept_challenge(deal: Deal, user: User) -> bool:
    """The firm that set the prize, and the responsible staff; never who did the work."""
    is_firm = represents(user, deal.buyer) or is_responsible_staff(user, buyer=deal.buyer)
    return is_firm and not represents(user, deal.seller)


def require_deal_contributor(deal: Deal, user: User) -> None:
    if not may_contribute_to_deal(deal, user):
        raise PermissionDenied("“%(deal)s”与您的单位无关。" % {"deal": deal})


def may_contribute_to_contract(contract: Contract, user: User) -> bool:
    """As for its deal; a contract without a deal is a matter of the responsible staff."""
    if contract.deal is not None:
        return may_contribute_to_deal(contract.deal, user)
    return is_responsible_staff(user, buyer=contract.buyer)


def require_contract_contributor(contract: Contract, user: User) -> None:
    if not may_contribute_to_contract(contract, user):
        raise PermissionDenied("这份合同不由您填报。")


def may_publish_price(deal: Deal, user: User) -> bool:
    """The seller publishes its price and settles objections to it; the staff may record that.

    Never who represents the buyer, even as broker or owner of the follow-up of the deal.
    """
    if represents(user, deal.seller):
        return True
    return not represents(user, deal.buyer) and may_manage_deal(deal, user)


def require_price_publisher(deal: Deal, user: User) -> None:
    if not may_publish_price(deal, user):
        raise PermissionDenied("价格公示和异议处理由转让方办理。")
