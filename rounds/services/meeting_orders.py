"""Order constraints between meetings, set by the city; they never form a cycle."""

from collections import defaultdict
from itertools import pairwise

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.services import record
from rounds.models import DockingRound, Meeting, MeetingOrder

Status = Meeting.Status


@transaction.atomic
def set_order(before: Meeting, after: Meeting, *, by: User) -> MeetingOrder:
    """Require `before` in an earlier slot than `after`. Counts in the next plan; a draft that violates it cannot be
    published. The round's row is locked, so that two simultaneous orders cannot form a cycle.

    Raises PermissionDenied, ValidationError.
    """
    _check_city(by)
    row = DockingRound.objects.select_for_update(of=("self",)).get(pk=before.docking_round_id)
    if row.status not in DockingRound.OPEN:
        raise ValidationError("“%(round)s”已经结束，不能再定先后。" % {"round": row})
    if before.pk == after.pk:
        raise ValidationError("一场洽谈不能先于自己，请选两场不同的洽谈。")
    if after.docking_round_id != row.pk:
        raise ValidationError("两场洽谈不属于同一次活动，不能定先后。")
    for meeting in (before, after):
        meeting.refresh_from_db(fields=["status"])
        if meeting.status != Status.WANTED:
            raise ValidationError(
                "“%(meeting)s”现在是“%(now)s”，不能再定先后。"
                % {"meeting": meeting, "now": meeting.get_status_display()}
            )
    active_orders = MeetingOrder.objects.active().of_round(row)
    if active_orders.filter(before=before, after=after).exists():
        raise ValidationError("已有这条先后要求：“%(a)s”先于“%(b)s”。" % {"a": before, "b": after})
    if chain := _find_chain(active_orders, after.pk, before.pk):
        raise ValidationError(_cycle_message(chain))
    order = MeetingOrder.objects.create(before=before, after=after, made_by=by)
    record("定先后", before, by=by, changes={"before": [None, str(after)]})
    return order


@transaction.atomic
def lift_order(order: MeetingOrder, *, by: User) -> None:
    """Remove an order constraint. Raises PermissionDenied, ValidationError."""
    _check_city(by)
    lifted = MeetingOrder.objects.filter(pk=order.pk, lifted_at=None).update(lifted_at=timezone.now(), lifted_by=by)
    order.refresh_from_db()
    if not lifted:
        raise ValidationError("这条先后要求已经由%(who)s取消了。" % {"who": order.lifted_by or "系统"})
    record("取消先后", order.before, by=by, changes={"before": [str(order.after), None]})


def _find_chain(active_orders: QuerySet[MeetingOrder], start: int, end: int) -> list[int]:
    """Return the meetings on the shortest path of orders from `start` to `end`; empty if there is none."""
    following = defaultdict(list)
    for before, after in active_orders.order_by("pk").values_list("before", "after"):
        following[before].append(after)
    came: dict[int, int | None] = {start: None}
    at = [start]
    for meeting in at:
        for later in following[meeting]:
            if later not in came:
                came[later] = meeting
                at.append(later)
    if end not in came:
        return []
    chain = [end]
    while (earlier := came[chain[-1]]) is not None:
        chain.append(earlier)
    return chain[::-1]


def _cycle_message(chain: list[int]) -> str:
    """Return the message that names each order of the cycle."""
    rows = Meeting.objects.select_related("firm_party__organisation", "institution_party__organisation").in_bulk(chain)
    names = [str(rows[pk]) for pk in chain]
    steps = "，".join("“%(a)s”先于“%(b)s”" % {"a": a, "b": b} for a, b in pairwise(names))
    return "先后要求绕成了圈：已要求%(details)s，不能再要求“%(last)s”先于“%(first)s”。请先取消其中一条。" % {
        "details": steps,
        "last": names[-1],
        "first": names[0],
    }


def _check_city(by: User | None) -> None:
    if by is not None and not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以定洽谈的先后。")
