"""The page of a district: what its firms say they look for, what there is for it, who helps, and when to meet."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, Region
from achievements.models import Achievement
from demands.models import Demand
from taxonomy.models import Industry
from tests import factories as make
from tests.browser_client import one_line

pytestmark = pytest.mark.django_db


def page(client, code: str = "gaoxin", *, status: int = 200) -> str:
    response = client.get(reverse("district_detail", args=[code]))
    assert response.status_code == status
    return one_line(response.content.decode())


def test_a_district_shows_the_demands_that_say_it_and_what_serves_them(client):
    marine, rail = Industry.objects.get(slug="marine"), Industry.objects.get(slug="rail")
    here, elsewhere = make.firm("大连鸿蚝精工有限公司", region_code="gaoxin"), make.firm("大连别处有限公司")
    make.demand(title="螺旋桨空蚀", firm=here, industry=marine, is_anonymous=False)
    hidden = {"firm": here, "industry": marine, "is_anonymous": True, "public_alias": "某船企"}
    make.demand(title="说出区的匿名需求", public_detail=Demand.Detail.DISTRICT, **hidden)
    make.demand(title="只说产业的匿名需求", public_detail=Demand.Detail.INDUSTRY, **hidden)
    make.demand(title="别处的需求", firm=elsewhere, industry=rail, is_anonymous=False)
    make.demand(title="还没公开的需求", firm=here, industry=marine, published=False)
    make.achievement(title="可以谈的船用涂层", industry=marine)
    make.achievement(title="已经转化的船用涂层", industry=marine, status=Achievement.Status.TRANSFERRED)
    make.achievement(title="没有人要的转向架", industry=rail)
    serving, _far = make.agency("跨区服务的机构"), make.agency("不来这里的机构")
    waiting = make.agency("还没核验的机构", verified=False)
    region = make.region("gaoxin")
    for agency in (serving, waiting):
        agency.regions.add(region)
    make.broker(name="郝经纪").regions.add(region)
    make.broker(name="过期经纪", expires_on=timezone.localdate() - timedelta(days=1)).regions.add(region)
    office = make.organisation("district", "高新区科技部门", stat_region=region)
    Organisation.objects.filter(pk=office.pk).update(public_contacts=["office@example.com"])
    html = page(client)
    there = "螺旋桨空蚀 说出区的匿名需求 可以谈的船用涂层 跨区服务的机构 郝经纪 高新区科技部门 office@example.com"
    for shown in there.split():
        assert shown in html, shown
    absent_ones = "只说产业 别处的需求 还没公开 已经转化的 没有人要的 不来这里的机构 还没核验 过期经纪"
    for absent in absent_ones.split():
        assert absent not in html, absent
    assert f'<a href="{reverse("demand_list")}?region=gaoxin&amp;industry=marine">2 项' in html
    listed = client.get(reverse("demand_list"), {"region": "gaoxin", "industry": "marine"}).content.decode()
    assert listed.count('<article class="row">') == 2


def test_the_next_round_of_the_district_goes_before_an_earlier_one_of_the_city(client):
    now = timezone.now()
    of_city = make.docking_round(
        name="全市的下一场", starts_at=now + timedelta(days=2), ends_at=now + timedelta(days=3)
    )
    assert of_city.name in page(client)
    own = make.docking_round(
        name="本区的专场",
        host=make.organisation("district", "高新区科技部门", stat_region=make.region("gaoxin")),
        starts_at=now + timedelta(days=9),
        ends_at=now + timedelta(days=10),
    )
    html = page(client)
    assert own.name in html and of_city.name not in html
    assert of_city.name in page(client, "jinpu")


def test_the_list_shows_each_district_with_what_it_lacks_most(client):
    marine, rail = Industry.objects.get(slug="marine"), Industry.objects.get(slug="rail")
    here = make.firm(region_code="gaoxin")
    for industry, count in ((marine, 2), (rail, 1)):
        for _ in range(count):
            make.demand(firm=here, industry=industry, is_anonymous=False)
    make.demand(firm=here, industry=rail, is_anonymous=True, public_alias="某企业", public_detail="industry")
    make.demand(firm=here, industry=None, is_anonymous=False)
    response = client.get(reverse("district_list"))
    html, of_here = one_line(response.content.decode()), f"{reverse('demand_list')}?region=gaoxin"
    for industry, count in ((marine, 2), (rail, 1)):
        link = f'<a href="{of_here}&amp;industry={industry.slug}">{industry.name} {count} 项</a>'
        assert link in html, link
    assert f'<a href="{of_here}">4 项' in html and "4<span" in html and "5<span" in html  # with and without a place
    table = response.context["table"]
    assert [row.region.code for row in table.rows] == [row.code for row in Region.objects.reporting()]
    for row in table.rows:
        assert (
            html.count(f'href="{reverse("district_detail", args=[row.region.code])}"') == 2
        )  # on the map, in the table
    assert '"ItemList"' in html
    assert reverse("district_list") in client.get(reverse("sitemap")).content.decode()


def test_only_reporting_districts_have_a_page_and_all_of_them_are_linked(client):
    assert "还没有公开的需求" in page(client)
    page(client, "210213", status=404)  # 金州区 is counted in 金普新区
    page(client, "nowhere", status=404)
    address = reverse("district_detail", args=["changxingdao"])
    assert f'href="{address}"' in client.get(reverse("home")).content.decode()
    assert address in client.get(reverse("sitemap")).content.decode()
    assert '"AdministrativeArea"' in page(client)


def test_its_queries_do_not_grow_with_its_rows(client):
    region, costs = make.region("gaoxin"), []
    for number in range(3):
        for _ in range(number * 2 + 1):
            make.demand(firm=make.firm(region_code="gaoxin"), is_anonymous=False)
            make.achievement(institution=make.institution(f"大学 {Organisation.objects.count()}"))
            agency = make.agency(f"机构 {Organisation.objects.count()}")
            agency.regions.add(region)
            make.broker(agency=agency).regions.add(region)
            make.organisation("district", f"科技部门 {Organisation.objects.count()}", stat_region=region)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        costs.append(len(queries))
    assert len(set(costs)) == 1, costs
