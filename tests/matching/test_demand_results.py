"""What a run writes down for each need: 暂无高匹配 where nothing stands out, and what came nearest all the same."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from matching.models import DemandResult, Match
from matching.services.runs import execute_chunk, start_run
from tests import factories as make

THINGS = "阀泵轴齿轮缸炉塔釜筛网膜管桥船坝渠井灯镜钟表秤尺锯刨钻铣磨铸锻焊镀漆染织纺纱线绳带布革纸墨胶塑"
EVERYDAY = "提高生产效率，降低成本，适用于设备改造。"

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    """A registry of everyday words where one achievement says something of its own; a need for it, and one without."""
    for thing in THINGS:
        make.achievement(title=f"{thing}类零件制造改进", summary=EVERYDAY)
    offer = make.achievement(title="镁合金微弧氧化膜封孔", summary=f"镁合金微弧氧化膜耐蚀封孔处理。{EVERYDAY}")
    answered = make.demand(title="镁合金壳体微弧氧化膜耐蚀性差", problem="微弧氧化膜有微孔，想找封孔处理办法。")
    unanswered = make.demand(title="企业想降低成本", problem="想提高生产效率，改造设备。")
    return offer, answered, unanswered


def run_once(title="一轮"):
    run = start_run(title, by=None)
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)
    run.refresh_from_db()
    return run


def test_each_need_has_one_finding_and_a_silent_one_no_match(city):
    offer, answered, unanswered = city
    run = run_once()
    assert Match.objects.filter(demand=unanswered).count() == 0
    assert Match.objects.get(demand=answered, rank=1).achievement == offer
    silent = DemandResult.objects.with_no_match().get()
    assert (silent.demand, silent.run, run.counts["demands_without_match"]) == (unanswered, run, 1)
    assert DemandResult.objects.get(demand=answered).nearest == []
    assert silent.no_match_probability > DemandResult.objects.get(demand=answered).no_match_probability


def test_what_came_nearest_is_kept_for_those_who_want_to_look(city):
    run_once()
    nearest = DemandResult.objects.with_no_match().get().nearest
    assert len(nearest) == 3 and all(EVERYDAY[:2] or one["title"] for one in nearest)
    assert [one["score"] for one in nearest] == sorted((one["score"] for one in nearest), reverse=True)


def test_a_threshold_set_by_hand_knows_no_silence(city, settings):
    settings.MATCH_THRESHOLD = 1.0
    run_once()
    assert not DemandResult.objects.with_no_match().exists()


def test_a_small_registry_is_not_silenced_for_its_size():
    make.achievement()
    make.demand()
    run_once()
    assert Match.objects.count() == 1 and not DemandResult.objects.with_no_match().exists()


def test_the_database_keeps_one_finding_per_need_and_run(city):
    run_once()
    again = DemandResult.objects.with_no_match().get()
    with transaction.atomic(), pytest.raises(IntegrityError):
        DemandResult.objects.create(run=again.run, demand=again.demand, no_match_probability=0.5, has_no_match=True)
    with transaction.atomic(), pytest.raises(IntegrityError):
        DemandResult.objects.filter(pk=again.pk).update(no_match_probability=1.5)


def test_staff_see_the_silent_needs_of_their_own_firms(client, city):
    foreign = make.demand(title="别区的需求", firm=make.firm(region_code="gaoxin"), problem="想提高效率。")
    run_once()
    client.force_login(make.district_officer())
    address = reverse("admin:matching_demandresult_changelist")
    page = client.get(f"{address}?has_no_match__exact=1")
    assert "企业想降低成本" in page.text and "类零件制造改进" in page.text
    assert foreign.title not in page.text
    mine = DemandResult.objects.with_no_match().get(demand__title="企业想降低成本")
    assert "企业想降低成本" in client.get(reverse("admin:matching_demandresult_change", args=[mine.pk])).text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_for_three_as_for_one(client, count, django_assert_num_queries):
    run = make.match_run()
    for _ in range(count):
        DemandResult.objects.create(
            run=run, demand=make.demand(firm=make.firm()), no_match_probability=0.9, has_no_match=True
        )
    client.force_login(make.district_officer())
    address = reverse("admin:matching_demandresult_changelist")
    client.get(address)
    with django_assert_num_queries(QUERIES):
        assert len(client.get(address).context["cl"].result_list) == count


QUERIES = 18
