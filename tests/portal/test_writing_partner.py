"""The demand's form as a writing partner: offers from prose and documents, near achievements, what is missing."""

import json

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from demands.models import Demand
from portal import writing_partner
from taxonomy.models import Industry
from tests import factories
from tests.browser_client import one_line
from tests.demands.test_forms import FILLED

pytestmark = pytest.mark.django_db

NEW, UPDATE = "/workbench/demands/new/", "/workbench/demands/partner/"
PROSE = (
    "主题：滚道烧伤检测难题\n王工您好！\n滚道磨削烧伤看不出来，每批只能抽检。现有滚道磨床11台。"
    "希望检出率99%以上，检测时间不超过3分钟。预算80万左右。\n联系人：张三 13812345678"
)
BLANK = {"indicators-TOTAL_FORMS": "1", "indicators-INITIAL_FORMS": "0", "indicators-MAX_NUM_FORMS": "30"}


@pytest.fixture
def officer(client):
    cache.clear()
    officer = factories.firm_officer()
    client.force_login(officer)
    return officer


@pytest.fixture
def detector():
    return factories.achievement(
        title="轴承套圈滚道磨削烧伤在线检测仪", summary="磨削后滚道上的烧伤用涡流法全检，三十秒一只。"
    )


def values(response) -> dict[str, str]:
    form = response.context["form"]
    return {name: form[name].value() for name in writing_partner.FIELDS}


def rows(response) -> list[tuple]:
    names = ("name", "comparison", "value", "unit")
    return [tuple(row[name].value() for name in names) for row in response.context["form"].formset.forms]


def test_prose_is_offered_field_by_field_with_its_source(client, officer, detector):
    response = client.post(NEW, BLANK | {"prose": PROSE, "read_prose": "1"})
    partner, page = response.context["partner"], one_line(response.content.decode())
    assert {offer.name: offer.value for offer in partner.fields} == {
        "title": "滚道烧伤检测难题",
        "problem": "滚道磨削烧伤看不出来，每批只能抽检。预算80万左右。",
        "goal": "希望检出率99%以上，检测时间不超过3分钟。",
        "conditions": "现有滚道磨床11台。",
        "budget": "80",
        "keywords": partner.fields[-2].value,
        "industry": str(detector.industry_id),
    }
    assert [offer.text for offer in partner.rows] == ["检出率 ≥ 99 %", "检测时间 ≤ 3 分钟"]
    assert "原文：“希望检出率99%以上，检测时间不超过3分钟。”" in page and detector.title in page
    assert "13812345678" not in page.partition('id="partner-offers"')[2]
    assert values(response)["title"] in ("", None), "nothing is filled before it is accepted"
    assert not Demand.objects.exists()


def test_one_press_accepts_one_offer_and_another_all_of_them(client, officer, detector):
    data = BLANK | {"prose": PROSE, "title": "我写的名称"}
    partner = client.post(NEW, data | {"read_prose": "1"}).context["partner"]
    one_accepted = client.post(NEW, data | {"accept": partner.rows[0].button})
    assert rows(one_accepted) == [("检出率", "ge", "99", "%")] and values(one_accepted)["title"] == "我写的名称"
    assert one_accepted.context["partner"].prose, "the prose stays for the other offers"
    all_accepted = client.post(NEW, data | {"accept_all": "1"})
    assert rows(all_accepted) == [("检出率", "ge", "99", "%"), ("检测时间", "le", "3", "分钟")]
    assert values(all_accepted)["title"] == "我写的名称" and values(all_accepted)["budget"] == "80"
    assert not all_accepted.context["partner"].rows


@pytest.mark.parametrize(
    "value", ["", "[", "null", '["firm", "1"]', '["contact_phone", "1"]', '["indicator", {"name": "x"}]', "[1,2,3]"]
)
def test_forged_offers_change_nothing(client, officer, value):
    response = client.post(NEW, BLANK | {"title": "名称", "accept": value})
    assert response.status_code == 200 and values(response)["title"] == "名称" and not rows(response)[0][0]


