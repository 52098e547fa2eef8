"""Who may change the directory: city staff."""

from django.core.exceptions import PermissionDenied

from accounts.models import User


def check_city(by: User) -> None:
    """Raise PermissionDenied unless `by` is city staff."""
    if not by.scope.is_city:
        raise PermissionDenied("服务机构与经纪人名录由市级专员维护。")
