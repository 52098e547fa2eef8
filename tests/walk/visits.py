"""One request by one role: what came back, what was written, and everything that could be read in it."""

import html
import io
import json
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from importlib import import_module
from pathlib import Path
from typing import ClassVar

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponseForbidden, HttpResponseNotFound
from django.test import Client, override_settings
from django.urls import reverse
from django.views import defaults

from rounds.papers import pdf
from tests.walk.world import ROLES, World

WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)')
FILLED = {"walk": "1"}
"""What a form is sent when nothing is said: not empty, so that it counts as filled in."""
CHINESE = re.compile(r"[^\x00-\x7f]+")
PROCESS_CACHE = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
NOT_OF_THE_CITY = ("django_session", "axes_", "demands_demandreading")


@dataclass
class Visit:
    outcome: str  # a status, or where a redirect leads: "login", "index" (of the admin), "away"
    wrote: set[str]  # tables
    text: str


class HtmlInsteadOfPdf:
    """What `rounds.papers.pdf.lay_out` returns on the walk."""

    pages = (None,)
    fonts: ClassVar[dict] = {}

    def __init__(self, page: str):
        self.page = page

    def write_pdf(self) -> bytes:
        return self.page.encode()


class Visitor:
    def __init__(self, world: World, media: Path):
        self.world = world
        self.settings = {
            "MEDIA_ROOT": media,
            "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
            "SESSION_COOKIE_AGE": 86_400,  # each role signs in once; a slow machine walks for half an hour
            "CACHES": settings.CACHES | {"default": PROCESS_CACHE},  # emptied for each visit
        }
        with override_settings(**self.settings):
            self.clients = {role: self._client(world.users[role]) for role in ROLES}
        self.cookies = {role: client.cookies.output(header="") for role, client in self.clients.items()}
        self.renders_refusals = False
        # The longest part of each planted text that is not ASCII: most pages are seen not to hold it in little text.
        self.parts = {secret.words: max(CHINESE.findall(secret.words), key=len, default="") for secret in world.secrets}

    def _client(self, user) -> Client:
        client = Client()
        if user:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    @contextmanager
    def lean_responses(self):
        """Responses do not keep the contexts of their templates, and pages of 403 and 404 have no content:
        templates/403.html and 404.html show nothing of what was asked for, and most visits are refused. With
        `renders_refusals` they are rendered. A PDF is the HTML that it would be laid out from: a planted word is not
        hidden in compressed streams, and no time goes into pages that nobody looks at.
        """

        def forbidden(request, exception):
            return defaults.permission_denied(request, exception) if self.renders_refusals else HttpResponseForbidden()

        def not_found(request, exception):
            return defaults.page_not_found(request, exception) if self.renders_refusals else HttpResponseNotFound()

        with pytest.MonkeyPatch.context() as patched:
            urls = import_module(settings.ROOT_URLCONF)
            patched.setattr(urls, "handler403", forbidden, raising=False)
            patched.setattr(urls, "handler404", not_found, raising=False)
            patched.setattr(pdf, "lay_out", lambda page, style=None: HtmlInsteadOfPdf(page))
            patched.setattr("django.test.client.store_rendered_templates", lambda *args, **kwargs: None)
            yield

    def visit(self, role: str, method: str, path: str, data=None, before=None) -> Visit:
        """Ask as this role, after calling `before`; afterwards the world is as it was. Within `settings`."""
        client = self.clients[role]
        client.cookies = SimpleCookie(self.cookies[role])
        cache.clear()  # the count of requests for the throttle
        wrote = set()

        def watch(execute, sql, params, many, context):
            if (found := WRITES.match(sql)) and not found[1].startswith(NOT_OF_THE_CITY):
                wrote.add(found[1])
            return execute(sql, params, many, context)

        with transaction.atomic():
            if before:
                before()
            with connection.execute_wrapper(watch):
                response = self._ask(client, method, path, data)
                text = readable(response)
            transaction.set_rollback(True)
        return Visit(outcome(response), wrote, text)

    def _ask(self, client: Client, method: str, path: str, data):
        """`data` that is a text is JSON as a script sends it."""
        if method == "GET":
            return client.get(path, data)
        if isinstance(data, str):
            return client.post(path, data, content_type="application/json")
        return client.post(path, data or FILLED)

    def leaks(self, role: str, path: str, text: str) -> list[str]:
        """The planted words in `text` that this role may not read there."""
        chinese = "\n".join(CHINESE.findall(text))
        return [
            secret.words
            for secret in self.world.secrets
            if self.parts[secret.words] in chinese and secret.words in text and not secret.may_be_read(role, path)
        ]


def outcome(response) -> str:
    if response.status_code not in {301, 302}:
        return str(response.status_code)
    path = response.url.partition("?")[0]
    if path in {reverse("login"), reverse("admin:login")}:
        return "login"
    return "index" if path == reverse("admin:index") else "away"


def as_sent(response) -> bytes:
    """The content without the collapsing of white space, which takes longer than to search it."""
    return getattr(response, "content_as_sent", None) or response.content


def readable(response) -> str:
    """What a person can read in a response: its text, its headers, and the text inside a workbook."""
    content = b"".join(response.streaming_content) if response.streaming else as_sent(response)
    headers = "\n".join(str(value) for value in response.headers.values())
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
        content = html.unescape(content.decode(errors="replace")).encode()  # XML may name characters by number
    if response.headers.get("Content-Type", "").startswith("application/json"):
        content = json.dumps(json.loads(content), ensure_ascii=False).encode()
    return headers + content.decode(errors="replace")
