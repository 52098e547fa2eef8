"""Content-Security-Policy by path: the strict policy of the settings, relaxed where a library needs it."""

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase

RELAXED_PREFIXES = ("/admin/", "/api/v1/docs/")
"""Alpine in the admin evaluates expressions in attributes; Swagger UI starts from an inline script."""

STRICT_PREFIXES = (
    "/admin/matching/match/triage/",
    "/admin/rounds/dockinground/timetable/",
    "/admin/rounds/dockinground/day/",
)
"""Pages below a relaxed prefix that have no inline scripts or styles."""

RELAXED = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "object-src": [NONE],
    "base-uri": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [SELF],
}


class PolicyMiddleware(CSPMiddleware):
    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        path = request.path_info
        if not report_only and path.startswith(RELAXED_PREFIXES) and not path.startswith(STRICT_PREFIXES):
            parts.config = parts.config or RELAXED
        return parts
