"""Targets that the city gave to districts and institutions: most agreed, some waiting, two countered."""

from decimal import Decimal

from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from mechanism.kpi.allocation import AllocationRow, build_allocation
from mechanism.models import AllocatedTarget
from mechanism.services.target_allocation import agree_target, counter_target, give_target
from notices.models import Notice
from portal.demo.dataset import moment
from portal.demo.people import DemoContext

GIVEN = (("turnover", "region"), ("items", "institution"), ("turnover", "institution"))
WAITING, COUNTERED = 4, 5
"""Every fourth assignee has not answered, every fifth proposes a lower value."""
REASON = "去年有一份特大合同，今年不会再有；已排查在谈项目，按这个数争取。"
NOTE = "按上年占比分解，请于一周内答复。"


def load_targets(demo: DemoContext) -> int:
    """Give this year's targets by last year's shares unless there are any. Returns their number."""
    if AllocatedTarget.objects.exists():
        return 0
    number = 0
    for key, by in GIVEN:
        allocation = build_allocation(key, by, timezone.localdate().year, demo.city)
        rows = [row for row in allocation.rows if row.suggested]
        for index, row in enumerate(rows, 1):
            _give(key, allocation.year, row, index, demo)
        number += len(rows)
    Notice.objects.filter(about__startswith="allocated target", read_at=None).update(made_at=moment(-20))
    return number


def _give(key: str, year: int, row: AllocationRow, index: int, demo: DemoContext) -> None:
    assert row.suggested is not None
    target = give_target(figure=key, year=year, assignee=row.assignee, value=row.suggested, by=demo.city, note=NOTE)
    officer = _officer_of(row)
    if target is None or officer is None or index % WAITING == 0:
        return
    if index % COUNTERED == 0 and row.suggested > 1:
        proposed = max((row.suggested * Decimal("0.8")).quantize(Decimal(1)), Decimal(1))
        counter_target(target, proposed=proposed, reason=REASON, revision=target.revision, by=officer)
    else:
        agree_target(target, revision=target.revision, by=officer)


def _officer_of(row: AllocationRow) -> User | None:
    memberships = Membership.objects.select_related("user").filter(user__is_active=True)
    if isinstance(row.assignee, Organisation):
        member = memberships.filter(organisation=row.assignee, role=Role.INSTITUTION).first()
    else:
        member = memberships.filter(organisation__stat_region=row.assignee, role=Role.DISTRICT).first()
    return member.user if member else None
