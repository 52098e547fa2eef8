"""One Chromium for all tests here, a fresh context for each, the site on a port of its own, and people who sign in."""

import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.server import lean_live_server
from tests.browser.watch import Watch

# Playwright's blocking interface runs an event loop in this thread; Django would take our plain queries for a mistake.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PROGRAMS = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
"""The first that is there. The headless shell has no window to draw: the tests take a third less time with it."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Scripts of a test run for a moment in a page each: to compile them for speed takes longer than it saves.
    "--js-flags=--no-maglev,--no-opt",
]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 60_000
"""Milliseconds until something that does not appear fails the test: enough on a machine ten times slower, and nothing
waits for so long when all is well. It holds for every action, navigation and `expect`.
"""
expect.set_options(timeout=PATIENCE)
CLOCKS = (15_000, 20_000, 30_000)
"""Milliseconds after which pages ask for news by themselves (`static/day`, `static/triage/pairs.js`)."""
SET_CLOCKS = """(() => {
  const delays = CLOCKS;
  for (const name of ["setTimeout", "setInterval"]) {
    const original = window[name];
    window[name] = (work, delay, ...more) => {
      if (!delays.includes(delay)) return original(work, delay, ...more);
      return PACE ? original(work, delay / PACE, ...more) : 0;
    };
  }
})();""".replace("CLOCKS", str(list(CLOCKS)))
"""By PACE 0 no page renews itself by its clock: else a patient test would pass by the next news without what should
have come at once. By PACE 20 it does so after a second, and nobody waits twenty.
"""

OTHERS = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"


@pytest.fixture(scope="session")
def chromium(django_db_setup, django_db_blocker) -> Browser:
    """Closed before the test database goes: an open page keeps a connection of the server, let go a moment later."""
    program = next(filter(Path.exists, PROGRAMS), None)
    if program is None:
        pytest.skip("no Chromium is here; on Debian: apt-get install chromium-headless-shell fonts-noto-cjk")
    with sync_playwright() as playwright, lean_live_server():
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
    with django_db_blocker.unblock():
        _wait_for(0, "true", seconds=1)
        with connection.cursor() as cursor:  # a thread of the server that still holds one has nothing left to answer
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OTHERS}")


class Visitor:
    """Somebody with a browser of their own: one page, and everything it complains about."""

    def __init__(self, context: BrowserContext, home: str):
        self.home = home
        self.context = context
        self.page: Page = context.new_page()
        self.size: dict = self.page.viewport_size
        self.watch = Watch(self.page)

    def go(self, path: str, *, status: int = 200) -> Page:
        response = self.page.goto(self.home + path)
        assert response.status == status, f"{path}: {response.status}"
        if status >= 400:
            self.watch.expect_refusal(status, path.partition("?")[0])
        return self.page

    def sign_in(self, user) -> Page:
        """With the cookie that the form gives; through the form itself people go in `docs/demo.md` and its test."""
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.home}])
        return self.page

    @property
    def path(self) -> str:
        """Where the page is now, without the host."""
        return self.page.url.removeprefix(self.home)


@pytest.fixture
def visit(request, chromium, live_server, transactional_db):
    """`visit()` opens another browser: `visit(PHONE)`, `visit(javascript=False)`. A complaint left fails the test.

    Its pages renew themselves by their clocks only with `visit(clocks=True)`.
    """
    visitors = []

    def open_one(size: dict = WIDE, *, javascript: bool = True, clocks: bool = False) -> Visitor:
        context = chromium.new_context(
            viewport=size, locale="zh-CN", java_script_enabled=javascript, has_touch=size is PHONE
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(SET_CLOCKS.replace("PACE", "20" if clocks else "0"))
        visitors.append(Visitor(context, live_server.url))
        return visitors[-1]

    yield open_one
    complaints = [complaint for visitor in visitors for complaint in visitor.watch.take_complaints()]
    for visitor in visitors:
        visitor.context.close()
    _wait_until_the_server_rests(request.node)
    assert complaints == []


def _wait_until_the_server_rests(test: pytest.Item) -> None:
    """A page asks by itself now and then; emptying the tables under such a question would be a deadlock.

    Sessions that are still busy after a while are ended, and the run names them at its end.
    """
    if _wait_for(3, "state <> 'idle'", seconds=15):  # more than once: a question may still be on its way to the server
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, wait_event, now() - state_change, query, pg_terminate_backend(pid)"
            f" FROM pg_stat_activity WHERE {OTHERS} AND state <> 'idle'"
        )
        for state, wait, age, query, _is_ended in cursor.fetchall():
            test.user_properties.append(("busy session", f"{state}, {wait}, {age}: {' '.join(query.split())[:300]}"))


def _wait_for(again: int, kind: str, *, seconds: float) -> bool:
    """Wait until nobody else of this kind is connected to the database, and not `again` times after that. Returns
    whether that came within `seconds`.
    """
    until, rested = time.monotonic() + seconds, 0
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {OTHERS} AND {kind}")
            rested = 0 if cursor.fetchone()[0] else rested + 1
            if rested > again:
                return True
            time.sleep(0.02)
    return False
