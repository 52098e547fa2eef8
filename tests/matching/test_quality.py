"""The page 匹配质量: counted decisions, page without decisions, links."""

import pytest
from django.urls import reverse

from matching.models import DemandResult
from matching.services.review import accept_match, reject_match
from tests import factories as make

PAGE = reverse("admin:matching_quality")

pytestmark = pytest.mark.django_db


def decide(number=3, region="jinpu", run=None):
    officer = make.district_officer(region)
    for place in range(number):
        demand = make.demand(title=f"{region}需求{place}", firm=make.firm(region_code=region))
        match = make.match(demand=demand, score=90 - place, run=run or make.match_run())
        if place % 2:
            reject_match(match, by=officer, reason="price", note="高出一倍")
        else:
            accept_match(match, by=officer)
    return officer


def test_page_without_decisions_says_that_levels_are_uncalibrated(client):
    client.force_login(make.city_officer())
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "级别暂按真实需求的判读结果推算" in page.text and "系统推荐，仅供参考" in page.text
    assert "<svg viewBox" not in page.text


def test_metrics_and_reliability_plot_with_its_table(client):
    decide(6)
    client.force_login(make.city_officer())
    page = client.get(PAGE)
    assert page.context["number"] == 6
    assert "根据最近 6 条审核决定（6 项需求" in page.text and "级别未经校准" in page.text
    assert "<svg viewBox" in page.text and "平均预计" in page.text and "没有偏差明显的匹配" in page.text


@pytest.mark.long
def test_worst_mispredictions_link_to_their_matches(client):
    """Forty accepted with high scores, forty rejected with low scores, except one rejected with a high score."""
    officer = make.district_officer()
    firm, run = make.firm(), make.match_run()
    for place in range(80):
        words = "".join(chr(0x4E00 + 97 * place + n) for n in range(20))  # no need is a near-copy of another
        demand = make.demand(title=f"第{place}项需求", problem=words, firm=firm)
        match = make.match(demand=demand, run=run, score=90 - place % 9 if place % 2 else 20 + place % 9)
        if place % 2 and place != 41:
            accept_match(match, by=officer)
        else:
            reject_match(match, by=officer, reason="indicator")
    client.force_login(make.city_officer())
    page = client.get(PAGE)
    misprediction = page.context["mispredictions"][0]
    assert misprediction.praised and misprediction.case.demand_title == "第41项需求"
    assert reverse("admin:matching_match_change", args=[misprediction.case.match]) in page.text
    assert "在该需求中排第 1，实际退回：指标不符" in page.text
    assert "按相近需求分组留出" in page.text


def test_district_counts_only_its_own_decisions(client):
    decide(3)
    decide(5, region="gaoxin")
    client.force_login(make.district_officer())
    page = client.get(PAGE)
    assert page.context["number"] == 3 and "gaoxin需求" not in page.text
    assert page.context["runs"].count() == 3


def test_tables_by_run_district_and_industry(client):
    decide(3)
    decide(5, region="gaoxin")
    client.force_login(make.city_officer())
    tables = dict(client.get(PAGE).context["tables"])
    named = [(line.name, line.pairs) for line in tables["按区市县"]]
    assert named == [(make.region("gaoxin").name, 5), (make.region("jinpu").name, 3)]
    assert len(tables["按批次"]) == 8


def test_filter_by_run(client):
    run = make.match_run()
    decide(2, run=run)
    decide(3)
    client.force_login(make.city_officer())
    assert client.get(PAGE, {"run": run.pk}).context["number"] == 2
    assert client.get(PAGE, {"run": "1 or 1"}).context["number"] == 5  # no such batch: all
    assert client.get(PAGE, {"run": "9" * 30}).context["number"] == 5


def test_demands_without_match_are_counted_and_linked(client):
    run = make.match_run()
    for silent in (True, True, False):
        DemandResult.objects.create(run=run, demand=make.demand(), no_match_probability=0.5, has_no_match=silent)
    client.force_login(make.city_officer())
    page = client.get(PAGE)
    (line,) = page.context["no_match_counts"]
    assert (line["demands"], line["no_match"]) == (3, 2)
    assert f"run__id__exact={run.pk}&amp;has_no_match__exact=1" in page.text
    listed = client.get(
        reverse("admin:matching_demandresult_changelist"), {"run__id__exact": run.pk, "has_no_match__exact": 1}
    )
    assert len(listed.context["cl"].result_list) == 2


@pytest.mark.parametrize("count", [2, 6])
def test_query_count_does_not_depend_on_number_of_decisions(client, count, django_assert_num_queries):
    run = make.match_run()
    decide(count, run=run)
    client.force_login(make.city_officer())
    client.get(PAGE)
    with django_assert_num_queries(QUERIES):
        client.get(PAGE)


QUERIES = 18
