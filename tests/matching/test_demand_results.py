"""The result of a run for each demand: candidates, or none with the nearest achievements."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from matching.engine.candidates import MAX_CANDIDATES
from matching.models import DemandResult, Match
from matching.services.runs import execute_chunk, start_run
from tests import factories as make

THINGS = "阀泵轴齿轮缸炉塔釜筛网膜管桥船坝渠井灯镜钟表秤尺锯刨钻铣磨铸锻焊镀漆染织纺纱线绳带布革纸墨胶塑"
EVERYDAY = "提高生产效率，降低成本，适用于设备改造。"

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    """Achievements in everyday words, one with a specific subject; a demand that fits it, a vague one, and one that
    shares hardly anything with the registry."""
    for thing in THINGS:
        make.achievement(title=f"{thing}类零件制造改进", summary=EVERYDAY)
    offer = make.achievement(title="镁合金微弧氧化膜封孔", summary=f"镁合金微弧氧化膜耐蚀封孔处理。{EVERYDAY}")
    answered = make.demand(title="镁合金壳体微弧氧化膜耐蚀性差", problem="微弧氧化膜有微孔，想找封孔处理办法。")
    vague = make.demand(title="企业想降低成本", problem="想提高生产效率，改造设备。")
    unanswered = make.demand(title="quantum annealing", problem="QUBO solver for logistics", goal="")
    return offer, answered, vague, unanswered


def run_once(title="一轮"):
    run = start_run(title, by=None)
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)
    run.refresh_from_db()
    return run


def test_each_demand_has_one_result_and_only_a_demand_that_shares_nothing_has_no_candidates(city):
    offer, answered, vague, unanswered = city
    run = run_once()
    assert Match.objects.filter(demand=vague, level="candidate").count() == MAX_CANDIDATES
    assert Match.objects.filter(demand=unanswered).count() == 0
    first = Match.objects.get(demand=answered, rank=1)
    assert (first.achievement, first.level) == (offer, "high")
    silent = DemandResult.objects.with_no_match().get()
    assert (silent.demand, silent.run, run.counts["demands_without_match"]) == (unanswered, run, 1)
    assert DemandResult.objects.get(demand=answered).nearest == []
    chances = [DemandResult.objects.get(demand=demand).no_match_probability for demand in (answered, vague)]
    assert chances[0] < chances[1] < silent.no_match_probability == 1


def test_nearest_achievements_are_stored(city):
    run_once()
    nearest = DemandResult.objects.with_no_match().get().nearest
    assert len(nearest) == 3 and all(EVERYDAY[:2] or row["title"] for row in nearest)
    assert [row["score"] for row in nearest] == sorted((row["score"] for row in nearest), reverse=True)


def test_a_threshold_set_by_hand_decides_alone(city, settings):
    settings.MATCH_THRESHOLD = 75.0
    run_once()
    _offer, answered, vague, unanswered = city
    assert set(DemandResult.objects.with_no_match().values_list("demand", flat=True)) == {vague.pk, unanswered.pk}
    assert Match.objects.filter(demand=answered).count() == 1


def test_small_registry_still_gets_proposals():
    make.achievement()
    make.demand()
    run_once()
    assert Match.objects.count() == 1 and not DemandResult.objects.with_no_match().exists()


def test_constraints_of_demand_results(city):
    run_once()
    again = DemandResult.objects.with_no_match().get()
    with transaction.atomic(), pytest.raises(IntegrityError):
        DemandResult.objects.create(run=again.run, demand=again.demand, no_match_probability=0.5, has_no_match=True)
    with transaction.atomic(), pytest.raises(IntegrityError):
        DemandResult.objects.filter(pk=again.pk).update(no_match_probability=1.5)


def test_staff_see_demands_without_match_of_their_own_firms(client, city):
    foreign = make.demand(title="annealing", firm=make.firm(region_code="gaoxin"), problem="QUBO", goal="")
    run_once()
    client.force_login(make.district_officer())
    address = reverse("admin:matching_demandresult_changelist")
    page = client.get(f"{address}?has_no_match__exact=1")
    assert "quantum annealing" in page.text and "没有候选" in page.text
    assert page.context["cl"].result_count == 1 and foreign.pk not in [
        row.demand_id for row in page.context["cl"].result_list
    ]
    mine = DemandResult.objects.with_no_match().get(demand__title="quantum annealing")
    assert "quantum annealing" in client.get(reverse("admin:matching_demandresult_change", args=[mine.pk])).text


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_of_list_does_not_depend_on_rows(client, count, django_assert_num_queries):
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


QUERIES = 15
