from collections.abc import Callable

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.sessions import SessionStore


class RenewingSessionMiddleware(SessionMiddleware):
    """Each request that did not fail renews the session of its browser."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = request.session
        is_to_be_saved = session.modified
        response = super().process_response(request, response)
        if isinstance(session, SessionStore) and not is_to_be_saved and response.status_code < 500:
            session.renew()
        return response


class IdleNoticeMiddleware:
    """Add `idle=1` to the redirect to the login page if the session has expired, so that the page can say so.

    This response also deletes the session cookie, so the login page itself could not detect the expiry.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code == 302
            and not getattr(request, "was_signed_out", False)  # by the platform, not by the clock
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and request.session.is_empty()
            and response.url.partition("?")[0] in {reverse("login"), reverse("admin:login")}
        ):
            response["Location"] += ("&" if "?" in response.url else "?") + "idle=1"
        return response
