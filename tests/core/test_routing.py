import re

from django.urls import Resolver404, URLResolver, get_resolver, include, path
from django.urls.resolvers import RoutePattern

from core.routing import SegmentResolver
from tests.walk.routes import PARAMETER, routes

VALUES = ("a23456789b", "3", "audit")
"""Of them a public id, slug, text or path, a number, and an app of the admin."""


def answer(resolver: URLResolver, address: str) -> tuple | None:
    try:
        match = resolver.resolve(address)
    except Resolver404:
        return None
    return match.func, match.args, match.kwargs, match.view_name, match.route, match.app_names, match.namespaces


def plain(patterns: list) -> URLResolver:
    """Django's own resolver of the same patterns, which tries them in turn."""
    inside = [
        URLResolver(
            pattern.pattern,
            plain(pattern.url_patterns).url_patterns,
            pattern.default_kwargs,
            pattern.app_name,
            pattern.namespace,
        )
        if isinstance(pattern, URLResolver)
        else pattern
        for pattern in patterns
    ]
    return URLResolver(RoutePattern(""), inside)


def test_each_address_gets_the_same_answer_as_from_djangos_resolver():
    compared = plain(get_resolver().url_patterns)

    def same_answer(address: str) -> tuple | None:
        expected = answer(compared, address)
        assert answer(get_resolver(), "/" + address) == expected, address
        return expected

    for route in routes():
        addresses = [PARAMETER.sub(value, route).replace("^", "").replace("$", "") for value in VALUES]
        addresses[0] = re.sub(r"\(\?:.*\)\?", "", addresses[0])  # of an expression that names no parameter
        assert any(same_answer(address) for address in addresses), route
        same_answer(addresses[0].rstrip("/"))
        same_answer(addresses[0].replace("/", "/none/", 1))
    assert same_answer("none/") is None


def view(number: int):
    return lambda request: number


def test_the_first_pattern_that_matches_answers_whatever_its_length():
    views = [view(number) for number in range(5)]
    resolver = SegmentResolver(
        [
            path("a/b/c/", views[0]),
            path("", include([path("a/<slug:name>/c/", views[1]), path("<path:rest>", views[2])])),
            path("a/b/d/", views[3]),
            path("a/", views[4]),
        ]
    )

    def chosen(address: str):
        return resolver.resolve(address).func

    assert [chosen(address) for address in ("a/b/c/", "a/x/c/", "a/b/d/", "a/", "z")] == [
        *(views[0], views[1], views[2], views[2], views[2])
    ]


def test_few_patterns_are_tried():
    """An address of the workbench meets no pattern of the admin."""
    tried = [str(patterns[-1].pattern) for patterns in get_resolver().resolve("/workbench/notices/").tried]
    assert all("workbench/notices/".startswith(pattern.partition("<")[0]) for pattern in tried)
