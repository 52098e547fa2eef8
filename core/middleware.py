"""The id of each request, and one log line for it."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.request_ids import HEADER, WorkIds, accepted_id, working_on

log = logging.getLogger("requests")
QUIET = ("/static/", "/healthz", "/livez", "/readyz", "/metrics")
"""What machines ask for all day is not logged."""


class RequestIdMiddleware:
    """The id is the proxy's if there is a proxy and its id is well-formed; anybody else could send the id of another
    request. A proxy must set X-Request-ID itself (docs/operations).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        offered = request.headers.get(HEADER) if settings.BEHIND_TLS_PROXY else None
        request_id = accepted_id(offered)
        with working_on(WorkIds(request_id=request_id)):
            began = time.perf_counter()
            response = self.get_response(request)
            response[HEADER] = request_id
            if settings.LOG_REQUESTS and not request.path.startswith(QUIET):
                _log_request(request, response, time.perf_counter() - began)
            return response


def _log_request(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """The path without its query. Secret parts of it are hidden by `core.log_redaction` as in each line."""
    match = request.resolver_match
    log.info(
        "%s %s %s",
        request.method,
        request.path,
        response.status_code,
        extra={
            "method": request.method,
            "route": match.view_name if match else "",
            "status": response.status_code,
            "milliseconds": round(seconds * 1000, 1),
        },
    )
