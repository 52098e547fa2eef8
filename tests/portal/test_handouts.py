"""What leaves the site with a page: the picture of a shared address and the sheet of paper."""

import io
import re

import pypdfium2
import pytest
from django.urls import reverse
from PIL import Image

from achievements.models import Achievement, Indicator, IntellectualProperty
from portal.handouts.share_card import share_card_of
from tests import factories as make
from tests.portal.test_sharing import HOSTILE, anonymous_demand

pytestmark = [pytest.mark.django_db, pytest.mark.long]
LONG = "这一段很长，写的是现场工况和试验的经过；" * 70


def text_of(response) -> tuple[int, str]:
    document = pypdfium2.PdfDocument(response.content)
    return len(document), "".join(page.get_textpage().get_text_range() for page in document)


def test_a_shared_page_has_a_picture_of_its_own_words(client):
    achievement = make.achievement(
        title=HOSTILE, summary=f"焊缝变形大，返修率高。\u202e{HOSTILE}", lead_person="司徒不公开"
    )
    Indicator.objects.create(
        achievement=achievement, name=HOSTILE, comparison="le", value="1.5", unit="次", today="4 次"
    )
    card = share_card_of(achievement)
    assert card.voice == "焊缝变形大，返修率高。"
    assert "司徒" not in repr(card)
    page = client.get(reverse("achievement_detail", args=[achievement.public_id])).content.decode()
    address = re.search(r'<meta property="og:image" content="http://testserver([^"]+)"', page)[1]
    assert f'<meta itemprop="image" content="http://testserver{address}">' in page
    response = client.get(address)
    image = Image.open(io.BytesIO(response.content))
    assert (response.headers["Content-Type"], image.format, image.size) == ("image/png", "PNG", (1200, 630))
    assert len(response.content) < 120_000
    assert client.get(address, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    Indicator.objects.update(today="5 次")
    assert share_card_of(Achievement.objects.get()).digest != card.digest
    Achievement.objects.update(status="paused", status_reason="洽谈中")
    assert client.get(address).status_code == 404


def test_handouts_of_a_demand_hide_what_its_page_hides(client):
    demand = anonymous_demand()
    teaser = make.demand(
        title="只公开摘要", problem="绝密参数", goal="绝密目标", disclosure="teaser", teaser="要解决密封"
    )
    assert "精诚泰科" not in repr(share_card_of(demand))
    assert share_card_of(teaser).voice == "要解决密封"
    client.force_login(make.firm_officer(demand.firm))  # shares what everybody may read
    for row, shown in ((demand, "某轴承企业"), (teaser, "要解决密封")):
        pages, text = text_of(client.get(reverse("demand_one_page", args=[row.public_id])))
        assert pages == 1
        assert shown in text
        assert not re.search("精诚泰科|绝密", text)


def test_the_sheet_of_an_achievement_is_one_page_with_its_bars_whatever_it_holds(client):
    short = make.achievement(title="短的", summary="焊缝变形大，返修率高。")
    longest = make.achievement(
        title="超长名称的装置与配套工艺及其应用" * 10,
        summary=LONG[:1400] * 2,
        innovation=LONG[:1400] * 2,
        scenario=LONG[:900],
        economics=LONG[:900],
        maturity_level=6,
        maturity_bucket="pilot",
        maturity_evidence=LONG[:450],
        wanted_partner=LONG[:290],
        transfer_ways=["licence", "assignment", "joint_development", "service", "equity", "commissioned"],
    )
    for number in range(9):
        Indicator.objects.create(
            achievement=longest,
            name="很长的指标名称要占不止一行" * 3,
            comparison="le",
            value=str(40 + number),
            unit="min",
            today="100 min",
            condition=LONG[:190],
            basis=LONG[:90],
        )
        IntellectualProperty.objects.create(
            achievement=longest, kind="invention", title="名称" * 40, number=f"ZL{number}"
        )
    for achievement, bar in ((short, ""), (longest, "少 60%")):
        pages, text = text_of(client.get(reverse("achievement_one_page", args=[achievement.public_id])))
        assert pages == 1
        assert "扫码看全文" in text
        assert bar in text.replace("\u2002", " ")
    assert "全文见网页" in text
