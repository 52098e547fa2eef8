from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from core.scope import scope_of


def oversight_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Admit city staff, auditors and district officers. System administrators keep accounts and see no matches."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        scope = scope_of(request.user)
        if not (scope.sees_all or scope.is_district):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
