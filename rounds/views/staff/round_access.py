"""Which staff may open a page of a docking round."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import add_never_cache_headers

from accounts.models import User
from accounts.requests import UserRequest
from rounds.models import DockingRound

VIEW_ROUND = "rounds.view_dockinground"
VIEW_TIMETABLE, CHANGE_TIMETABLE = "rounds.view_timetable", "rounds.change_timetable"

type View = Callable[..., HttpResponse]


def round_or_404(request: UserRequest, permission: str, **lookup) -> DockingRound:
    """The round with its host.

    Raises PermissionDenied without `permission` before it queries, so that the answer does not tell which rounds
    exist. Raises Http404 for a round that the user may not see.
    """
    if not request.user.has_perm(permission):
        raise PermissionDenied
    rounds = DockingRound.objects.visible_to(request.user).select_related("host__stat_region")
    return get_object_or_404(rounds, **lookup)


def is_city_or_district(user: User) -> bool:
    """Whether the user may change what a page shows; an auditor only reads."""
    return user.scope.is_city or user.scope.is_district


def event_day_view(view: View) -> View:
    """Requires the permission to view rounds. Passes the round in place of its `public_id`; caches nothing."""

    @wraps(view)
    def wrapper(request: UserRequest, public_id: str, **kwargs) -> HttpResponse:
        response = view(request, round_or_404(request, VIEW_ROUND, public_id=public_id), **kwargs)
        add_never_cache_headers(response)
        return response

    return wrapper


def timetable_view(view: View) -> View:
    """Requires the permission to view timetables. Passes the round in place of its primary key."""

    @wraps(view)
    def wrapper(request: UserRequest, round_id: int) -> HttpResponse:
        return view(request, round_or_404(request, VIEW_TIMETABLE, pk=round_id))

    return wrapper


def planner_view(view: View) -> View:
    """As `timetable_view`, for users who see the meetings of all districts."""

    @timetable_view
    @wraps(view)
    def wrapper(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
        if not request.user.scope.sees_all:
            raise PermissionDenied
        return view(request, docking_round)

    return wrapper
