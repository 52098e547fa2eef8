"""Who may change a demand: officers of the firm, its agent by a mandate, staff of its district, and city staff."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied

from accounts.models import Organisation, User
from demands.models import Demand
from mandates.models import Right, mandate_for

type Permission = Callable[[User, Organisation], bool]

FIRM_EDITABLE = (Demand.Status.DRAFT, Demand.Status.DIAGNOSIS)
STAFF_EDITABLE = (*FIRM_EDITABLE, Demand.Status.DISTRICT_REVIEW, *Demand.OPEN)


def owns(by: User, firm: Organisation) -> bool:
    """Whether `by` is an officer of the firm."""
    return firm.pk in by.scope.firm_ids


def manages(by: User, firm: Organisation) -> bool:
    """Whether `by` is city staff or staff of the firm's reporting region. Auditors only read."""
    return by.scope.is_city or firm.stat_region_id in by.scope.region_ids


def owns_or_manages(by: User, firm: Organisation) -> bool:
    return owns(by, firm) or manages(by, firm)


def posts_for(by: User, firm: Organisation) -> bool:
    """Whether `by` writes and submits demands in the firm's name: its officer, or its agent by a mandate in force.

    What only the firm itself may say (to be named, what an anonymous text shows, files, the end of a demand) asks
    `owns`.
    """
    return owns(by, firm) or mandate_for(by, firm, Right.POST) is not None


def writes_or_manages(by: User, firm: Organisation) -> bool:
    return posts_for(by, firm) or manages(by, firm)


def check_permission(allowed: Permission, demand: Demand, by: User) -> None:
    """Raise PermissionDenied unless `allowed(by, firm)`."""
    if not allowed(by, demand.firm):
        raise PermissionDenied("“%(title)s”不在您的管理范围内。" % {"title": demand})


def editable_statuses(demand: Demand, by: User) -> tuple[Demand.Status, ...]:
    """Statuses in which `by` may update the demand; empty without permission."""
    if manages(by, demand.firm):
        return STAFF_EDITABLE
    return FIRM_EDITABLE if posts_for(by, demand.firm) else ()


def may_overwrite(demand: Demand, by: User) -> bool:
    """Whether an import by `by` may update this demand: only before its first review."""
    before_review = (Demand.Status.DRAFT, Demand.Status.DISTRICT_REVIEW)
    return demand.status in before_review and demand.status in editable_statuses(demand, by)
