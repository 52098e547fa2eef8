"""A browser that another test used is as good as new, and one that cannot be emptied is not used again."""

import pytest
from playwright.sync_api import expect

from tests.browser.server import EMPTY_PAGE

SIZE = {"width": 500, "height": 400}
"""Of no other test: none of these browsers waits for its next user."""
STORAGES = """() => {
  const lengths = [localStorage, sessionStorage].map(({ length }) => length);
  return [...lengths, document.cookie, navigator.onLine, innerWidth];
}"""


@pytest.fixture
def take(used_browsers, live_server, transactional_db):
    """`take()` as `visit()` does, to be given back by the test."""
    kind = {"is_touched": False, "javascript": True, "script": "0"}
    return lambda: used_browsers.take(live_server.url, SIZE, **kind)


def test_a_used_browser_holds_nothing_of_the_test_before(take, used_browsers):
    visitor = take()
    page = visitor.go("/help/")
    visitor.context.add_cookies([{"name": "before", "value": "1", "url": visitor.home}])
    visitor.context.route("**/*.css", lambda route: route.abort())
    page.route("**/help/", lambda route: route.fulfill(body="before"))
    page.evaluate("localStorage.before = sessionStorage.before = 1")
    page.set_viewport_size({"width": 390, "height": 844})
    visitor.context.set_offline(True)
    page.evaluate("console.error('before')")
    used_browsers.give_back(visitor, is_alike=True)

    assert take() is visitor
    assert visitor.watch.take_complaints() == []
    assert page.evaluate(STORAGES) == [0, 0, "", True, SIZE["width"]]
    assert visitor.context.cookies() == []
    assert page.go_back() is None and visitor.path == EMPTY_PAGE
    visitor.go("/help/")
    expect(page.locator("main")).to_be_visible()
    assert visitor.watch.take_complaints() == []
    used_browsers.give_back(visitor, is_alike=True)


def test_a_browser_that_cannot_be_emptied_is_not_used_again(take, used_browsers):
    visitor = take()
    for leave in (
        lambda page: page.emulate_media(forced_colors="active"),
        lambda page: page.evaluate("caches.open('before')"),
        lambda page: page.evaluate("new Promise((opened) => { indexedDB.open('before').onsuccess = opened })"),
        lambda page: page.context.new_page(),
        lambda page: page.close(),
    ):
        visitor.page.goto(visitor.home + EMPTY_PAGE)
        leave(visitor.page)
        used_browsers.give_back(visitor, is_alike=True)
        before, visitor = visitor, take()
        assert visitor is not before
    used_browsers.give_back(visitor, is_alike=False)
    assert not used_browsers.unused[(visitor.home, *SIZE.values(), False, "0")]
