"""Demands after publishing: a change that waits for the district, one that was returned, a pause, a solution."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Membership, Role, User
from audit.revisions import version_of
from demands.models import Demand, DemandRevision, Solution
from demands.services.editing import EDITABLE_FIELDS
from demands.services.lifecycle import mark_solved
from demands.services.pauses import pause_demand
from demands.services.revisions import (
    INDICATOR_FIELDS,
    pending_revision,
    propose_revision,
    return_revision,
)
from portal.demo.people import DemoContext

PAUSE_DAYS = 45


def load_demand_changes(demo: DemoContext) -> None:
    """Act as the officers of the firms with an account. Runs once."""
    if DemandRevision.objects.exists():
        return
    officers = Membership.objects.filter(role=Role.FIRM, user__is_active=True).select_related("user").order_by("pk")
    by_firm: dict[int, User] = {}
    for membership in officers:
        by_firm.setdefault(membership.organisation_id, membership.user)
    named = list(Demand.objects.open().filter(is_anonymous=False, firm__in=by_firm).select_related("firm"))
    named.sort(key=lambda demand: (list(by_firm).index(demand.firm_id), demand.pk))
    if not named:
        return
    first_firm = named[0].firm_id
    _revise(named[0], by_firm[first_firm], demo)
    others = [demand for demand in named if demand.firm_id != first_firm]
    if others:
        until = timezone.localdate() + timedelta(days=PAUSE_DAYS)
        pause_demand(others[0], by=by_firm[others[0].firm_id], reason="生产线大修，开工后再安排试验", until=until)
    if len(others) > 1:
        by = by_firm[others[1].firm_id]
        mark_solved(others[1], by=by, solution=Solution.SUPPLIER, note="改用设备厂家的新型密封件，试用三个月合格")


def _revise(demand: Demand, by: User, demo: DemoContext) -> None:
    """Two proposals: the district returns the first; the second waits."""
    _propose(demand, by, goal=f"{demand.goal}\n尽快完成。".strip())
    first = pending_revision(demand)
    if first:
        return_revision(first, by=demo.district_of(demand.firm), reason="“尽快”不够具体，请写明月份")
    day = timezone.localdate() + timedelta(days=200)
    _propose(demand, by, goal=f"{demand.goal}\n{day.year}年{day.month}月前完成样件试验。".strip())


def _propose(demand: Demand, by: User, **changes: str) -> None:
    values = {field: getattr(demand, field) for field in EDITABLE_FIELDS} | changes
    rows = [{field: getattr(row, field) for field in INDICATOR_FIELDS} for row in demand.indicators.all()]
    seen = version_of(demand, pending_revision(demand))
    propose_revision(demand, by=by, values=values, indicators=rows, seen=seen)
