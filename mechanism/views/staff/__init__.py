"""Pages for staff within the admin: nine tasks, measures, minutes, honours, evaluations."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts.requests import UserRequest


def city_or_district_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Allows city staff, the auditor and district officers; other staff such as system administrators get 403."""

    @wraps(view)
    def wrapper(request: UserRequest, *args, **kwargs) -> HttpResponse:
        user_scope = request.user.scope
        if not (user_scope.sees_all or user_scope.is_district):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapper
