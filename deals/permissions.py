"""Who may do what with a deal: those who carry it, and its two sides."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import Organisation
from deals.models import Deal


def speaks_for(by, organisation: Organisation | None) -> bool:
    """Whether this person is an officer of the firm or the institution."""
    return organisation is not None and organisation.pk in (by.scope.firm_ids | by.scope.institution_ids)


def works_on(by, *, buyer: Organisation | None) -> bool:
    """Staff: the city, and the district that counts the buyer. The auditor only reads."""
    return by.scope.is_city or (buyer is not None and buyer.stat_region_id in by.scope.region_ids)


def carries(deal: Deal, by) -> bool:
    """Who takes the deal from stage to stage: staff, its broker, and whoever followed the pair."""
    return works_on(by, buyer=deal.buyer) or Deal.objects.carried_by(by).filter(pk=deal.pk).exists()


def check_worker(deal: Deal, by) -> None:
    if not carries(deal, by):
        raise PermissionDenied(_("“%(deal)s”不由您跟进。") % {"deal": deal})


def takes_part(deal: Deal, by) -> bool:
    """Those who carry it, and both sides: they add evidence and payments and fill in the contract."""
    return carries(deal, by) or speaks_for(by, deal.seller) or speaks_for(by, deal.buyer)


def check_part(deal: Deal, by) -> None:
    if not takes_part(deal, by):
        raise PermissionDenied(_("“%(deal)s”与您的单位无关。") % {"deal": deal})


def locked_deal(deal: Deal) -> Deal:
    """The row itself, held until the transaction ends: all that is decided on it is decided in turn."""
    rows = Deal.objects.with_pair().select_for_update(of=("self",), no_key=True)
    return rows.get(pk=deal.pk)
