"""A page that answers a post at an address which only takes posts names the address of every form and link on it.

Such a page stands at the address of a step. A form without `action` would be sent to that step instead of its own, and
a link such as `?page=2` would ask for it with GET, which answers 405. Every page of the test client is looked at.
"""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.test import Client

FORM = re.compile(rb"<form\b[^>]*>")
ACTION = re.compile(rb"""\saction=["'][^"'?#]""")
RELATIVE_LINK = re.compile(rb"""<a\b[^>]*\shref=["']\?[^>]*>""")


class FormWithoutAddress(AssertionError):
    """A form or link leads back to the step that was refused."""


def allowed_methods(view: Callable[..., Any] | None) -> list[str]:
    """The methods that a view names in `require_http_methods` or its short forms; [] if it names none."""
    while view is not None:
        code, cells = getattr(view, "__code__", None), getattr(view, "__closure__", None) or ()
        for name, cell in zip(code.co_freevars if code else (), cells, strict=bool(code)):
            if name == "request_method_list":
                return list(cell.cell_contents)
        view = getattr(view, "__wrapped__", None)
    return []


def faults(html: bytes) -> list[str]:
    """The forms and links of a page that name no address."""
    tags = [tag for tag in FORM.findall(html) if not ACTION.search(tag) and b'method="dialog"' not in tag]
    return [tag.decode() for tag in (*tags, *RELATIVE_LINK.findall(html))]


def check(response: HttpResponseBase) -> None:
    match = getattr(response, "resolver_match", None)
    if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
        return
    allowed = allowed_methods(match.func) if match else []
    if allowed and "GET" not in allowed and (wrong := faults(response.content)):
        raise FormWithoutAddress(f"/{match.route} answers no GET, but its page has {wrong}")


_request = Client.request


def _checked(self: Client, **request: Any) -> HttpResponseBase:
    response = _request(self, **request)
    if request.get("REQUEST_METHOD") == "POST" and response.status_code in (200, 422):
        check(response)
    return response


def watch() -> None:
    Client.request = _checked
