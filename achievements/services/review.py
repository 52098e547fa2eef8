"""Submit drafts, approve them for the institution, return them: 提交, 院校审核, 退回."""

from django.core.exceptions import PermissionDenied

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import check_institution_or_city, represents_institution
from achievements.services.transitions import (
    BulkResult,
    Rows,
    Status,
    bulk_change_status,
    change_status,
    primary_keys,
)
from core.plain_text import clean_reason

INSTITUTION_SUBMITTABLE = (Status.DRAFT, Status.INSTITUTION_REVIEW)


def submit_achievement(achievement: Achievement, *, by: User) -> None:
    """Submit a draft: an institution submits to the city (and has then reviewed it), the city to the institution.

    Raises PermissionDenied for another institution's achievement, ValidationError if the status does not allow it.
    """
    check_institution_or_city(achievement, by)
    sources = submittable_statuses(achievement, by)
    if represents_institution(achievement, by):
        change_status(achievement, sources, Status.CITY_REVIEW, action="提交市科技局审核", by=by)
    else:
        change_status(achievement, sources, Status.INSTITUTION_REVIEW, action="提交院校审核", by=by)


def recall_achievement(achievement: Achievement, *, by: User) -> None:
    """待市科技局审核 → 草稿: the institution takes back what it has submitted, before the city decides."""
    if not represents_institution(achievement, by):
        raise PermissionDenied("只有第一完成单位可以撤回提交。")
    change_status(achievement, (Status.CITY_REVIEW,), Status.DRAFT, action="撤回提交", by=by)


def submittable_statuses(achievement: Achievement, by: User) -> tuple[Status, ...]:
    """Statuses from which `by` may submit. An institution may also submit what the city imported for its review."""
    if represents_institution(achievement, by):
        return INSTITUTION_SUBMITTABLE
    return (Status.DRAFT,) if by.scope.is_city else ()


def submit_achievements(achievements: Rows, *, by: User) -> BulkResult:
    """Submit to the city those `achievements` of the actor's institutions that are 草稿 or 待院校审核.

    Raises PermissionDenied for users without an institution.
    """
    own = by.scope.institution_ids
    if not own:
        raise PermissionDenied("只有院校专员可以批量提交本单位的成果。")
    rows = Achievement.objects.filter(pk__in=primary_keys(achievements), institution__in=own)
    return bulk_change_status(rows, INSTITUTION_SUBMITTABLE, Status.CITY_REVIEW, action="提交市科技局审核", by=by)


def approve_achievement(achievement: Achievement, *, by: User) -> None:
    """待院校审核 → 待市科技局审核, by the institution or by the city on its behalf; the audit action tells which."""
    check_institution_or_city(achievement, by)
    action = "院校审核通过" if represents_institution(achievement, by) else "代院校审核通过"
    change_status(achievement, (Status.INSTITUTION_REVIEW,), Status.CITY_REVIEW, action=action, by=by)


def approve_achievements(achievements: Rows, *, by: User) -> BulkResult:
    """`approve_achievement` for many: the city on all, an institution on its own."""
    rows = Achievement.objects.filter(pk__in=primary_keys(achievements))
    if not by.scope.is_city:
        rows = rows.filter(institution__in=by.scope.institution_ids)
    action = "代院校审核通过" if by.scope.is_city else "院校审核通过"
    return bulk_change_status(rows, (Status.INSTITUTION_REVIEW,), Status.CITY_REVIEW, action=action, by=by)


def return_achievement(achievement: Achievement, *, by: User, reason: str) -> None:
    """Return it to 草稿 with a reason: by the city, or by the institution while it is 待院校审核."""
    check_institution_or_city(achievement, by)
    sources = (Status.INSTITUTION_REVIEW, Status.CITY_REVIEW) if by.scope.is_city else (Status.INSTITUTION_REVIEW,)
    reason = clean_reason(reason, "简介没有写明已达到的指标，请补充")
    change_status(achievement, sources, Status.DRAFT, action="退回修改", by=by, reason=reason)


def return_achievements(achievements: Rows, *, by: User, reason: str) -> BulkResult:
    """`return_achievement` for many with one reason, by city staff."""
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以批量退回成果。")
    reason = clean_reason(reason, "简介没有写明已达到的指标，请补充")
    sources = (Status.INSTITUTION_REVIEW, Status.CITY_REVIEW)
    return bulk_change_status(achievements, sources, Status.DRAFT, action="退回修改", by=by, reason=reason)
