"""Resolves an address without trying a thousand patterns in turn."""

from functools import cached_property

from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

DEPTH = 2
"""So many segments of an address choose the patterns that are tried."""


class SegmentResolver(URLResolver):
    """Includes patterns as `include` does, and tries only those that can match the first segments of the address.

    Django compares an address with each pattern in turn and keeps a list of those that did not match. The order of the
    patterns stays: the first that matches answers. `reverse` and whoever lists the patterns see no difference.
    """

    def __init__(self, patterns: list[URLPattern | URLResolver]) -> None:
        super().__init__(RoutePattern(""), patterns)

    def resolve(self, path: str) -> ResolverMatch:
        path = str(path)
        ends = [number for number, character in enumerate(path) if character == "/"][:DEPTH]
        for end in reversed(ends):
            narrowed = self._by_segments.get(path[: end + 1])
            if narrowed is not None:
                return narrowed.resolve(path)
        return self._by_segments[""].resolve(path)

    @cached_property
    def _by_segments(self) -> dict[str, URLResolver]:
        """{first segments: resolver of the patterns that can match an address with them}.

        A resolver of fewer than `DEPTH` segments serves the addresses that no longer key begins, so it leaves out the
        patterns that have one.
        """
        patterns = [(_literal_start(pattern), pattern) for pattern in _flat(self.url_patterns)]
        keys = {""}
        for start, _pattern in patterns:
            segments = start.split("/")[:-1][:DEPTH]
            keys |= {"/".join(segments[:number]) + "/" for number in range(1, len(segments) + 1)}
        return {
            key: URLResolver(RoutePattern(""), [pattern for start, pattern in patterns if _can_match(key, start)])
            for key in keys
        }


def _can_match(key: str, start: str) -> bool:
    if key.count("/") < min(start.count("/"), DEPTH):
        return False
    return start.startswith(key) or key.startswith(start)


def _flat(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The patterns, with those of each include that adds nothing to their addresses in its place."""
    flat: list[URLPattern | URLResolver] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and _adds_nothing(pattern):
            flat += _flat(pattern.url_patterns)
        else:
            flat.append(pattern)
    return flat


def _adds_nothing(include: URLResolver) -> bool:
    return not (str(include.pattern) or include.namespace or include.app_name or include.default_kwargs)


def _literal_start(pattern: URLPattern | URLResolver) -> str:
    """The part of the route that each address begins with; nothing for a regular expression."""
    return str(pattern.pattern).partition("<")[0] if isinstance(pattern.pattern, RoutePattern) else ""
