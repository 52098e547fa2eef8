"""One request by one role: what came back, what was written, and everything that could be read in it."""

import copy
import html
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from importlib import import_module
from pathlib import Path
from typing import ClassVar

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache, caches
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponseForbidden, HttpResponseNotFound
from django.template import Template
from django.test import Client, override_settings
from django.urls import reverse
from django.views import defaults

from dalian_techtransfer import admin_site
from tests.walk.facts import Asking, Facts, FactsRead, asking
from tests.walk.world import ROLES, Secret, World

WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)')
FILLED = {"walk": "1"}
"""What a form is sent when nothing is said: not empty, so that it counts as filled in."""
ESCAPE = re.compile(r"\\u(?!d[89a-f])([0-9a-f]{4})", re.IGNORECASE)
"""A character as JSON in a script of a page writes it; not half of one."""
CHINESE = re.compile(r"[^\x00-\x7f]+")
PROCESS_CACHE = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
NOT_OF_THE_CITY = ("django_session", "axes_", "demands_demandreading")


@dataclass
class Visit:
    outcome: str  # a status, or where a redirect leads: "login", "index" (of the admin), "away"
    wrote: set[str]  # tables
    text: str
    facts: Facts


class HtmlInsteadOfPdf:
    """What `rounds.papers.pdf.lay_out` returns within `readable_documents`."""

    pages = (None,)
    fonts: ClassVar[dict] = {}

    def __init__(self, page: str):
        self.page = page

    def write_pdf(self) -> bytes:
        return self.page.encode()


@contextmanager
def readable_documents():
    """A PDF is the HTML that it would be laid out from, a picture of a page the texts on it: no word is hidden in
    compressed streams, and no time goes into pages that nobody looks at.
    """
    with pytest.MonkeyPatch.context() as patched:
        for place in ("rounds.papers.pdf", "portal.handouts.one_page"):
            patched.setattr(f"{place}.lay_out", lambda page, style=None: HtmlInsteadOfPdf(page))
        patched.setattr("portal.handouts.share_card._paint", lambda card: repr(card).encode())
        caches["handouts"].clear()
        yield
        caches["handouts"].clear()


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
        self.planted = PlantedWords(world.secrets)
        self.facts_read = FactsRead()
        self.people = asking({role: user for role, user in world.users.items() if user})
        self._savepoint: str | None = None
        self._is_as_it_was = True
        self._visits: dict[tuple[str, str, str], list[tuple[Asking | None, Visit]]] = defaultdict(list)

    def _client(self, user) -> Client:
        client = Client()
        if user:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    @contextmanager
    def lean_responses(self):
        """Templates are rendered as in production, without the signal and the kept context of each. Pages of 403 and
        404 have no content: templates/403.html and 404.html show nothing of what was asked for, and most visits are
        refused. With `renders_refusals` they are rendered. The menu of the admin is counted and drawn once for each
        role.
        """

        def forbidden(request, exception):
            return defaults.permission_denied(request, exception) if self.renders_refusals else HttpResponseForbidden()

        def not_found(request, exception):
            return defaults.page_not_found(request, exception) if self.renders_refusals else HttpResponseNotFound()

        with pytest.MonkeyPatch.context() as patched:
            urls = import_module(settings.ROOT_URLCONF)
            patched.setattr(urls, "handler403", forbidden, raising=False)
            patched.setattr(urls, "handler404", not_found, raising=False)
            patched.setattr(Template, "_render", lambda template, context: template.nodelist.render(context))
            patched.setattr("django.contrib.auth.middleware.get_user", self._user_of)
            patched.setattr(admin_site, "navigation", self._menu_of(admin_site.navigation))
            with readable_documents(), self.facts_read.installed():
                yield

    def _menu_of(self, navigation):
        """The menu of the admin with its counts, once for each role, and on the first page of the admin, which shows
        its groups. Other pages have its first group: the menu depends on the user alone, save for the marked entry.
        `tests.test_admin_frame` asks for the menu.
        """
        menus, count = {}, self.facts_read.unwatched(navigation)

        def menu(request):
            is_whole = self._role not in menus or request.path == reverse("admin:index")
            if self._role not in menus:
                menus[self._role] = count(request)
            groups = menus[self._role] if is_whole else menus[self._role][:1]
            return [group | {"items": [dict(item) for item in group["items"]]} for group in groups]

        return menu

    def _user_of(self, request):
        """The user of the session, with rights and scope as they were when the walk began."""
        if not hasattr(request, "_cached_user"):
            who = self.people.get(self._role)
            if who is None or request.session.get(SESSION_KEY) != str(who.user.pk):
                request._cached_user = AnonymousUser()
            else:
                request._cached_user = copy.copy(who.user)
                self.facts_read.begin(request._cached_user)
        return request._cached_user

    def forget(self) -> None:
        """The visits so far: their addresses are not asked for again."""
        self._visits.clear()

    def begin_test(self) -> None:
        """The transaction of the test before has ended, and its savepoint with it."""
        self.forget()
        self._savepoint = None

    def visit_of_any(self, role: str, method: str, path: str, data=None, before=None) -> Visit:
        """This visit, or the one of somebody who gets the same answer. `before` belongs to the path and the data."""
        visits = self._visits[method, path, repr(data)]
        if who := self.people.get(role):
            for asked_by, visit in visits:
                if asked_by and who.gets_the_answer_of(asked_by, visit.facts):
                    return visit
        visits.append((who, self.visit(role, method, path, data, before)))
        return visits[-1][1]

    def visit(self, role: str, method: str, path: str, data=None, before=None) -> Visit:
        """Ask as this role, after calling `before`; afterwards the world is as it was. Within `settings`."""
        client, self._role = self.clients[role], role
        client.cookies = SimpleCookie(self.cookies[role])
        cache.clear()  # the count of requests for the throttle
        wrote = set()

        def watch(execute, sql, params, many, context):
            if (match := WRITES.match(sql)) and not match[1].startswith(NOT_OF_THE_CITY):
                wrote.add(match[1])
            if not only_reads(sql):
                self._is_as_it_was = False
            self.facts_read.see_query(sql)
            try:
                return execute(sql, params, many, context)
            except DatabaseError:
                self._is_as_it_was = False
                raise

        with self._put_back():
            if before:
                self._is_as_it_was = False
                before()
            with connection.execute_wrapper(watch):
                response = self._ask(client, method, path, data)
                text = readable(response)
        return Visit(outcome(response), wrote, text, self.facts_read.end())

    @contextmanager
    def _put_back(self):
        """Afterwards the world is as it was. One savepoint is enough for all visits of a test, and nothing is rolled
        back where a visit has only read: most have.
        """
        if self._savepoint is None:
            self._savepoint = transaction.savepoint()
        self._is_as_it_was, waiting = True, len(connection.run_on_commit)
        try:
            yield
        except BaseException:
            self._is_as_it_was = False
            raise
        finally:
            if connection.needs_rollback or not self._is_as_it_was:
                transaction.savepoint_rollback(self._savepoint)
                transaction.set_rollback(False)
            del connection.run_on_commit[waiting:]

    def _ask(self, client: Client, method: str, path: str, data):
        """`data` that is a text is JSON as a script sends it."""
        if method == "GET":
            return client.get(path, data)
        if isinstance(data, str):
            return client.post(path, data, content_type="application/json")
        return client.post(path, data or FILLED)

    def leaks(self, role: str, path: str, text: str) -> list[str]:
        """The planted words in `text` that this role may not read there."""
        return [secret.words for secret in self.planted.read_in(text) if not secret.may_be_read(role, path)]


