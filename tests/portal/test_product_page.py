"""The page of an achievement as a product page: words first, bars where they are known, what it is not suited for."""

import io
import re

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from achievements.models import Indicator
from portal.technical_cards import attach_cards
from portfolio.models import Picture
from portfolio.services.pictures import encoded_sizes
from tests import factories as make

pytestmark = pytest.mark.django_db


def page_of(client, achievement) -> str:
    return client.get(reverse("achievement_detail", args=[achievement.public_id])).content.decode()


def picture_of(achievement, **fields) -> Picture:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), "navy").save(buffer, "PNG")
    picture = Picture(achievement=achievement, status="ready", width=400, height=300, name="a.png", **fields)
    picture.uploaded_by = make.institution_officer(achievement.institution)
    for size, (content, _width, _height) in encoded_sizes(buffer.getvalue()).items():
        getattr(picture, size).save(f"{size}.webp", ContentFile(content), save=False)
    picture.save()
    return picture


def test_the_problem_comes_first_and_only_known_levels_are_drawn(client):
    achievement = make.achievement(
        title="冷风机融霜控制箱",
        summary="没霜也冲，库温白白升三四度。控制箱只认露白面积。氨系统不适用。",
        maturity_level=6,
        maturity_bucket="pilot",
        transfer_ways=["licence"],
    )
    Indicator.objects.create(
        achievement=achievement, name="冲霜次数", comparison="le", value="1.5", unit="次", today="4 次"
    )
    Indicator.objects.create(achievement=achievement, name="判别正确率", value="97", unit="%", today="九成多", order=2)
    make.demand(title="冷库电费太高", problem="一座三千吨冻品库，去年电费九十多万。", industry=achievement.industry)
    make.demand(title="匿名的", is_anonymous=True, public_alias="某企业", industry=achievement.industry)
    page = page_of(client, achievement)
    assert page.index("没霜也冲，库温白白升三四度。</p>") < page.index("<h1>冷风机融霜控制箱</h1>")
    bars = page[page.index('<ul class="bars">') : page.index("</ul>", page.index('<ul class="bars">'))]
    assert "冲霜次数" in bars
    assert "判别正确率" not in bars
    assert [float(width) for width in re.findall(r'<rect class="\w+" width="([\d.]+)"', bars)] == [100, 37.5]
    assert "<li>氨系统不适用。</li>" in page
    assert re.findall(r'<li class="(\w+)"', page[page.index('<ol class="way"') :])[:4] == [
        "done",
        "done",
        "now",
        "todo",
    ]
    assert "去年电费九十多万" in page
    assert "匿名的" not in page
    assert 'alt="本页二维码"' in page
    assert "style=" not in page


def test_the_uploaded_picture_goes_before_the_drawing_and_is_shown_once(client):
    achievement = make.achievement()
    Indicator.objects.create(achievement=achievement, name="容量", value="91", unit="%", today="80%")
    second = picture_of(achievement, position=2, sha256="b" * 64)
    cover = picture_of(achievement, position=1, sha256="a" * 64, alt="装在冷库里的控制箱")
    page = page_of(client, achievement)
    figure = page[page.index("<figure") : page.index("</figure>")]
    assert 'alt="装在冷库里的控制箱"' in figure
    assert "srcset" in figure
    assert "<svg" not in figure
    assert page.count(f"/pictures/{cover.public_id}/medium/") == figure.count(f"/pictures/{cover.public_id}/medium/")
    assert f"/pictures/{second.public_id}/small/" in page


def test_cards_of_a_list_cost_two_queries(django_assert_num_queries):
    rows = [make.achievement(title=f"成果 {number}") for number in range(3)]
    Indicator.objects.create(achievement=rows[0], name="容量", value="91", unit="%", today="80%")
    picture_of(rows[1], sha256="a" * 64)
    with django_assert_num_queries(2):
        attach_cards(rows)
    assert "<svg" in rows[0].card.drawing
    assert rows[1].card.cover
    assert (rows[2].card.drawing, rows[2].card.cover) == ("", None)
    assert rows[2].card.words


def test_a_row_of_the_list_shows_the_comparison_in_words_and_bars(client):
    for number in range(2):
        achievement = make.achievement(title=f"成果 {number}")
        Indicator.objects.create(achievement=achievement, name="没有参照", value="97", unit="%")
        Indicator.objects.create(
            achievement=achievement, name="冲霜", comparison="le", value="1", unit="次", today="4 次"
        )
    page = client.get(reverse("achievement_list")).content.decode()
    assert page.count("冲霜：行业常见 4 次，本成果 ≤ 1 次，<b>少 75%</b>") == 2
    assert "没有参照" not in page
