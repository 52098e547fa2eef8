"""Who may do what with a demand: the firm itself, and the staff who answer for the firm."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import Organisation
from demands.models import Demand

FIRM_EDITS = (Demand.Status.DRAFT, Demand.Status.DIAGNOSIS)
STAFF_EDITS = (*FIRM_EDITS, Demand.Status.DISTRICT_REVIEW, *Demand.OPEN)


def owns(by, firm: Organisation) -> bool:
    """Whether the actor speaks for the firm."""
    return firm.pk in by.scope.firm_ids


def manages(by, firm: Organisation) -> bool:
    """Whether the actor is staff of the city, or of the district that counts the firm. The auditor only reads."""
    return by.scope.is_city or firm.stat_region_id in by.scope.region_ids


def owns_or_manages(by, firm: Organisation) -> bool:
    return owns(by, firm) or manages(by, firm)


def check_scope(allowed, demand: Demand, by) -> None:
    """Raise PermissionDenied unless `allowed(by, firm)`."""
    if not allowed(by, demand.firm):
        raise PermissionDenied(_("“%(title)s”不在您的管理范围内。") % {"title": demand})


def editable_states(demand: Demand, by) -> tuple[Demand.Status, ...]:
    """In which states this actor may correct the demand; empty out of scope."""
    if manages(by, demand.firm):
        return STAFF_EDITS
    return FIRM_EDITS if owns(by, demand.firm) else ()


def may_overwrite(demand: Demand, by) -> bool:
    """Whether a sheet may change this demand: not once it has been looked at, though a person still may."""
    before_review = (Demand.Status.DRAFT, Demand.Status.DISTRICT_REVIEW)
    return demand.status in before_review and demand.status in editable_states(demand, by)
