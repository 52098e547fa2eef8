"""Close last December and the month before last; restate the latter; leave last month to be checked.

Two city officers act: one checks, the other signs. A cancelled contract of each closed year comes after the signature.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import Role, User
from deals.models import Contract
from deals.services.contracts import cancel_contract
from mechanism.closing.differences import find_differences
from mechanism.models import FigureVersion
from mechanism.services.closing import Reasons, check_month, sign_version
from portal.demo.people import DemoContext

NOTE = "登记部门补报了一份注销，按最新登记情况更正。"
REASON = "双方协商解除合同，登记部门月结以后才报来"


def load_closings(demo: DemoContext) -> int:
    """Returns how many versions were signed; none if some exist or there is only one city officer."""
    officers = [user for user in demo.people.values() if user.memberships.filter(role=Role.CITY).exists()]
    if FigureVersion.objects.exists() or len(officers) < 2:
        return 0
    checker, signer = officers[:2]
    month_before_last = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1) - timedelta(days=1)
    december = date(month_before_last.year - 1, 12, 31)
    _close(december, checker, signer)
    _close(month_before_last, checker, signer)
    for last in (december, month_before_last):
        _cancel_one(last, by=checker)
    restated = FigureVersion.objects.get(last_on=month_before_last)
    _close(month_before_last, checker, signer, restated=restated)
    return 3


def _close(last: date, checker: User, signer: User, restated: FigureVersion | None = None) -> None:
    """In the first days after the month; a restatement yesterday."""
    begun = timezone.localdate() - timedelta(days=1) if restated else last + timedelta(days=4)
    reasons = Reasons(rest=REASON, digest=find_differences(restated).digest) if restated else None
    note = NOTE if restated else ""
    version = check_month(f"{last:%Y-%m}", by=checker, note=note, reasons=reasons, at=_moment(begun, 10))
    sign_version(version, by=signer, content_hash=version.content_hash, at=_moment(begun, 15))


def _moment(day: date, hour: int) -> datetime:
    """Not later than now, so that a restatement of today's demo does not lie in the future."""
    return min(timezone.make_aware(datetime.combine(day, time(hour))), timezone.now())


def _cancel_one(last: date, *, by: User) -> None:
    """A contract without a deal, registered in the month."""
    rows = Contract.objects.turnover().filter(registered_on__range=(last.replace(day=1), last), deal=None)
    if contract := rows.order_by("pk").first():
        cancel_contract(contract, on=timezone.localdate(), reason="双方协商解除合同", by=by)
