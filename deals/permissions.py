"""Who may do what with a deal: its managers, who advance it, and the officers of its two sides, who add to it."""

from django.core.exceptions import PermissionDenied

from accounts.models import Organisation, User
from deals.models import Deal


def represents(user: User, organisation: Organisation | None) -> bool:
    """Whether the user is an officer of this firm or institution."""
    return organisation is not None and organisation.pk in (user.scope.firm_ids | user.scope.institution_ids)


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


def may_contribute_to_deal(deal: Deal, user: User) -> bool:
    """Whether the user may add evidence and payments and fill in contracts: managers and officers of both sides."""
    return may_manage_deal(deal, user) or represents(user, deal.seller) or represents(user, deal.buyer)


def require_deal_contributor(deal: Deal, user: User) -> None:
    if not may_contribute_to_deal(deal, user):
        raise PermissionDenied("“%(deal)s”与您的单位无关。" % {"deal": deal})
