"""A URL that no test ever got an answer from fails the suite: nobody knows whether it works."""

from django.core.handlers.base import BaseHandler
from django.urls import URLPattern, get_resolver

ANSWERED: set[str] = set()
REFUSES_ALWAYS = {"api/v1/(?:.*/)?$"}
"""Unknown addresses below the API: their one answer is a 404 as problem details, which the walk asks for."""
NOT_OURS = ("admin/jsi18n/", "admin/r/<path:content_type_id>/<path:object_id>/")

_get_response = BaseHandler.get_response


def _remember(self, request):
    response = _get_response(self, request)
    match = getattr(request, "resolver_match", None)
    if match is not None and response.status_code < 400:
        ANSWERED.add(match.route)
    return response


def watch() -> None:
    BaseHandler.get_response = _remember


def never_answered() -> list[str]:
    return sorted(set(_routes(get_resolver().url_patterns)) - ANSWERED - REFUSES_ALWAYS)


def _routes(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern).removeprefix("^" if prefix else "")  # as a resolver joins them
        if isinstance(pattern, URLPattern):
            if not route.startswith(NOT_OURS):
                yield route
        else:
            yield from _routes(pattern.url_patterns, route)
