"""Reads all that a role can reach: pages by links, downloads, exports, feeds, API answers. A few of each kind."""

import hashlib
import html
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from django.core.cache import cache
from django.test import Client
from django.urls import Resolver404, resolve
from pypdf import PdfReader

from accounts.models import User
from core.public_id import PATTERN
from mechanism.kpi.definitions import DIMENSIONS
from tests.browser_client import WITHOUT_CONTEXTS
from tests.walk.visits import readable as readable_page
from tests.walk.visits import without_escapes

LINK = re.compile(r'\s(?:href|src|action|hx-get|data-url)="([^"#]+)')
ADDRESS = re.compile(r'https?://testserver(/[^\s"<>]*)')
ELSEWHERE = ("http", "//", "data:", "mailto:", "tel:", "javascript:")
OTHER_ROWS = {"page", "period", "year", "region", "institution", "part"}
"""Parameters that show the same template with other rows."""
FIGURE_PAGES = "/workbench/figures/"
"""There each dimension is such a parameter."""
NEVER = ("/static/", "/accounts/logout", "/admin/logout", "/admin/jsi18n", "/accounts/password")
KEY = re.compile(rf"(?<=/)(?:\d+|(?=[a-z]*\d){PATTERN})(?=/)")
_routes: dict[str, tuple[str, str] | None] = {}


@dataclass
class Reader:
    """A browser of one role. `texts`: {address: text} of what it has read, each different text once."""

    role: str
    user: User | None = None
    per_route: int = 3
    texts: dict[str, str] = field(default_factory=dict)
    requests: int = 0

    def __post_init__(self) -> None:
        self.client = Client()
        if self.user:
            self.client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
        self._routes: Counter = Counter()
        self._seen: set[str] = set()
        self._read: set[bytes] = set()

    def crawl(self, *starts: str, within: tuple[str, ...] = ("/",)) -> None:
        """Follow links from `starts`, `per_route` addresses of each URL pattern with and without query parameters.

        `within`: how the addresses begin that are followed.
        """
        waiting = list(starts)
        while waiting:
            address = waiting.pop(0)
            if not address.startswith(within):
                continue
            if address not in self._seen and (kind := _kind_of(address)) and self._routes[kind] < self.per_route:
                self._routes[kind] += 1
                waiting += self.get(address)

    def get(self, address: str, **parameters) -> list[str]:
        """Request an address and keep what it answers. Returns the links in it, nothing the second time."""
        if address in self._seen:
            return []
        self._seen.add(address)
        self.requests += 1
        if self.requests % 50 == 0:
            cache.clear()  # counts of requests for throttling
        with WITHOUT_CONTEXTS:
            response = self.client.get(address, parameters or None, REMOTE_ADDR=f"192.0.2.{self.requests % 250}")
        return self._keep(address, response)

    def post(self, address: str, fields: dict) -> list[str]:
        self.requests += 1
        with WITHOUT_CONTEXTS:
            response = self.client.post(address, fields, follow=True)
        return self._keep(f"POST {address}", response)

    def _keep(self, address: str, response) -> list[str]:
        if response.status_code in {301, 302}:
            return [response.url] if response.url.startswith("/") else []
        if response.status_code >= 500:
            raise AssertionError(f"{self.role}: {address} answers {response.status_code}")
        page = html.unescape(readable(response))
        text = without_escapes(page)
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        if digest not in self._read:
            self._read.add(digest)
            self.texts[address] = text
        if "html" not in response.headers.get("Content-Type", "") and "json" not in response.headers["Content-Type"]:
            return []
        links = [*LINK.findall(page), *ADDRESS.findall(page)]
        return [_absolute(link, address) for link in links if not link.startswith(ELSEWHERE)]


def readable(response) -> str:
    """A response with its headers, the members of a workbook or document, or the pages and properties of a PDF.

    Within `readable_documents` a PDF is the HTML that it would be laid out from.
    """
    if response.headers.get("Content-Type", "").startswith("application/pdf"):
        content = b"".join(response.streaming_content) if response.streaming else response.content
        text = pdf_text(content) if content.startswith(b"%PDF") else content.decode()
        return "\n".join([*map(str, response.headers.values()), text])
    if (page := getattr(response, "content_as_sent", None)) is not None:  # its white space needs no tidying here
        return "\n".join([*map(str, response.headers.values()), page.decode(response.charset)])
    return readable_page(response)


def pdf_text(content: bytes) -> str:
    """Text and properties of a PDF."""
    document = PdfReader(io.BytesIO(content))
    properties = [f"{key} {value}" for key, value in (document.metadata or {}).items()]
    return "\n".join([*properties, *(page.extract_text() for page in document.pages)])


def _kind_of(address: str) -> tuple | None:
    """The URL pattern, and whether there are query parameters; None for what is not crawled.

    A filtered list of the admin shows rows of the whole one.
    """
    parts = urlsplit(address)
    parameters = {name for name, _value in parse_qsl(parts.query)}
    if parts.path.startswith(NEVER) or len(parameters) > 2:
        return None
    route = _route_of(parts.path)
    same_template = OTHER_ROWS | DIMENSIONS.keys() if parts.path.startswith(FIGURE_PAGES) else OTHER_ROWS
    return route and (*route, bool(parameters - same_template) and not parts.path.startswith("/admin/"))


def _route_of(path: str) -> tuple[str, str] | None:
    """Paths that differ only in keys and public ids have one route, which is looked for once."""
    shape = KEY.sub(lambda key: "#" * len(key[0]), path)
    if shape not in _routes:
        try:
            match = resolve(path)
        except Resolver404:
            _routes[shape] = None
        else:
            _routes[shape] = match.route, match.kwargs.get("kind", "")
    return _routes[shape]


def _absolute(link: str, page: str) -> str:
    path = urlsplit(page.removeprefix("POST ")).path
    if link.startswith("?"):
        return path + link
    return link if link.startswith("/") else path.rpartition("/")[0] + "/" + link
