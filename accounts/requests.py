"""Requests of signed-in users."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class UserRequest(HttpRequest):
    """The request of a view behind `login_required` or in the staff area. Only for annotations."""

    user: User
    htmx: "HtmxDetails"


def user_of(request: HttpRequest) -> User:
    """The user of a request that only signed-in users can send, for methods of Django that pass any request."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
