"""Pages with other results of the engine: similar records, duplicates, suggested agencies, 试配."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from matching.models import SimilarAchievement, SimilarDemand
from tests import factories as make
from tests.browser_client import one_line
from tests.portal.test_import_pages import ACHIEVEMENT, DEMAND, press_import, sheet, upload

pytestmark = pytest.mark.django_db
TITLE = "轴承套圈滚道磨削烧伤在线检测仪"
TEXT = "磨削后滚道上的烧伤用涡流法全检，三十秒一只。"
HTMX = {"HTTP_HX_REQUEST": "true"}


def offered(title=TITLE, **fields):
    return make.achievement(**{"title": title, "summary": TEXT} | fields)


def like(model, item, *others):
    for place, other in enumerate(others, start=1):
        model.objects.create(item=item, other=other, place=place, score=70, made_at=timezone.now())


def test_similar_published_achievements_are_listed_most_similar_first(client):
    item, first, second = offered(), offered("甲"), offered("乙")
    gone = offered("已下架的", status="withdrawn", status_reason="重复")
    like(SimilarAchievement, item, second, gone, first)
    page = client.get(reverse("achievement_detail", args=[item.public_id])).text
    assert "相似成果" in page and page.index(">乙<") < page.index(">甲<") and "已下架的" not in page
    assert "相似成果" not in client.get(reverse("achievement_detail", args=[first.public_id])).text


def test_anonymous_demands_are_similar_to_none(client):
    """Neither listed nor listing: a list without those of the same firm would tell which are missing."""
    item, other = make.demand(), make.demand(title="另一项")
    hidden = make.demand(title="某项", is_anonymous=True, public_alias="某轴承企业")
    like(SimilarDemand, item, hidden, other)
    like(SimilarDemand, hidden, item)
    page = client.get(reverse("demand_detail", args=[item.public_id])).text
    assert "相似需求" in page and "另一项" in page and "某轴承企业" not in page
    assert "相似需求" not in client.get(reverse("demand_detail", args=[hidden.public_id])).text


def queries(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.long
def test_detail_page_query_count_is_constant_with_similar_records(client):
    achievement, demand = offered(), make.demand()
    query_counts = []
    for number in range(1, 5):
        other, need = offered(f"另一项{number}"), make.demand()
        SimilarAchievement.objects.create(item=achievement, other=other, place=number, score=70, made_at=timezone.now())
        SimilarDemand.objects.create(item=demand, other=need, place=number, score=70, made_at=timezone.now())
        make.agency(f"服务机构{number}").regions.add(demand.firm.stat_region)
        make.broker().regions.add(demand.firm.stat_region)
        query_counts.append(
            [
                queries(client, reverse("achievement_detail", args=[achievement.public_id])),
                queries(client, reverse("demand_detail", args=[demand.public_id])),
            ]
        )
    assert query_counts[0] == query_counts[-1]


def test_demand_page_suggests_agencies_of_the_region(client):
    demand = make.demand()
    make.agency("示例服务机构").regions.add(demand.firm.stat_region)
    page = client.get(reverse("demand_detail", args=[demand.public_id])).text
    assert "可以找谁帮忙" in page and "示例服务机构" in page and f"服务{demand.firm.stat_region.name}" in page


def test_demand_without_match_shows_institutions(client):
    demand = make.demand(industry=make.achievement().industry)
    contact = make.contact(make.institution(), name="联系甲")
    address = reverse("demand_detail", args=[demand.public_id])
    assert "还没有匹配的成果" not in client.get(address).text
    client.force_login(make.firm_officer(demand.firm))
    page = client.get(address).text
    assert "还没有匹配的成果" in page and "大连理工大学" in page and "市科技局代为转达" in page
    assert contact.masked_name not in page
    client.force_login(make.city_officer())
    page = client.get(address).text
    assert reverse("admin:accounts_contact_change", args=[contact.pk]) in page and "联系甲" not in page
    make.match(demand=demand)
    assert "还没有匹配的成果" not in client.get(address).text


def test_likely_duplicates_are_shown_while_typing(client):
    public = offered()
    client.force_login(make.institution_officer())
    form = client.get(reverse("achievement_new")).text
    assert reverse("achievement_duplicates") in form
    part = client.post(reverse("achievement_duplicates"), {"title": TITLE[:-1], "summary": ""}, **HTMX).text
    assert "已有相近的成果" in part and public.title in part and "<html" not in part
    assert "已有相近" not in client.post(reverse("achievement_duplicates"), {"title": "海参低温熟化"}, **HTMX).text
    itself = {"title": TITLE, "itself": public.public_id}
    assert "已有相近" not in client.post(reverse("achievement_duplicates"), itself, **HTMX).text


def test_imported_rows_similar_to_existing_records_get_a_warning(client):
    there = make.achievement(title="氢燃料电池双极板冲压成形新工艺", institution=make.institution("另一所演示大学"))
    client.force_login(make.institution_officer())
    page = upload(client, "achievements", sheet(ACHIEVEMENT, ACHIEVEMENT | {"成果名称": "海参低温熟化"}))
    [(row, _title, warning)] = page.context["page"]
    assert row == 3 and "相近" in warning
    assert there.title in warning and there.registry_number in warning
    assert one_line(f"第 3 行“{ACHIEVEMENT['成果名称']}”{warning}") in one_line(page.text)
    assert "可以导入 2 项" in one_line(page.text), "a notice holds nothing back"
    assert "相近" not in press_import(client, page).text and there.institution.achievements.count() == 1
    again = upload(client, "achievements", sheet(ACHIEVEMENT, ACHIEVEMENT | {"成果名称": "海参低温熟化"}))
    assert "没有新增科技成果" in one_line(again.text) and "相近" not in again.text


def test_update_of_an_existing_record_is_no_duplicate(client):
    make.demand(firm=make.firm(DEMAND["企业名称"]), title=DEMAND["需求名称"], problem=DEMAND["主要问题"])
    client.force_login(make.district_officer())
    page = upload(client, "demands", sheet(DEMAND), name="需求.xlsx")
    assert page.status_code == 200 and "相近" not in page.text


def test_trial_match_shows_results_with_reasons(client):
    offered().indicators.create(name="检测时间", comparison="le", value="30", unit="s")
    client.force_login(make.district_officer())
    text = {"text": f"{TITLE}\n滚道磨削烧伤，检测时间不超过2分钟"}
    page = client.post(reverse("trial_match"), text).text
    assert "1 个候选，其中 1 个把握较大" in page and "检测时间满足" in page and "仅供参考" in page
    part = client.post(reverse("trial_match"), text, **HTMX).text
    assert "检测时间满足" in part and "<html" not in part


def test_trial_match_of_an_empty_text_and_without_results(client):
    client.force_login(make.institution_officer())
    empty = client.post(reverse("trial_match"), {"text": "  "})
    assert empty.status_code == 422 and "还没有写需求" in empty.text
    assert "还没有写需求" in client.post(reverse("trial_match"), {"text": ""}, **HTMX).text
    assert "库里没有接近的成果" in client.post(reverse("trial_match"), {"text": "海参低温熟化"}).text


def test_a_trial_match_without_a_sure_candidate_says_so(client):
    for number in range(12):
        make.achievement(title=f"轴承套圈包装与防锈方法之{number}", summary="套圈包装。")
    client.force_login(make.institution_officer())
    page = client.post(reverse("trial_match"), {"text": "套圈上的划痕\n包装时套圈互相磕碰，表面有划痕。"}).text
    assert "5 个候选" in page and "暂无高匹配" in page and "把握较大" not in page
