"""Every address the resolver knows, and how to fill one in."""

import re

from django.urls import URLPattern, get_resolver

PARAMETER = re.compile(r"\(\?P<\w+>[^)]*\)|<[^>]+>")


def routes(patterns=None, prefix: str = "") -> list[str]:
    """The routes in the order they are tried; those that an earlier one hides are not reachable and left out."""
    names = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        names += [route] if isinstance(pattern, URLPattern) else routes(pattern.url_patterns, route)
    return list(dict.fromkeys(names))


def address(route: str, *values) -> str:
    """The path of a route with its parameters filled in, in order."""
    remaining = iter(values)
    route = route.replace("<uidb64>/<token>", "<token>")  # one value, with the slash in it
    return "/" + PARAMETER.sub(lambda _parameter: str(next(remaining)), route).replace("^", "").replace("$", "")
