"""大字版: chosen without account and script, remembered by the browser, and kept pages stay kept."""

import pytest
from django.urls import reverse

from core.text_size import COOKIE
from tests import factories as make

pytestmark = pytest.mark.django_db


def choose(client, size, path="/achievements/?sort=price"):
    return client.post(reverse("text_size"), {"size": size}, headers={"referer": f"http://testserver{path}"})


def test_the_switch_makes_every_page_large_until_it_is_undone(client):
    make.achievement()
    assert choose(client, "large").url == "/achievements/?sort=price"
    cookie = client.cookies[COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] > 86_400
    for name in ("achievement_list", "help", "login", "kept_favourites"):
        page = client.get(reverse(name)).content.decode()
        assert '<html lang="zh-CN" class="large">' in page and "标准字" in page, name
    choose(client, "usual")
    assert 'class="large"' not in client.get("/").content.decode()


@pytest.mark.parametrize(
    "page",
    ["https://evil.example/", "http://testserver.evil.example/", "http://testserver//evil.example", "", "x" * 9000],
)
def test_the_way_back_stays_on_this_site(client, page):
    assert client.post(reverse("text_size"), {"size": "large"}, headers={"referer": page}).url == "/"


def test_another_site_cannot_post_and_a_browser_without_token_can(client):
    strict = client.__class__(enforce_csrf_checks=True)
    data = {"size": "large"}
    assert strict.post(reverse("text_size"), data, headers={"origin": "https://evil.example"}).status_code == 403
    assert strict.post(reverse("text_size"), data, headers={"origin": "http://testserver"}).status_code == 302
