"""The pictures of public pages: each cell is a row, each number that of the list behind it, nothing hidden counts."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region
from achievements.models import Achievement
from brokerage.models import ProfileCase
from brokerage.services import profiles
from challenges.models import Challenge
from challenges.services.ending import sign_challenge
from challenges.services.results import choose_winner, confirm_award
from deals.services.deals import sign_deal
from demands.models import Demand
from portal.drawings.skyline import Column, draw_skyline
from portal.drawings.tiles import District, draw_tiles
from portal.transfer_story import transfer_story
from taxonomy.models import Industry
from tests import factories as make
from tests.browser_client import one_line
from tests.challenges import calls

WORDS = "老师傅凭手摸，一夜要堵三回。工人拿铁棍敲，敲完还漏。"


def page(client, name, *args) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return one_line(response.content.decode())


def cells(html: str, kind: str) -> int:
    """The cells of a kind in the drawings of a page, without the legend."""
    paths = re.findall(rf'<path class="{kind}" d="([^"]+)"', re.sub('<ul class="legend"[^>]*>.*?</ul>', "", html))
    return sum(path.count("M") for path in paths)


# --- Drawings --------------------------------------------------------------------------------------------------------
def test_many_rows_become_bars_of_one_scale():
    few = draw_skyline([Column("甲", "", (("sq-pilot", 7),), (("sq-open", 6),))])
    above, below = few.columns[0].above, few.columns[0].below
    assert not few.is_bars and [path.count("M") for _kind, path in above.paths + below.paths] == [7, 6]
    assert above.paths[0][1].startswith("M0 10h8")  # the first row stands on the line, the second above it
    many = draw_skyline([Column("甲", "", (("sq-pilot", 400),), ()), Column("乙", "", (), (("sq-solved", 100),))])
    assert many.is_bars
    assert (many.columns[0].above.height, many.columns[1].below.height) == (160, 40)
    assert many.columns[1].above.height == 0
    assert draw_skyline([]).columns == []


def test_a_district_without_a_place_follows_the_map():
    here, nowhere = District("甲", "甲区", "/", (("sq-open", 50),), 2, 1), District("乙", "乙区", "/", ())
    drawn = draw_tiles([nowhere, here])
    assert ([tile.district for tile in drawn.tiles], drawn.without_place, drawn.columns) == ([here], [nowhere], 1)
    assert drawn.tiles[0].drawing.width == 78


# --- Home page -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_each_cell_of_the_home_page_is_a_row_of_the_list_behind_it(client):
    materials = Industry.objects.get(slug="materials")
    part = Industry.objects.create(slug="coatings", name="涂层", parent=materials)
    make.achievement(industry=materials, maturity_bucket="pilot")
    make.achievement(industry=part, maturity_bucket="industrial")
    make.achievement(industry=part, status=Achievement.Status.TRANSFERRED, maturity_bucket="industrial")
    make.achievement(industry=materials, registered=False)
    named = {"industry": materials, "is_anonymous": False}
    make.demand(**named)
    make.demand(status=Demand.Status.SOLVED, firm=make.firm(region_code="210202"), **named)
    hidden = {"is_anonymous": True, "public_alias": "某企业", "industry": materials}
    make.demand(public_detail=Demand.Detail.NOTHING, **hidden)
    make.demand(public_detail=Demand.Detail.INDUSTRY, **hidden)
    html = page(client, "home")
    assert [cells(html, kind) for kind in ("sq-pilot", "sq-industrial", "sq-transferred")] == [1, 1, 1]
    # In the skyline two open and one solved demand, on the map one of each: what is hidden is in neither.
    assert (cells(html, "sq-open"), cells(html, "sq-solved")) == (3, 2)
    for name, total in (("achievement", 3), ("demand", 3)):
        url = f"{reverse(f'{name}_list')}?industry=materials"
        assert f'<a href="{url}"><b>{total}</b>' in html
        listed = client.get(url).content.decode()
        assert len(re.findall('<article class="row">', listed)) == total
    url = reverse("district_detail", args=["210202"])
    assert re.search(rf'<a href="{re.escape(url)}"><span\s*>中山区</span><b>1', html)
    assert "金普新区" in html and f'href="{reverse("industry_detail", args=["materials"])}"' in html


def test_bars_of_the_map_have_one_scale():
    districts = [
        District("大", "大", "/", (("sq-open", 80),), 1, 1),
        District("小", "小", "/", (("sq-open", 20),), 1, 2),
    ]
    large, small = (tile.drawing for tile in draw_tiles(districts).tiles)
    assert (large.width, large.height) == (small.width, small.height)  # the page makes both as wide as their tiles
    lengths = [int(re.search(r"h(\d+)", drawing.paths[0][1])[1]) for drawing in (large, small)]
    assert lengths[0] > 3 * lengths[1]


@pytest.mark.django_db
def test_the_places_of_the_next_round_are_taken_only_after_the_timetable_is_public(client):
    starts = timezone.now() + timedelta(days=3)
    docking_round = make.docking_round(name="下一场", starts_at=starts, ends_at=starts + timedelta(hours=3))
    hall, slots = make.hall(docking_round, tables=4), make.slots(docking_round, 3)
    sides = (make.party(docking_round), make.party(docking_round, make.institution()))
    placed = {make.meeting(*sides): (slots[0], hall, 1)}
    draft = make.timetable(docking_round, placed, published=False)
    html = page(client, "home")
    assert "下一场" in html and "共 12 桌次" in html and "排好" in html
    assert (cells(html, "sq-free"), cells(html, "sq-taken")) == (12, 0)
    type(draft).objects.update(status="published", published_at=timezone.now())
    html = page(client, "home")
    assert (cells(html, "sq-free"), cells(html, "sq-taken")) == (11, 1)
    assert "还空 11 桌次" in html


# --- The story -------------------------------------------------------------------------------------------------------
def signed_call() -> Challenge:
    people = calls.city(problem=WORDS, is_anonymous=False)
    call = calls.published(people)
    bid = calls.handed_in(call, make.institution_officer(make.institution("揭榜大学")))
    calls.opened(people, call)
    calls.reviewed(people, call)
    bid.refresh_from_db()
    choose_winner(call, bid=bid, reason="指标最好。", by=people.owner)
    yesterday = timezone.now() - timedelta(days=1)
    Challenge.objects.update(public_until=timezone.localdate(yesterday), chosen_at=yesterday)
    call.refresh_from_db()
    confirm_award(call, by=people.city)
    sign_challenge(call, by=people.owner)
    return call


@pytest.mark.long
@pytest.mark.django_db
def test_a_signed_call_is_told_with_what_its_page_shows(client):
    assert "一条难题走到" not in page(client, "home")
    call = signed_call()
    assert "一条难题走到立项" in page(client, "home")  # there is a deal, which nobody has signed yet
    call.refresh_from_db()
    city = make.city_officer()
    sign_deal(make.confirmed(call.deal), on=timezone.localdate(), signed_wan=90, way="commissioned", by=city)
    html = page(client, "home")
    assert (
        "一条难题走到签约" in html
        and "老师傅凭手摸，一夜要堵三回。" in html
        and call.public_title in html
        and "揭榜大学" in html
    )
    assert "拆锁时间" in html and "现在 240 秒" in html
    Challenge.objects.filter(pk=call.pk).update(problem="设备效率有待提高。")
    assert transfer_story() is None  # nothing in the words of a workshop


@pytest.mark.django_db
def test_a_contract_is_told_while_both_parties_agree_and_its_demand_is_public(client):
    item = make.achievement(title="管道自洁阀")
    demand = make.demand(title="管道老堵", problem=WORDS, is_anonymous=False)
    pair = make.match(demand=demand, achievement=item, status="accepted", reviewed_by=make.city_officer(),
                      reviewed_at=timezone.now())  # fmt: skip
    deal = make.deal(follow_up=make.follow_up(pair))
    broker = make.broker_account()
    contract = make.contract(deal=deal, seller=item.institution, buyer=demand.firm, broker=broker)
    contract = make.confirmed(contract, confirms_broker=True)
    case = profiles.tell_case(
        profiles.profile_of(broker, by=broker.user), contract, text="两个月谈成。", by=broker.user
    )
    seller, buyer = make.institution_officer(item.institution), make.firm_officer(demand.firm)
    profiles.answer_case(case, agree=True, by=seller)
    assert transfer_story() is None
    profiles.answer_case(case, agree=True, by=buyer)
    story = transfer_story()
    assert story and (story.title, story.firm_name, story.item_title) == ("管道老堵", demand.firm.name, "管道自洁阀")
    assert "两个月谈成。" in page(client, "home")
    for changed in ({"is_anonymous": True, "public_alias": "某企业"}, {"disclosure": "teaser", "teaser": "找阀门"},
                    {"is_private": True, "published_at": None}):  # fmt: skip
        before = Demand.objects.filter(pk=demand.pk).values(*changed).get()
        Demand.objects.filter(pk=demand.pk).update(**changed)
        assert transfer_story() is None, changed
        Demand.objects.filter(pk=demand.pk).update(**before)
    assert transfer_story()
    profiles.answer_case(case, agree=False, by=buyer)
    assert transfer_story() is None and ProfileCase.objects.exists()


# --- Industries ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_chain_puts_each_item_at_the_last_link_with_one_of_its_words(client):
    marine = Industry.objects.get(slug="marine")
    names = [row.name for row in settings.CITY.chain_links if row.industry == "marine"]
    make.achievement(industry=marine, title="船体分段水下清洗机器人", keywords=[])  # 船体建造, then 修船与防污
    make.achievement(industry=marine, title="没有词的", keywords=["气缸油"])
    make.achievement(industry=marine, title="哪里都不是", keywords=[])
    firm = make.firm("大连鸿蚝精工有限公司")
    hidden = {"firm": firm, "industry": marine, "is_anonymous": True, "public_alias": "某企业"}
    make.demand(title="鸿蚝精工的船体错边", public_detail=Demand.Detail.INDUSTRY, **hidden)
    make.demand(title="看不见产业的船体", public_detail=Demand.Detail.NOTHING, **hidden)
    html = page(client, "industry_detail", "marine")
    sections = dict(re.findall(r'<h3 id="link-h-\d+">([^<]+)</h3>(.*?)</section>', html))
    assert list(sections) == ["船体建造", "动力与机舱", "修船与防污", "其他"]
    assert "本企业的船体错边" in sections["船体建造"] and "鸿蚝" not in html and "看不见产业" not in html
    assert "船体分段水下清洗机器人" in sections["修船与防污"] and "没有词的" in sections["动力与机舱"]
    assert "哪里都不是" in sections["其他"]
    assert all(name in html for name in names)  # also the links without items
    assert "不是对成果的评价" in html


@pytest.mark.django_db
def test_an_industry_has_a_page_while_it_is_in_use_and_also_without_items_or_chain(client):
    part = Industry.objects.create(slug="part", name="下级", parent=Industry.objects.get(slug="rail"))
    own = Industry.objects.create(slug="own", name="自立的产业")
    make.achievement(industry=own, title="自立的成果")
    assert "还没有公开的成果和需求" in page(client, "industry_detail", "rail")
    html = page(client, "industry_detail", "own")
    assert "自立的成果" in html and "各个环节" not in html
    assert "自立的产业" in page(client, "industry_list")
    Industry.objects.filter(pk=own.pk).update(is_active=False)
    for slug in ("own", part.slug, "nothing"):
        assert client.get(reverse("industry_detail", args=[slug])).status_code == 404


@pytest.mark.django_db
def test_every_reporting_district_of_the_city_has_a_tile_of_its_own():
    places = {row.code: (row.map_row, row.map_column) for row in settings.CITY.reporting}
    assert {row.code for row in Region.objects.reporting()} == set(places)
    assert all(all(place) for place in places.values()) and len(set(places.values())) == len(places)
