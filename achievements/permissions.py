"""Who may change an achievement: city staff, and officers of its institution."""

from django.core.exceptions import PermissionDenied

from accounts.models import User
from achievements.models import Achievement


def check_city(by: User) -> None:
    """Raise PermissionDenied unless `by` is city staff."""
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以这样处理成果。")


def check_institution_or_city(achievement: Achievement, by: User) -> None:
    """Raise PermissionDenied unless `by` is city staff or an officer of the achievement's institution."""
    if not (by.scope.is_city or achievement.institution_id in by.scope.institution_ids):
        raise PermissionDenied("“%(title)s”不是您单位的成果。" % {"title": achievement})


def represents_institution(achievement: Achievement, by: User) -> bool:
    """Whether `by` is an officer of the achievement's institution."""
    return achievement.institution_id in by.scope.institution_ids
