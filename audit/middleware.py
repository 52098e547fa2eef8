from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit.origin import origin
from core.client_address import client_address


class AuditOriginMiddleware:
    """Store the client address and the interface in every audit record that the request writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kind = "接口" if request.path.startswith("/api/") else "网页"
        with origin(kind, client_address(request)):
            return self.get_response(request)
