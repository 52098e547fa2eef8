"""A problem in words on the home page and on /ask/: what is answered, what is kept, what is refused."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from demands.models import Demand
from mechanism.models import Base
from portal.views.public import ask
from taxonomy.models import Industry
from tests import factories
from tests.browser_client import one_line

pytestmark = pytest.mark.django_db

ASK = "/ask/"
TEXT = "滚道磨削烧伤看不出来，每批只能抽检。不要酸洗，要求漏检率2%以下，检测时间不超过3分钟。预算30到90万。"


@pytest.fixture
def detector():
    detector = factories.achievement(
        title="轴承套圈滚道磨削烧伤在线检测仪",
        summary="磨削后滚道上的烧伤用涡流法全检，不用酸洗，三十秒一只。",
        lead_person="示例负责人",
        price_min_wan=60,
        price_max_wan=60,
    )
    detector.indicators.create(name="漏检率", comparison="le", value="1", unit="%")
    return detector


def asked(client, text=TEXT, **data):
    return client.post(ASK, {"text": text} | data)


def fields_of(html: str, form_id: str = 'id="cells"') -> dict[str, list[str]]:
    """What a form of the page posts."""
    form = html[html.index(form_id) :].partition("</form>")[0]
    posted: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        posted.setdefault(attributes["name"], []).append(attributes.get("value", ""))
    return posted


def test_a_problem_is_answered_with_reasons_and_the_own_words(client, detector):
    Base.objects.create(name="示例中试基地", kind="pilot").fields.add(detector.industry)
    page = one_line(asked(client).content.decode())
    assert "找到 <b>1</b> 项" in page and detector.title in page
    for expected in ("漏检率 ≤ 2 %", "满足", "没说", "示例负责人", "示例中试基地", "法全检，", "在预算 30–90 万元之内"):
        assert expected in page, expected
    assert not Demand.objects.exists()


def test_the_home_page_posts_to_the_answer_and_says_how_others_put_it(client, detector):
    sentence = "老师傅凭手摸，夜里常漏掉，一个班要返工两回。"
    factories.demand(title="公开的", problem=f"我们做轴承。{sentence}")
    first, second = Industry.objects.order_by("pk")[:2]
    Demand.objects.update(industry=first)
    hidden = {"is_anonymous": True, "public_alias": "某企业", "industry": second}
    factories.demand(title="匿名的", problem=f"匿名{sentence}", **hidden)
    home = one_line(client.get("/").content.decode())
    assert sentence in home and f"匿名{sentence}" not in home
    assert '<form method="post" action="/ask/"' in home and "q=" not in home.partition("按产业链")[0]
    assert asked(client, sentence, as_problem="1").status_code == 200


def test_a_cell_can_be_changed_and_removed_without_a_script(client, detector):
    posted = fields_of(asked(client).content.decode())
    assert posted["limit"] and posted["ind_name"] == ["漏检率", "检测时间"] and posted["budget"] == ["30-90"]
    posted["ind_value"][0] = "0.5"
    page = one_line(asked(client, **posted, drop="ind-1").content.decode())
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "漏检率 ≤ 0.5 %" in table and "未达" in table and "检测时间" not in table
    again = fields_of(page)
    assert again["ind_name"] == ["漏检率"]
    gone = again["limit"][0]
    removed = fields_of(asked(client, **again, drop="limit-0").content.decode())
    assert gone in removed["gone"] and gone not in removed.get("limit", [])


def test_new_words_are_read_anew_and_not_with_old_cells(client, detector):
    posted = fields_of(asked(client).content.decode())
    page = asked(client, **posted | {"text": ["阀门漏油，夜里没人看，要求泄漏量不超过5mL/h。"]}).content.decode()
    assert fields_of(page)["ind_name"] == ["泄漏量"]


@pytest.mark.parametrize("words", ["碳纤维", "CFRP", "2026-0001", "挥发性有机物"])
def test_words_and_numbers_go_to_the_search(client, words):
    response = asked(client, words)
    assert (response.status_code, response["Location"]) == (302, ask.search_url(words))
    assert asked(client, words, as_problem="1").status_code == 200


@pytest.mark.parametrize(("text", "sentence"), [("", ask.EMPTY), ("   \n", ask.EMPTY), ("！！！……", ask.NO_WORDS)])
def test_nothing_is_answered_in_plain_words(client, text, sentence):
    response = asked(client, text)
    assert response.status_code == 422 and sentence in response.content.decode()


def test_hostile_and_long_text_is_shown_and_not_lost(client, detector):
    hostile = "<script>alert(1)</script>焊缝老是裂，怎么办？\x00" + TEXT * 2000
    response = asked(client, hostile)
    page = response.content.decode()
    assert response.status_code == 200 and "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert page.count(TEXT[:20]) > 4000, "both boxes hold the whole text"
    assert "读了前 5000 个字" in one_line(page)
    assert asked(client, "How can we reduce grinding burn of bearing rings?").status_code == 200


def test_too_many_questions_keep_the_text(client, monkeypatch):
    cache.clear()
    monkeypatch.setattr(ask, "LIMIT", 1)
    assert asked(client).status_code == 200
    response = asked(client)
    assert response.status_code == 429 and response["Retry-After"] == "60"
    assert ask.TOO_MANY in response.content.decode() and TEXT in response.content.decode()


def test_only_published_achievements_are_named(client):
    factories.achievement(title="滚道磨削烧伤的草稿检测仪", summary=TEXT, registered=False)
    assert "草稿检测仪" not in asked(client).content.decode()


def test_a_problem_becomes_a_demand_through_the_login(client, detector):
    posted = fields_of(asked(client).content.decode())
    response = asked(client, **posted, need="1")
    assert response["Location"] == "/accounts/login/?next=%2Fworkbench%2Fdemands%2Fnew%2F"
    assert "滚道" not in response["Location"]
    officer = factories.firm_officer()
    login = {"username": officer.username, "password": "Demo-pass-2026", "next": reverse("demand_new")}
    assert client.post("/accounts/login/", login)["Location"] == reverse("demand_new")
    form = client.get(reverse("demand_new")).context["form"]
    assert form["problem"].value() == TEXT and form["budget"].value() == "30-90"
    assert [row["name"].value() for row in form.formset.forms] == ["漏检率", "检测时间", None]
    assert not Demand.objects.exists()
    client.post(reverse("demand_new"), {"forget_kept": "1"})
    assert not client.get(reverse("demand_new")).context["form"]["problem"].value()


def test_the_kept_problem_is_gone_after_sign_out_and_who_cannot_post_is_told(client, detector):
    officer = factories.firm_officer()
    client.force_login(officer)
    assert asked(client, need="1")["Location"] == reverse("demand_new")
    client.post(reverse("logout"))
    client.force_login(officer)
    assert not client.get(reverse("demand_new")).context["form"]["problem"].value()
    client.force_login(factories.institution_officer())
    response = asked(client, need="1")
    assert response.status_code == 403 and "企业专员" in response.content.decode() and TEXT in response.content.decode()
