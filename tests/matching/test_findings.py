"""The finding of a run for each demand: 暂无高匹配, and the nearest achievements."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from matching.models import Finding, Match
from matching.services.runs import execute_chunk, start_run
from tests import factories as make

THINGS = "阀泵轴齿轮缸炉塔釜筛网膜管桥船坝渠井灯镜钟表秤尺锯刨钻铣磨铸锻焊镀漆染织纺纱线绳带布革纸墨胶塑"
EVERYDAY = "提高生产效率，降低成本，适用于设备改造。"

pytestmark = pytest.mark.django_db


@pytest.fixture
def demands():
    """Achievements with everyday words, one with specific words, a demand that it fits, and one that nothing fits."""
    for thing in THINGS:
        make.achievement(title=f"{thing}类零件制造改进", summary=EVERYDAY)
    specific = make.achievement(title="镁合金微弧氧化膜封孔", summary=f"镁合金微弧氧化膜耐蚀封孔处理。{EVERYDAY}")
    answered = make.demand(title="镁合金壳体微弧氧化膜耐蚀性差", problem="微弧氧化膜有微孔，想找封孔处理办法。")
    unanswered = make.demand(title="企业想降低成本", problem="想提高生产效率，改造设备。")
    return specific, answered, unanswered


def run_once(title="一轮"):
    run = start_run(title, by=None)
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)
    run.refresh_from_db()
    return run


def test_each_demand_has_one_finding_and_one_without_fit_has_no_match(demands):
    specific, answered, unanswered = demands
    run = run_once()
    assert Match.objects.filter(demand=unanswered).count() == 0
    assert Match.objects.get(demand=answered, rank=1).achievement == specific
    silent = Finding.objects.silent().get()
    assert (silent.demand, silent.run, run.counts["demands_without_match"]) == (unanswered, run, 1)
    assert Finding.objects.get(demand=answered).nearest == []
    assert silent.silence > Finding.objects.get(demand=answered).silence


def test_the_nearest_achievements_are_stored(demands):
    run_once()
    nearest = Finding.objects.silent().get().nearest
    assert len(nearest) == 3 and all(EVERYDAY[:2] or stored["title"] for stored in nearest)
    assert [stored["score"] for stored in nearest] == sorted((stored["score"] for stored in nearest), reverse=True)


def test_a_threshold_set_by_hand_replaces_the_rule(demands, settings):
    settings.MATCH_THRESHOLD = 1.0
    run_once()
    assert not Finding.objects.silent().exists()


def test_the_rule_does_not_apply_to_a_small_registry():
    make.achievement()
    make.demand()
    run_once()
    assert Match.objects.count() == 1 and not Finding.objects.silent().exists()


def test_the_database_allows_one_finding_per_demand_and_run(demands):
    run_once()
    finding = Finding.objects.silent().get()
    with transaction.atomic(), pytest.raises(IntegrityError):
        Finding.objects.create(run=finding.run, demand=finding.demand, silence=0.5, is_silent=True)
    with transaction.atomic(), pytest.raises(IntegrityError):
        Finding.objects.filter(pk=finding.pk).update(silence=1.5)


def test_staff_see_the_findings_of_their_own_firms(client, demands):
    other_district = make.demand(title="别区的需求", firm=make.firm(region_code="gaoxin"), problem="想提高效率。")
    run_once()
    client.force_login(make.district_officer())
    address = reverse("admin:matching_finding_changelist")
    page = client.get(f"{address}?is_silent__exact=1")
    assert "企业想降低成本" in page.text and "类零件制造改进" in page.text
    assert other_district.title not in page.text
    own = Finding.objects.silent().get(demand__title="企业想降低成本")
    assert "企业想降低成本" in client.get(reverse("admin:matching_finding_change", args=[own.pk])).text


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_rows(client, count, django_assert_num_queries):
    run = make.match_run()
    for _ in range(count):
        Finding.objects.create(run=run, demand=make.demand(firm=make.firm()), silence=0.9, is_silent=True)
    client.force_login(make.district_officer())
    address = reverse("admin:matching_finding_changelist")
    client.get(address)
    with django_assert_num_queries(QUERIES):
        assert len(client.get(address).context["cl"].result_list) == count


QUERIES = 18