class PlantedWords:
    """Looks for planted words. Pages repeat each other: each run of Chinese is looked into once."""

    def __init__(self, secrets: Iterable[Secret]):
        self._by_part: dict[str, list[Secret]] = defaultdict(list)
        self._by_beginning: dict[str, list[Secret]] = defaultdict(list)
        self._without: set[str] = set()  # runs of Chinese without a part of planted words
        for secret in secrets:
            if part := max(CHINESE.findall(secret.words), key=len, default=""):
                self._by_part[part].append(secret)
            else:  # an address, a number
                self._by_beginning[secret.words[:6]].append(secret)

    def read_in(self, text: str) -> list[Secret]:
        runs = set(CHINESE.findall(text)) - self._without
        together = "\n".join(runs)
        parts = [part for part in self._by_part if part in together]
        self._without |= {run for run in runs if not any(part in run for part in parts)}
        secrets = [secret for part in parts for secret in self._by_part[part]]
        for beginning, others in self._by_beginning.items():
            if beginning in text:
                secrets += others
        return [secret for secret in secrets if secret.words in text]


def only_reads(sql: str) -> bool:
    """Whether a statement leaves nothing to roll back; what takes a lock is not taken for one."""
    return sql.startswith("SELECT") and "UPDATE" not in sql and "advisory" not in sql


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


def without_escapes(text: str) -> str:
    """With the characters that JSON in a script of the page escapes, as all that is not ASCII in `json_script`."""
    return ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text) if "\\u" in text else text


def readable(response) -> str:
    """What a person can read in a response: text and headers, also inside a workbook or in JSON of a script."""
    content = b"".join(response.streaming_content) if response.streaming else as_sent(response)
    headers = "\n".join(str(value) for value in response.headers.values())
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
        content = html.unescape(content.decode(errors="replace")).encode()  # XML may name characters by number
    if response.headers.get("Content-Type", "").startswith("application/json"):
        content = json.dumps(json.loads(content), ensure_ascii=False).encode()
    return without_escapes(headers + content.decode(errors="replace"))