def test_a_document_is_read_and_a_wrong_one_is_refused_with_the_text_kept(client, officer):
    good = SimpleUploadedFile("难题.txt", "阀门内漏，要求泄漏量不超过5mL/h。".encode())
    response = client.post(NEW, BLANK | {"prose_file": good, "read_prose": "1", "title": "阀门"})
    assert [offer.text for offer in response.context["partner"].rows] == ["泄漏量 ≤ 5 mL/h"]
    bad = SimpleUploadedFile("难题.exe", b"MZ")
    response = client.post(NEW, BLANK | {"prose_file": bad, "read_prose": "1", "title": "阀门", "prose": PROSE})
    assert response.status_code == 422 and "不是 .docx、.pdf 或 .txt 文件" in response.content.decode()
    assert values(response)["title"] == "阀门" and response.context["partner"].prose.startswith("主题")


def test_the_update_names_near_achievements_and_what_is_missing_by_industry(client, officer, detector):
    materials = Industry.objects.get(slug="materials")
    data = BLANK | {"title": "合金涂层", "problem": "涂层老是掉，用三个月就露底。", "industry": str(materials.pk)}
    page = one_line(client.post(UPDATE, data).content.decode())
    assert "这个产业的院校通常还会问：使用温度、强度或硬度、用量、接触的介质。" in page
    vague = client.post(UPDATE, BLANK | {"title": "涂层老是掉", "problem": "涂层用着用着就掉了，露底。"})
    assert "还缺：" in one_line(vague.content.decode())
    complete = data | {"problem": data["problem"] + "900℃，硬度要求HRC60，盐雾介质，一年两吨。"}
    assert "通常还会问" not in one_line(client.post(UPDATE, complete).content.decode())
    near = client.post(UPDATE, BLANK | {"problem": "滚道磨削烧伤看不出来，每批只能抽检。"}).content.decode()
    assert detector.title in near and 'hx-swap-oob="true"' in near
    assert client.post(UPDATE, {}).status_code == 200, "a form without rows"


def test_the_update_never_names_unpublished_work_and_has_a_limit(client, officer, monkeypatch):
    factories.achievement(title="滚道磨削烧伤的草稿", summary="滚道磨削烧伤", registered=False)
    assert "的草稿" not in client.post(UPDATE, BLANK | {"problem": "滚道磨削烧伤看不出来"}).content.decode()
    cache.clear()
    monkeypatch.setattr(writing_partner, "LIMIT", 1)
    assert client.post(UPDATE, BLANK).status_code == 200
    assert client.post(UPDATE, BLANK).status_code == 429
    response = client.post(NEW, BLANK | {"read_prose": "1", "prose": PROSE})
    assert response.status_code == 422 and writing_partner.TOO_OFTEN in response.content.decode()
    assert response.context["partner"].prose, "nothing typed is lost"


def test_hostile_prose_is_escaped_and_long_prose_bounded(client, officer):
    hostile = '"><script>alert(1)</script>。检出率≥99%。' + "难" * 100_000
    page = client.post(NEW, BLANK | {"prose": hostile, "read_prose": "1"}).content.decode()
    assert "<script>alert" not in page
    json.loads(client.post(NEW, BLANK | {"prose": hostile, "read_prose": "1"}).context["partner"].rows[0].button)


def test_a_save_names_the_stored_draft_in_a_cookie_and_a_refused_one_does_not(client, officer):
    refused = client.post(NEW, BLANK | {"draft_key": "abc-1", "save": "1"})
    assert refused.status_code == 422 and "saved_draft" not in refused.cookies
    filled = FILLED | {"firm": str(next(iter(officer.scope.firm_ids)))}
    saved = client.post(NEW, filled | {"draft_key": "abc-1", "save": "1"})
    assert saved.status_code == 302 and saved.cookies["saved_draft"].value == "abc-1"
    evil = client.post(NEW, filled | {"title": "另一项", "draft_key": "a; Path=/x", "save": "1"})
    assert evil.status_code == 302 and "saved_draft" not in evil.cookies


def test_another_firms_demand_is_not_read(client, officer):
    other = factories.demand(published=False)
    assert client.post(reverse("demand_edit", args=[other.public_id]), {"read_prose": "1"}).status_code == 404
