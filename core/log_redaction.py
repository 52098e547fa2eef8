"""What never stands in a log line or error report: personal data, secret links, query strings, values of rows.

Messages of our own code name no persons. Messages of others quote what they choke on: Django names the path of a page
that was not found, PostgreSQL the row that breaks a constraint.
"""

import re
from collections.abc import Iterator
from functools import cache

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from core.personal_data import mask_identity_numbers

HIDDEN = "[…]"
LONGEST = 20_000
"""Characters of a message or traceback. What is posted can be quoted in a message, and each pattern reads all of it."""
SECRET_PARAMETERS = frozenset({"code", "secret", "token", "uidb64"})
"""Names of path parameters that let somebody in. A test keeps the names of all parameters known."""

_ROWS = re.compile(
    r"^(?P<head>DETAIL|LINE \d+|CONTEXT|QUERY|Failing row contains)\b.*?"
    r"(?=^HINT:|^Traceback |^\s*$|^The above|^During |\Z)",
    re.MULTILINE | re.DOTALL,
)
"""What PostgreSQL adds to an error: values of the row, or the statement with them."""
_QUOTED_INPUT = re.compile(r"(invalid input syntax for [^:\n]+: ).*")
_QUERY = re.compile(r"(/[^\s?'\"<>]{0,300})\?[^\s'\"<>]+")
_CREDENTIALS = re.compile(r"(://)[^/\s'\"@]*@")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z])")
_ANY_LONG_PART = re.compile(r"(?P<head>/)[A-Za-z0-9_:=-]{30,}(?=[/?\s'\"]|$)")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def redacted(text: str) -> str:
    """The text without what must not leave the process. A longer text loses its middle: the ends say what happened."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{HIDDEN}\n{text[-LONGEST // 2 :]}"
    text = _ROWS.sub(rf"\g<head>: {HIDDEN}\n", text)
    text = _QUOTED_INPUT.sub(rf"\1{HIDDEN}", text)
    text = _secret_paths().sub(rf"\g<head>{HIDDEN}", text)
    text = _QUERY.sub(rf"\1?{HIDDEN}", text)
    text = _CREDENTIALS.sub(rf"\1{HIDDEN}@", text)
    text = _MAIL.sub(HIDDEN, text)
    text = _MOBILE.sub(HIDDEN, text)
    return mask_identity_numbers(text)


def _secret_paths() -> re.Pattern[str]:
    """Before the addresses are known (while a process starts), each long part of a path counts as secret."""
    if not apps.ready:
        return _ANY_LONG_PART
    try:
        return _known_secret_paths()
    except Exception:  # a module of addresses that is being imported, or is faulty: then that is what gets logged
        return _ANY_LONG_PART


@cache
def _known_secret_paths() -> re.Pattern[str]:
    """Matches the part of a path from its first secret parameter on; `head` is what stands before it."""
    heads = {head for route in all_routes() if (head := _head(route)) is not None}
    alternatives = "|".join(sorted(heads, key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"(?P<head>/(?:{alternatives}))[^\s/'\"<>?]+(?:/[^\s'\"<>?]*)?")


def _head(route: str) -> str | None:
    """A pattern for the route before its first secret parameter; None if it has none."""
    for parameter in _PARAMETER.finditer(route):
        if parameter[1] in SECRET_PARAMETERS:
            before = route[: parameter.start()]
            return r"[^/\s]+".join(re.escape(part) for part in re.split(r"<[^>]+>", before))
    return None


def all_routes() -> Iterator[str]:
    """The route of each address, without the leading slash."""
    yield from _routes_of(get_resolver(), "")


def _routes_of(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from _routes_of(entry, route)
