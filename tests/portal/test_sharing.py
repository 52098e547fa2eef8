"""What a shared address shows: OpenGraph, JSON-LD, feeds, the icon."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse
from django.utils import timezone

from demands.models import Demand
from tests import factories as make

pytestmark = pytest.mark.django_db
HOSTILE = '</script><script>alert(1)</script> "引号" & \u2028'
ATOM = "{http://www.w3.org/2005/Atom}"


def structured(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])


def anonymous_demand(**fields):
    firm = make.firm("大连精诚泰科轴承有限公司")
    return make.demand(
        firm=firm,
        title="精诚泰科滚道振纹",
        problem="精诚泰科的滚道有振纹。",
        is_anonymous=True,
        public_alias="某轴承企业",
        public_detail="nothing",
        **fields,
    )


def test_an_achievement_says_public_facts_and_cannot_leave_its_script(client):
    achievement = make.achievement(title=HOSTILE, summary=HOSTILE, lead_person="司徒不公开")
    response = client.get(reverse("achievement_detail", args=[achievement.public_id]))
    page = response.content.decode()
    data = structured(page)
    assert (data["name"], data["@type"]) == (HOSTILE, "CreativeWork")
    assert data["creator"]["name"] == achievement.institution.name
    assert "司徒不公开" not in json.dumps(data, ensure_ascii=False)
    assert "<script>alert(1)" not in page
    assert page.count("application/ld+json") == 1
    assert '<meta property="og:title" content="&lt;/script&gt;' in page
    assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]


def test_a_draft_that_its_owner_looks_at_is_not_described(client):
    draft = make.achievement(registered=False)
    client.force_login(make.institution_officer(draft.institution))
    page = client.get(reverse("achievement_detail", args=[draft.public_id])).content.decode()
    assert "og:title" not in page
    assert "ld+json" not in page
    assert "收藏</span>" not in page


def test_neither_head_nor_feed_names_an_anonymous_firm_or_what_only_some_may_read(client):
    demand = anonymous_demand()
    teaser = make.demand(title="只公开摘要", problem="绝密参数", disclosure="teaser", teaser="要解决密封")
    officer = make.firm_officer(demand.firm)  # who may know the name shares the same address
    for reader in (None, officer):
        if reader:
            client.force_login(reader)
        page = client.get(reverse("demand_detail", args=[demand.public_id])).content.decode()
        head = page[: page.index("</head>")]
        assert "精诚泰科" not in head
        assert structured(page)["name"] == "本企业滚道振纹"
        for secret in ("精诚泰科", "绝密参数"):
            assert secret not in client.get(reverse("demand_feed")).content.decode()
    client.logout()
    head = client.get(reverse("demand_detail", args=[teaser.public_id])).content.decode()
    assert "绝密参数" not in head
    assert structured(head)["description"] == "要解决密封"


def test_the_feeds_hold_what_is_public_by_days_and_by_the_filters_of_the_lists(client):
    make.achievement(title="公开\x0b的", summary="<i>简介</i>\x00"[:-1])
    make.achievement(title="别的产业", industry=make.Industry.objects.get(slug="petrochemicals"))
    make.achievement(title="草稿", registered=False)
    moment = timezone.now() - timedelta(days=1, minutes=7)
    Demand.objects.filter(pk=anonymous_demand().pk).update(published_at=moment, updated_at=moment)
    make.demand(title="草稿需求", published=False)
    response = client.get(reverse("achievement_feed"), {"industry": ["materials", "nonsense"]})
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    entries = ET.fromstring(response.content).findall(f"{ATOM}entry")
    assert [entry.find(f"{ATOM}title").text.replace(" ", "") for entry in entries] == ["公开的"]
    assert entries[0].find(f"{ATOM}author/{ATOM}name").text == "大连理工大学"
    entries = ET.fromstring(client.get(reverse("demand_feed")).content).findall(f"{ATOM}entry")
    [entry] = entries
    assert entry.find(f"{ATOM}author/{ATOM}name").text == "某轴承企业"
    assert {entry.find(f"{ATOM}{name}").text[10:] for name in ("published", "updated")} == {"T00:00:00+08:00"}
    assert (
        entry.find(f"{ATOM}link").get("href").endswith(f"/demands/{Demand.objects.get(is_anonymous=True).public_id}/")
    )


def test_the_icon_is_served(client):
    response = client.get("/favicon.ico")
    assert response.headers["Content-Type"] == "image/x-icon"
    assert b"".join(response.streaming_content).startswith(b"\x00\x00\x01\x00")
