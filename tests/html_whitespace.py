"""Pages in the test client have white space as a browser shows it, not the indentation of the templates.

A test can look for `<dt>需求</dt><dd>3` or `共 3 场洽谈` wherever the formatter of templates breaks the line.
"""

import re
from functools import cache

from django.http import HttpResponseBase
from django.test import Client

KEPT = re.compile(rb"(<(?:textarea|pre|script|style)\b.*?</(?:textarea|pre|script|style)>)", re.DOTALL)
RULES = [
    (re.compile(rb"\s+(?=>)"), b""),  # the end of a tag that has an attribute per line
    (re.compile(rb"(<(?!input\b|img\b|br\b)[a-zA-Z][^<>]*>)[ \t]*\n\s*"), rb"\1"),
    (re.compile(rb"[ \t]*\n\s*(?=</)"), b""),
    (re.compile(rb"(?<=>)[ \t]*\n\s*(?=<)"), b""),
    (re.compile(rb"\s*\n\s*"), b" "),
]


def collapse(html: bytes) -> bytes:
    """Remove line breaks beside tags, and turn every other line break into a space. Text areas and scripts stay."""
    parts = KEPT.split(html)
    for number in range(0, len(parts), 2):
        for pattern, replacement in RULES:
            parts[number] = pattern.sub(replacement, parts[number])
    return b"".join(parts)


class CollapsedResponse:
    """Mixed into a response of the test client: its content is collapsed when a test first reads it."""

    @property
    def content(self) -> bytes:
        if self._collapsed is None:
            self._collapsed = collapse(self.content_as_sent)
        return self._collapsed

    @property
    def text(self) -> str:
        return self.content.decode(self.charset or "utf-8")


_request = Client.request


@cache
def _collapsed_type(plain: type) -> type:
    return type(plain.__name__, (CollapsedResponse, plain), {})


def _lazily_collapsed(self: Client, **request) -> HttpResponseBase:
    response = _request(self, **request)
    if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
        response.content_as_sent, response._collapsed = response.content, None
        response.__class__ = _collapsed_type(type(response))
    return response


def install() -> None:
    Client.request = _lazily_collapsed
