"""收藏夹 without an account: kept in the browser only, shared by its address, moved into the account at the sign-in."""

import io

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from openpyxl import load_workbook

from achievements.models import Achievement
from favourites import kept_list
from favourites.models import Favourite
from tests import factories as make

pytestmark = pytest.mark.django_db
PASSWORD = "Demo-pass-2026"


def mark(client, item, name="favourite_add", kind="achievement", **headers):
    return client.post(reverse(name), {kind: item.public_id, "next": "/achievements/?sort=price"}, **headers)


def listed(client):
    return [entry.item for entry in client.get(reverse("kept_favourites")).context["entries"]]


def test_a_visitor_marks_without_script_and_the_server_keeps_nothing(client):
    achievement, demand = make.achievement(), make.demand()
    response = mark(client, achievement)
    assert response.url == f"/achievements/?sort=price#favourite-{achievement.public_id}"
    page = client.get(response.url).content.decode()
    assert "已收藏在本浏览器" in page and "已收藏<" in page
    answer = mark(client, demand, kind="demand", headers={"accept": "application/json"})
    assert answer.json() == {"is_favourite": True, "error": ""}
    assert listed(client) == [demand, achievement]
    assert not Favourite.objects.exists() and not Session.objects.exists()
    mark(client, demand, "favourite_remove", kind="demand")
    assert listed(client) == [achievement]
    client.post(reverse("favourites_empty"))
    assert listed(client) == [] and client.cookies[kept_list.COOKIE].value == ""


def test_the_copy_of_a_page_is_the_same_for_all_visitors(client):
    """The script reads the cookie; the page has the word that everybody gets, and the mark of a visitor for it."""
    achievement = make.achievement()
    mark(client, achievement, headers={"accept": "application/json"})
    page = client.get(reverse("achievement_list")).content.decode()
    assert "已收藏<" not in page and "data-visitor" in page


def test_the_list_moves_into_the_account_and_leaves_the_browser(client):
    user = make.firm_officer()
    items = [make.achievement(title=f"第{number}项") for number in range(3)]
    Favourite.objects.create(user=user, achievement=items[0])
    for item in items:
        mark(client, item)
    gone = make.achievement(title="撤下的")
    mark(client, gone)
    Achievement.objects.filter(pk=gone.pk).update(status="withdrawn", status_reason="撤")
    response = client.post(reverse("login"), {"username": user.username, "password": PASSWORD}, follow=True)
    own = Favourite.objects.of_user(user)
    assert {row.achievement for row in own} == set(items)
    assert next(iter(own)).achievement == items[2]  # the newest stays on top
    assert client.cookies[kept_list.COOKIE].value == ""
    assert "2 项已移入" in response.content.decode()
    assert client.get(reverse("kept_favourites")).url == reverse("my_favourites")


def test_what_does_not_fit_stays_in_the_browser(client, monkeypatch):
    monkeypatch.setattr("favourites.services.favourites.MAX_FAVOURITES", 1)
    user, first, second = make.firm_officer(), make.achievement(title="甲"), make.achievement(title="乙")
    mark(client, first)
    mark(client, second)
    client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    assert [row.achievement for row in Favourite.objects.of_user(user)] == [first]
    assert client.cookies[kept_list.COOKIE].value == f"a-{second.public_id}"


def test_there_is_a_limit_and_it_says_what_to_do(client, monkeypatch):
    for module in ("favourites.kept_list", "favourites.views.public.favourites"):
        monkeypatch.setattr(f"{module}.MOST", 1)
    first, second = make.achievement(title="甲"), make.achievement(title="乙")
    mark(client, first)
    assert mark(client, second, headers={"accept": "application/json"}).status_code == 409
    assert listed(client) == [first]


@pytest.mark.parametrize(
    "value", ["x", "a-", "a-../../x", "a-2222222222.d-2222222222", "a-" * 9000, "<script>", "q-2222222222"]
)
def test_a_hostile_cookie_is_an_empty_list(client, value):
    client.cookies[kept_list.COOKIE] = value
    assert listed(client) == []


def test_a_shared_list_shows_what_is_public_and_can_be_taken_over(client):
    shown = make.achievement(title="=1+1 <b>甲</b>")
    draft = make.achievement(title="草稿不给看", registered=False)
    demand = make.demand(title="要解决的事")
    query = f"?a={shown.public_id}&a={draft.public_id}&d={demand.public_id}&a=%00"
    page = client.get(reverse("shared_favourites") + query)
    text = page.content.decode()
    assert "有 1 项已不再公开" in text and "草稿不给看" not in text and "&lt;b&gt;甲" in text
    assert page.context["compare_all"] == ""  # one achievement cannot be compared
    sheet = load_workbook(io.BytesIO(client.get(reverse("favourites_export") + query).content)).active
    rows = list(sheet.values)
    assert [row[0] for row in rows[1:]] == ["成果", "需求"] and rows[1][1].startswith("'=1+1")
    client.post(reverse("favourites_take"), {"a": shown.public_id, "d": demand.public_id})
    assert listed(client) == [shown, demand]
    user = make.firm_officer()
    client.force_login(user)
    client.post(reverse("favourites_take"), {"a": [shown.public_id, draft.public_id]})
    assert [row.achievement for row in Favourite.objects.of_user(user)] == [shown]
    assert f"a={shown.public_id}" in client.get(reverse("my_favourites")).content.decode()  # to share on
