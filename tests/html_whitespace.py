"""Pages in the test client have white space as a browser shows it, not the indentation of the templates.

A test can look for `<dt>需求</dt><dd>3` or `共 3 场洽谈` wherever the formatter of templates breaks the line.
"""

import re
from functools import cache

from django.http import HttpResponseBase
from django.test import Client

KEPT = re.compile(rb"(<(?:textarea|pre|script|style)\b.*?</(?:textarea|pre|script|style)>)", re.DOTALL)
BEFORE_END_OF_TAG = re.compile(rb"[ \t]+(?=>)")
LINE_BREAK = re.compile(rb"[ \t]*\n\s*")
OPENING = re.compile(rb"<(?!input\b|img\b|br\b)[a-zA-Z]")


def collapse(html: bytes) -> bytes:
    """Remove line breaks beside tags, and turn every other line break into a space. Text areas and scripts stay."""
    parts = KEPT.split(html)
    for number in range(0, len(parts), 2):
        part = BEFORE_END_OF_TAG.sub(b"", parts[number])
        parts[number] = LINE_BREAK.sub(_replacement, part)
    return b"".join(parts)


def _replacement(line_break: re.Match) -> bytes:
    text, start, end = line_break.string, line_break.start(), line_break.end()
    following = text[end : end + 2]
    if following[:1] == b">" or following == b"</":  # the end of a tag that has an attribute per line; a closing tag
        return b""
    follows_tag = start and text[start - 1] == ord(">")
    if follows_tag and (following[:1] == b"<" or OPENING.match(text, text.rfind(b"<", 0, start))):
        return b""
    return b" "


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
