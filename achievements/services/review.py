"""From draft to the city's desk and back: 提交, 院校审核, 退回."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from achievements.models import Achievement
from achievements.services.moves import (
    BulkResult,
    Status,
    check_office_or_city,
    checked_reason,
    is_office_of,
    keys_of,
    move,
    move_many,
)

OFFICE_SUBMITS = (Status.DRAFT, Status.OFFICE_REVIEW)


def submit_achievement(achievement: Achievement, *, by) -> None:
    """Hand an item in: by the institution's office to the city (it has then reviewed it), by the city to the office.

    Raises PermissionDenied for another institution's item, ValidationError when it is not a draft any more.
    """
    check_office_or_city(achievement, by)
    sources = submittable_states(achievement, by)
    if is_office_of(achievement, by):
        move(achievement, sources, Status.CITY_REVIEW, action=_("提交市科技局审核"), by=by)
    else:
        move(achievement, sources, Status.OFFICE_REVIEW, action=_("提交院校审核"), by=by)


def submittable_states(achievement: Achievement, by) -> tuple[Status, ...]:
    """In which states this actor may hand the item in: the office also what the city imported for it."""
    if is_office_of(achievement, by):
        return OFFICE_SUBMITS
    return (Status.DRAFT,) if by.scope.is_city else ()


def submit_many(achievements, *, by) -> BulkResult:
    """Hand in every draft and every item awaiting the office's review among `achievements` (queryset or list).

    Only items of the actor's own institutions; raises PermissionDenied for whoever speaks for none.
    """
    own = by.scope.institution_ids
    if not own:
        raise PermissionDenied(_("只有院校专员可以批量提交本单位的成果。"))
    rows = Achievement.objects.filter(pk__in=keys_of(achievements), institution__in=own)
    return move_many(rows, OFFICE_SUBMITS, Status.CITY_REVIEW, action=_("提交市科技局审核"), by=by)


def approve_achievement(achievement: Achievement, *, by) -> None:
    """待院校审核 → 待市科技局审核, by the office, or by the city in its place (the trail shows who it was)."""
    check_office_or_city(achievement, by)
    action = _("院校审核通过") if is_office_of(achievement, by) else _("代院校审核通过")
    move(achievement, (Status.OFFICE_REVIEW,), Status.CITY_REVIEW, action=action, by=by)


def approve_many(achievements, *, by) -> BulkResult:
    """As `approve_achievement`, for the city on many items or the office on its own."""
    rows = Achievement.objects.filter(pk__in=keys_of(achievements))
    if not by.scope.is_city:
        rows = rows.filter(institution__in=by.scope.institution_ids)
    action = _("代院校审核通过") if by.scope.is_city else _("院校审核通过")
    return move_many(rows, (Status.OFFICE_REVIEW,), Status.CITY_REVIEW, action=action, by=by)


def return_achievement(achievement: Achievement, *, by, reason: str) -> None:
    """Back to a draft with a reason the office can act on: by the city, or by the office while it is still its turn."""
    check_office_or_city(achievement, by)
    sources = (Status.OFFICE_REVIEW, Status.CITY_REVIEW) if by.scope.is_city else (Status.OFFICE_REVIEW,)
    reason = checked_reason(reason, _("简介没有写明已达到的指标，请补充"))
    move(achievement, sources, Status.DRAFT, action=_("退回修改"), by=by, reason=reason)


def return_many(achievements, *, by, reason: str) -> BulkResult:
    """As `return_achievement`, by the city, with one reason for all."""
    if not by.scope.is_city:
        raise PermissionDenied(_("只有市级专员可以批量退回成果。"))
    reason = checked_reason(reason, _("简介没有写明已达到的指标，请补充"))
    sources = (Status.OFFICE_REVIEW, Status.CITY_REVIEW)
    return move_many(achievements, sources, Status.DRAFT, action=_("退回修改"), by=by, reason=reason)
