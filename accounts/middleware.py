from django.conf import settings
from django.urls import reverse

from audit.origin import origin
from core.client_address import client_address


class AuditOriginMiddleware:
    """Name the visitor's address in every audit record that this request writes."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        kind = "接口" if request.path.startswith("/api/") else "网页"
        with origin(kind, client_address(request)):
            return self.get_response(request)


class IdleNoticeMiddleware:
    """Who is sent to the login page because their session ran out is told so.

    The session's cookie is dropped with this very answer, so the login page itself could not know.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if (
            response.status_code == 302
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and request.session.is_empty()
            and response.url.partition("?")[0] in {reverse("login"), reverse("admin:login")}
        ):
            response["Location"] += ("&" if "?" in response.url else "?") + "idle=1"
        return response
