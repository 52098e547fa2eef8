"""Visitors of the site, each with a browser of their own, and browsers that one test after another uses.

A new context of Chromium starts a process, which reads fonts and compiles style sheets and scripts: that takes longer
than most tests. So a test gets the context of an earlier one, emptied; what cannot be emptied is closed.
"""

from contextlib import suppress

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.browser.server import EMPTY_PAGE
from tests.browser.watch import Watch

PATIENCE = 60_000
"""Milliseconds until something that does not appear fails the test: enough on a machine ten times slower, and nothing
waits for so long when all is well. It holds for every action, navigation and `expect`.
"""
MOST_UNUSED = 3
"""Of each kind of browser: tests with more visitors at a time are rare, and each of them holds a process."""
LEFT = """async () => {
  localStorage.clear();
  sessionStorage.clear();
  const kept = [await caches.keys(), await indexedDB.databases(), await navigator.serviceWorker.getRegistrations()];
  const media = ["print", "(forced-colors: active)", "(prefers-reduced-motion: reduce)", "(prefers-contrast: more)"];
  media.push("(prefers-color-scheme: dark)");
  return JSON.stringify([
    kept.map(({ length }) => length), media.filter((query) => matchMedia(query).matches), document.cookie,
    innerWidth, innerHeight, devicePixelRatio, navigator.onLine, Notification.permission, name,
  ]);
}"""
"""Empties the storages of the site and returns what else a test may leave in a browser."""


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


class UsedVisitor(Visitor):
    """Can be emptied for the next test."""

    def __init__(self, context: BrowserContext, home: str):
        super().__init__(context, home)
        self.page.goto(home + EMPTY_PAGE)
        self.left_at_first = self.page.evaluate(LEFT)

    def is_emptied(self) -> bool:
        """Remove what a test may have left. Returns whether the browser is now as it was at first."""
        context, page = self.context, self.page
        if context.service_workers or context.pages != [page]:
            return False
        context.set_offline(False)
        for patterns in (context, page):
            patterns.unroute_all()
        page.goto(self.home + EMPTY_PAGE)  # before the cookies go: an answer on its way may set one
        context.clear_cookies()
        context.clear_permissions()
        if page.viewport_size != self.size:
            page.set_viewport_size(self.size)
        if page.evaluate(LEFT) != self.left_at_first:
            return False
        devtools = context.new_cdp_session(page)
        devtools.send("Page.resetNavigationHistory")
        devtools.detach()  # beside one that stays, a page and its service worker come back to the network in turns
        self.watch.take_complaints()
        return True


class UsedBrowsers:
    """The contexts that no test uses now."""

    def __init__(self, chromium: Browser):
        self.chromium = chromium
        self.unused: dict[tuple, list[UsedVisitor]] = {}
        self.kinds: dict[Visitor, tuple] = {}

    def take(self, home: str, size: dict, *, is_touched: bool, javascript: bool, script: str) -> Visitor:
        kind = (home, *size.values(), is_touched, script)
        if javascript and self.unused.get(kind):
            visitor = self.unused[kind].pop()
        else:
            context = self.chromium.new_context(
                viewport=size, locale="zh-CN", java_script_enabled=javascript, has_touch=is_touched
            )
            context.set_default_timeout(PATIENCE)
            context.add_init_script(script)
            visitor = UsedVisitor(context, home) if javascript else Visitor(context, home)
        self.kinds[visitor] = kind
        return visitor

    def give_back(self, visitor: Visitor, *, is_alike: bool) -> None:
        """`is_alike`: its cache holds nothing that another test would see."""
        unused = self.unused.setdefault(self.kinds.pop(visitor), [])
        if is_alike and isinstance(visitor, UsedVisitor) and len(unused) < MOST_UNUSED:
            with suppress(Error):  # it crashed, or closed itself
                if visitor.is_emptied():
                    unused.append(visitor)
                    return
        visitor.context.close()
