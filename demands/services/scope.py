"""Who may do what with a demand: the firm itself, and the staff who answer for the firm."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import Organisation


def owns(by, firm: Organisation) -> bool:
    """Whether the actor speaks for the firm."""
    return firm.pk in by.scope.firm_ids


def manages(by, firm: Organisation) -> bool:
    """Whether the actor is staff of the city, or of the district that counts the firm. The auditor only reads."""
    return by.scope.is_city or firm.stat_region_id in by.scope.region_ids


def owns_or_manages(by, firm: Organisation) -> bool:
    return owns(by, firm) or manages(by, firm)


def check_scope(allowed, demand, by) -> None:
    """Raise PermissionDenied unless `allowed(by, firm)`."""
    if not allowed(by, demand.firm):
        raise PermissionDenied(_("“%(title)s”不在您的管理范围内。") % {"title": demand})
