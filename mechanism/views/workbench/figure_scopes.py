"""What the pages of figures share: the parsed scope, its title and the choices of its form."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import Organisation, Region, User
from accounts.requests import UserRequest
from mechanism.kpi.dashboards import has_dashboard
from mechanism.kpi.definitions import DIMENSIONS
from mechanism.kpi.query_scope import FigureScope, parse_scope


def with_scope(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Requires a user with a dashboard and passes the parsed scope; an invalid scope is answered with 404."""

    @login_required
    @require_safe
    @wraps(view)
    def wrapper(request: UserRequest, **kwargs) -> HttpResponse:
        if not has_dashboard(request.user):
            raise PermissionDenied
        return view(request, scope_or_404(request), **kwargs)

    return wrapper


def scope_or_404(request: UserRequest) -> FigureScope:
    try:
        return parse_scope(request.GET, request.user)
    except ValidationError as error:
        raise Http404("".join(error.messages)) from error


def scope_context(scope: FigureScope) -> dict:
    return {"scope": scope, "scope_query": urlencode(scope.query), "is_whole_city": scope.is_whole_city}


def scope_choices(user: User) -> dict:
    """Districts and institutions that the user may choose."""
    sees_all = user.scope.sees_all
    return {
        "regions_to_choose": Region.objects.reporting() if sees_all else [],
        "institutions_to_choose": Organisation.objects.institutions().filter(is_active=True) if sees_all else [],
    }


def title_of(scope: FigureScope) -> str:
    """Whose figures they are: 全市, the names of the districts and institutions of the user, or what is filtered."""
    user_scope = scope.user.scope
    if scope.filters:
        return "、".join(str(value or DIMENSIONS[name].unknown) for name, value in scope.filters)
    if user_scope.sees_all:
        return "全市"
    names = [region.name for region in Region.objects.filter(pk__in=user_scope.region_ids)]
    names += [institution.name for institution in Organisation.objects.filter(pk__in=user_scope.institution_ids)]
    return "、".join(names)
