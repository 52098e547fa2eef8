"""Which achievements a college office or a completer reads: those of the college, those given to the completer.

This gives no other right: querysets of other apps do not know of it.
"""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from achievements.models import Achievement
from audit.services import record
from members.models import Delegation
from members.services.memberships import may_administer
from portfolio.models import DelegatedItem

Kind = Delegation.Kind
MOST_ITEMS = 500


def delegated_items(user: User) -> QuerySet[Achievement]:
    """Those that the user reads as a college office or a completer, without withdrawn ones."""
    delegations = Delegation.objects.of(user).filter(organisation=OuterRef("institution"))
    of_college = delegations.filter(kind=Kind.COLLEGE, college=OuterRef("college"))
    given = DelegatedItem.objects.filter(
        achievement=OuterRef("pk"),
        delegation__in=Delegation.objects.of(user).filter(kind=Kind.COMPLETER),
        delegation__organisation=OuterRef("institution"),
    )
    rows = Achievement.objects.filter(Exists(of_college) | Exists(given))
    return rows.exclude(status=Achievement.Status.WITHDRAWN).select_related("institution")


def delegated_item(user: User, public_id: str) -> Achievement:
    """Raises Http404 for every other achievement."""
    return get_object_or_404(delegated_items(user), public_id=public_id)


def delegation_for(user: User, achievement: Achievement) -> Delegation:
    """That by which the user reads the achievement, as a college office first. Raises Http404 without one."""
    delegations = Delegation.objects.of(user).filter(organisation=achievement.institution_id)
    of_college = (
        delegations.filter(kind=Kind.COLLEGE, college=achievement.college)
        if achievement.college
        else delegations.none()
    )
    row = of_college.first() or delegations.filter(kind=Kind.COMPLETER, items__achievement=achievement).first()
    if row is None:
        raise Http404
    return row


def items_of(delegation: Delegation) -> QuerySet[Achievement]:
    """What the holder of a delegation reads."""
    own = Achievement.objects.filter(institution=delegation.organisation_id)
    if delegation.kind == Kind.COLLEGE:
        own = own.filter(college=delegation.college)
    else:
        own = own.filter(delegated_items__delegation=delegation)
    return own.exclude(status=Achievement.Status.WITHDRAWN).order_by("title", "pk")


@transaction.atomic
def give_items(delegation: Delegation, achievements: Iterable[Achievement], *, by: User) -> int:
    """Let a completer read these achievements too. By an administrator of the institution. Returns how many are new.

    Raises PermissionDenied; ValidationError for another institution's achievement or an ended delegation.
    """
    _check(delegation, by)
    rows = list(achievements)
    if any(row.institution_id != delegation.organisation_id for row in rows):
        raise PermissionDenied("选中的成果里有不是本单位的。")
    present = set(delegation.items.values_list("achievement", flat=True))
    new = [row for row in rows if row.pk not in present]
    if len(present) + len(new) > MOST_ITEMS:
        raise ValidationError(f"一位完成人最多 {MOST_ITEMS} 项成果。")
    try:
        with transaction.atomic():
            DelegatedItem.objects.bulk_create(
                DelegatedItem(delegation=delegation, achievement=row, given_by=by) for row in new
            )
    except IntegrityError:  # a second press at the same time
        raise ValidationError("同事刚刚也加过，请刷新页面。") from None
    if new:
        record("加入授权的成果", delegation, by=by, changes={"achievements": [None, [row.public_id for row in new]]})
    return len(new)


@transaction.atomic
def take_item(delegation: Delegation, achievement: Achievement, *, by: User) -> None:
    """The completer reads this achievement no longer. Raises PermissionDenied, ValidationError."""
    _check(delegation, by)
    number, _rows = DelegatedItem.objects.filter(delegation=delegation, achievement=achievement).delete()
    if not number:
        raise ValidationError("这项成果已经不在授权里。")
    record("移出授权的成果", delegation, by=by, changes={"achievements": [[achievement.public_id], None]})


def _check(delegation: Delegation, by: User) -> None:
    if not may_administer(delegation.organisation, by):
        raise PermissionDenied("只有本单位的管理员可以更改授权。")
    if delegation.ended_at or delegation.kind != Kind.COMPLETER:
        raise ValidationError("这份授权已经结束，或是学院的授权，不能逐项更改。")
