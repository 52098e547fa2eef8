"""The pages of subscriptions: taking over a search of the lists, bad input, limits, buttons."""

import pytest
from django.urls import reverse

from subscriptions.filters import apply_filters, read_filters
from subscriptions.models import MAX_SEARCHES, Dismissal, Hit, SavedSearch
from taxonomy.models import Industry
from tests import factories as make

pytestmark = pytest.mark.django_db
NEW = "/workbench/subscriptions/new/"


@pytest.fixture
def user(client):
    user = make.firm_officer()
    client.force_login(user)
    return user


def test_a_list_offers_its_search_and_the_form_takes_it_over(client, user):
    page = client.get("/demands/", {"q": "轴承", "kind": "problem", "industry": "materials"}).content.decode()
    address = page.split("/workbench/subscriptions/new/", 1)[1].split('"', 1)[0].replace("&amp;", "&")
    form = client.get(NEW + address).context["form"]
    assert (form.kind, form["text"].value(), form["mode"].value()) == ("demand", "轴承", "words")
    assert (form["filter_kind"].value(), form["filter_industry"].value()) == (["problem"], ["materials"])
    data = {"kind": "demand", "text": "轴承", "mode": "words", "filter_kind": "problem", "filter_industry": "materials"}
    assert client.post(NEW, data).status_code == 302
    search = SavedSearch.objects.get()
    assert (search.user, search.kind, search.name) == (user, "demand", "轴承")
    assert search.filters == {"industry": ["materials"], "kind": ["problem"]}
    shown = client.get(reverse("my_subscriptions")).content.decode()
    assert "需求类型：技术攻关" in shown
    assert "产业链：" in shown
    again = client.post(NEW, data)
    assert again.status_code == 422
    assert "您已订阅同样的内容" in again.content.decode()


def test_a_visitor_comes_back_to_the_form_with_the_search(client):
    response = client.get(NEW, {"kind": "achievement", "q": "包覆"})
    assert (
        response.url
        == reverse("login")
        + "?next=/workbench/subscriptions/new/%3Fkind%3Dachievement%26q%3D%25E5%258C%2585%25E8%25A6%2586"
    )


def test_bad_input_gets_a_sentence_and_stores_nothing(client, user):
    for data, sentence in (
        ({}, "怎样比对"),
        ({"mode": "words"}, "请写要找的内容，或至少选一个条件"),
        ({"mode": "words", "text": "字"}, "请至少写两个字"),
        ({"mode": "words", "text": "词" * 101}, "最多 100 个字"),
        ({"mode": "meaning", "text": "短"}, "写一两句话"),
        ({"mode": "meaning", "text": "字" * 501}, "500"),
        ({"mode": "other", "text": "轴承"}, "other"),
        ({"mode": "words", "text": "轴承", "filter_bucket": "nonsense"}, "nonsense"),
        ({"mode": "words", "filter_industry": "x' OR 1=1"}, "OR 1=1"),
    ):
        response = client.post(NEW, {"kind": "achievement"} | data)
        assert response.status_code == 422, data
        assert sentence in response.content.decode().replace("&#x27;", "'"), data
        assert not SavedSearch.objects.exists(), data


def test_hostile_addresses_are_read_as_far_as_they_make_sense(client, user):
    hostile = {
        "kind": ["x", "demand"],
        "q": ["<script>" + "长" * 300],
        "industry": ["no-such", "\x00"],
        "way": ["1"] * 99,
    }
    form = client.get(NEW, hostile).context["form"]
    assert (form.kind, len(form["text"].value())) == ("demand", 308)
    assert form["filter_industry"].value() is None


def test_at_most_twenty(client, user):
    SavedSearch.objects.bulk_create(
        SavedSearch(user=user, kind="demand", name=str(n), text=f"词语{n}") for n in range(MAX_SEARCHES)
    )
    response = client.post(NEW, {"kind": "demand", "mode": "words", "text": "轴承"})
    assert "最多保存 20 个订阅" in response.content.decode()
    assert SavedSearch.objects.count() == MAX_SEARCHES


def test_change_pause_resume_delete(client, user):
    search = SavedSearch.objects.create(user=user, kind="demand", name="甲", text="轴承")
    edit = reverse("saved_search_edit", args=[search.public_id])
    step = reverse("saved_search_step", args=[search.public_id])
    assert client.get(edit).context["form"]["text"].value() == "轴承"
    client.post(edit, {"mode": "words", "text": "密封", "kind": "achievement"})
    search.refresh_from_db()
    assert (search.text, search.kind) == ("密封", "demand")  # the kind stays
    for action, is_paused in (("pause", True), ("resume", False), ("nonsense", False)):
        client.post(step, {"action": action})
        search.refresh_from_db()
        assert search.is_paused is is_paused
    client.post(step, {"action": "delete"})
    assert not SavedSearch.objects.exists()


def test_dismissing_and_restoring(client, user):
    hit = Hit.objects.create(user=user, achievement=make.achievement(title="检测装置"), version="1")
    foreign = make.demand()
    assert "检测装置" in client.get(reverse("my_subscriptions")).content.decode()
    address = reverse("hit_dismiss", args=[hit.public_id])
    assert client.post(address, {"reason": "x"}, follow=True).context["page"].paginator.count == 1
    assert "用一句话说明" in client.post(address, {"reason": "other"}, follow=True).content.decode()
    assert client.post(address, {"reason": "field", "own": foreign.public_id}).status_code == 404
    assert client.post(address, {"reason": "field"}, follow=True).context["page"].paginator.count == 0
    dismissed = client.get(reverse("dismissed_items")).content.decode()
    assert "检测装置" in dismissed
    client.post(reverse("dismissal_restore", args=[Dismissal.objects.get().public_id]))
    assert client.get(reverse("my_subscriptions")).context["page"].paginator.count == 1


def test_a_condition_that_no_longer_exists_finds_nothing_instead_of_everything(user):
    from django.http import QueryDict

    from achievements.models import Achievement

    make.achievement()
    filters = read_filters("achievement", QueryDict("industry=materials&industry=gone&bucket=lab"))
    assert filters == {"industry": ["materials"], "bucket": ["lab"]}
    rows = Achievement.objects.all()
    assert apply_filters(rows, "achievement", {"industry": ["materials"]}).exists()
    Industry.objects.filter(slug="materials").update(is_active=False)
    assert not apply_filters(rows, "achievement", {"industry": ["materials"]}).exists()


@pytest.mark.parametrize(
    ("q", "mode"),
    [
        ("轴承", "words"),
        ("CFRP 碳纤维", "words"),
        ("船体焊缝变形大怎么办", "meaning"),
        ("污水处理膜老是堵，清洗也不管用", "meaning"),
        ("长" * 400, "meaning"),
    ],
)
def test_a_sentence_is_offered_by_meaning_and_not_cut(client, user, q, mode):
    form = client.get(NEW, {"q": q}).context["form"]
    assert (form["text"].value(), form["mode"].value()) == (q, mode)
