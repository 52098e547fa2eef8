"""Which Content-Security-Policy a page gets: the strict one of the settings, except where a library needs more."""

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware

RELAXED_PREFIXES = ("/admin/", "/api/v1/docs/")
"""The admin's Alpine evaluates expressions in attributes; Swagger UI starts from an inline script."""

STRICT_AGAIN = (
    "/admin/matching/match/triage/",
    "/admin/rounds/dockinground/timetable/",
    "/admin/rounds/dockinground/day/",
)
"""These desks are ours wholly: no script or style stands in their pages."""

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
    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        path = request.path_info
        if not report_only and path.startswith(RELAXED_PREFIXES) and not path.startswith(STRICT_AGAIN):
            parts.config = parts.config or RELAXED
        return parts
