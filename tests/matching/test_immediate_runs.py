"""What is published is matched at once, once, and as the next batch would match it."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from achievements.models import Achievement
from achievements.services.lifecycle import pause_achievement, reinstate_achievement
from demands.models import Demand
from demands.services.editing import update_demand
from demands.services.lifecycle import track_demand
from demands.services.publication import publish_demands
from matching.models import DemandResult, Match, MatchChunk, MatchedDemand, MatchRun
from matching.proposals import demands_to_propose
from matching.services import immediate_runs
from matching.services.immediate_runs import start_immediate_run
from matching.services.review import accept_match, reject_match
from matching.services.run_removal import remove_run, snapshot_matches
from matching.services.runs import execute_chunk, prepare_and_send, start_run, sweep_runs
from notices.models import Notice
from tests import factories as make

pytestmark = pytest.mark.django_db
COMPARED = ("rank", "score", "level", "probability", "parts", "facts", "shared_terms", "effects")


def finish(run: MatchRun) -> MatchRun:
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)
    run.refresh_from_db()
    assert run.status == MatchRun.Status.DONE
    return run


def match_now() -> MatchRun:
    run = start_immediate_run()
    assert run is not None
    return finish(run)


def batch() -> MatchRun:
    return finish(start_run("对接会 会后匹配", by=None))


def texts(name: str, number: int) -> list[dict]:
    lines = (settings.BASE_DIR / "demo_city" / f"{name}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines[:number]]


def demo_achievement(row: dict) -> Achievement:
    fields = {name: row[name] for name in ("title", "summary", "innovation", "keywords")}
    return make.achievement(**fields)


def demo_demand(row: dict) -> Demand:
    return make.demand(**{name: row[name] for name in ("title", "problem", "goal", "keywords")})


def proposals() -> dict[tuple[int, int], list]:
    """{(demand, achievement): the compared columns} of what the latest run of each demand proposes."""
    latest = Match.objects.filter(run__in=MatchRun.objects.order_by("-pk")[:1])
    return {(row.demand_id, row.achievement_id): [getattr(row, name) for name in COMPARED] for row in latest}


@pytest.mark.long
def test_immediate_runs_propose_what_a_batch_over_the_same_registry_proposes():
    """Needs and achievements come one by one, a text changes, and then a batch runs: it changes nothing of theirs."""
    achievements, demands = texts("achievements", 60), texts("demands", 24)
    for row in achievements[:54]:
        demo_achievement(row)
    for row in demands[:20]:
        demo_demand(row)
    MatchedDemand.objects.all().delete()
    batch()
    Demand.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    Achievement.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    last = None
    for offer, need in zip(achievements[54:], [*demands[20:], None, None], strict=True):
        demo_achievement(offer)
        last = match_now()
        if need:
            demo_demand(need)
            last = match_now()
    edited = Demand.objects.get(title=demands[3]["title"])
    update_demand(edited, by=make.district_officer(), values={"problem": demands[22]["problem"]})
    last = match_now()
    matched_at_once = set(DemandResult.objects.filter(run__kind="immediate").values_list("demand", flat=True))
    assert {edited.pk} < matched_at_once < set(Demand.objects.values_list("pk", flat=True))
    written = proposals()
    assert {demand for demand, _achievement in written} == set(last.target_demand_ids) == matched_at_once
    batch()
    in_batch = proposals()
    assert {pair: row for pair, row in in_batch.items() if pair[0] in matched_at_once} == written


def test_a_new_achievement_enters_only_needs_that_propose_it():
    make.achievement(title="镁合金微弧氧化膜", summary="镁合金微弧氧化膜层致密化。")
    near = make.demand(title="镁合金壳体微弧氧化膜耐蚀性差", problem="微弧氧化膜有微孔，想找封孔处理办法。")
    far = make.demand(title="海参苗种成活率低", problem="刺参苗种培育阶段死亡率高。")
    match_now()
    Match.objects.filter(demand=far).delete()
    before = {row.pk: row.run_id for row in Match.objects.all()}
    offer = make.achievement(title="镁合金微弧氧化膜封孔", summary="镁合金微弧氧化膜耐蚀封孔处理。")
    run = match_now()
    assert run.target_achievement_ids == [offer.pk]
    new = Match.objects.exclude(pk__in=before)
    assert [(row.demand, row.achievement, row.first_run) for row in new] == [(near, offer, run)]
    assert run.counts["new_matches"] == 1
    assert list(Match.objects.filter(demand=near).order_by("rank").values_list("rank", flat=True)) == [1, 2]


def test_a_new_achievement_that_is_no_candidate_changes_nothing():
    """It is among those that are compared, but five others fit better."""
    for _ in range(6):
        make.achievement()
    need = make.demand()
    match_now()
    DemandResult.objects.all().delete()  # as after a batch
    before = list(Match.objects.order_by("pk").values())
    weak = make.achievement(title="表面处理设备", summary="改性设备用于零件表面处理。")
    run = start_immediate_run()
    assert demands_to_propose(run, [need.pk]) == [need.pk]
    finish(run)
    assert (run.counts["demands"], run.counts["matches"]) == (0, 0)
    assert list(Match.objects.order_by("pk").values()) == before and weak.pk in run.target_achievement_ids


def test_many_published_together_make_one_run_and_the_next_tick_none():
    make.achievement()
    officer = make.district_officer()
    needs = [make.demand(published=False, status=Demand.Status.DISTRICT_REVIEW) for _ in range(30)]
    assert len(publish_demands(needs, by=officer).changed) == 30
    run = start_immediate_run()
    assert (len(run.target_demand_ids), MatchRun.objects.count()) == (30, 1)
    assert start_immediate_run() is None, "the same items, while the first run is open"
    finish(run)
    assert start_immediate_run() is None, "and after it"


def test_a_lost_broker_delays_and_forgets_nothing(monkeypatch, django_capture_on_commit_callbacks):
    make.achievement()
    need = make.demand()
    monkeypatch.setattr("matching.services.runs.enqueue", lambda *_args: False)
    with django_capture_on_commit_callbacks(execute=True):
        run = start_immediate_run()
    sent = []
    monkeypatch.setattr("matching.services.runs.enqueue", lambda task, number: sent.append((task, number)) or True)
    sweep_runs(older_than=timedelta(0))
    assert sent == [("matching.tasks.prepare_run", run.pk)]
    assert prepare_and_send(run.pk) and prepare_and_send(run.pk)
    assert {task for task, _number in sent[1:]} == {"matching.tasks.match_chunk"}
    for _task, chunk in [*sent[1:], *sent[1:]]:
        execute_chunk(chunk)
    run.refresh_from_db()
    assert (run.status, Match.objects.filter(demand=need).count()) == ("done", 1)


def test_waits_for_a_batch_and_takes_what_it_has_not_read():
    make.achievement()
    old = make.demand()
    Demand.objects.update(updated_at=timezone.now() - timedelta(minutes=5))
    Achievement.objects.update(updated_at=timezone.now() - timedelta(minutes=5))
    running = start_run("对接会 会后匹配", by=None)
    new = make.demand()
    assert start_immediate_run() is None
    finish(running)
    assert start_immediate_run().target_demand_ids == [new.pk], f"not {old.pk}, which the batch has read"


def test_a_run_that_cannot_end_does_not_stop_the_next_for_ever():
    make.achievement()
    make.demand()
    stuck = start_immediate_run()
    MatchRun.objects.filter(pk=stuck.pk).update(queued_at=timezone.now() - immediate_runs.WAIT_AT_MOST)
    new = make.demand()
    assert start_immediate_run().target_demand_ids[0] == new.pk


def test_only_a_change_that_the_engine_reads_is_matched_again():
    make.achievement()
    officer, need = make.district_officer(), make.demand()
    match_now()
    track_demand(need, by=officer)
    assert start_immediate_run() is None, "the status alone changes no result"
    update_demand(need, by=officer, values={"conditions": "有中试车间。"})
    assert start_immediate_run() is None, "the engine does not read the conditions"
    indicator = {"name": "循环寿命", "comparison": "ge", "value": "2000", "unit": "次"}
    update_demand(need, by=officer, values={}, indicators=[indicator])
    Demand.objects.update(updated_at=F("updated_at") + timedelta(seconds=1))
    assert match_now().target_demand_ids == [need.pk]
    update_demand(need, by=officer, values={"budget_max_wan": 100})
    assert match_now().target_demand_ids == [need.pk]


def test_what_returns_is_compared_with_what_came_meanwhile():
    institution = make.institution()
    offer, officer = make.achievement(institution=institution), make.institution_officer(institution)
    make.demand()
    match_now()
    pause_achievement(offer, by=officer, reason="正在与一家企业独家洽谈")
    assert start_immediate_run() is None
    new = make.demand()
    match_now()
    assert not Match.objects.filter(demand=new).exists()
    reinstate_achievement(offer, by=officer)
    match_now()
    assert Match.objects.filter(demand=new, achievement=offer).exists()


def test_a_review_stays_when_the_pair_is_proposed_again():
    make.achievement()
    need, officer = make.demand(), make.district_officer()
    match_now()
    match = Match.objects.get()
    reject_match(match, reason="field", by=officer)
    update_demand(need, by=officer, values={"goal": "循环 2000 次后容量保持 80%。"})
    match_now()
    again = Match.objects.get()
    assert (again.status, again.reviewed_by, again.revision) == ("rejected", officer, match.revision)


def test_a_removed_run_makes_its_items_new_again():
    """The self-check removes its run: what only that run has read must not be forgotten."""
    make.achievement()
    need = make.demand()
    run = match_now()
    remove_run(run, {})
    DemandResult.objects.all().delete()
    run.delete()
    assert start_immediate_run().target_demand_ids == [need.pk]
    assert snapshot_matches() == {}


def test_the_district_and_the_firm_get_one_notice_a_day_that_counts_on():
    make.achievement()
    firm = make.firm()
    district, officer, other = make.district_officer(), make.firm_officer(firm), make.district_officer("210202")
    make.demand(firm=firm)
    match_now()
    first = Notice.objects.get(recipient=district)
    assert "1 条新推荐，涉及 1 项需求" in first.text
    assert "1 项需求已完成匹配，区县正在看 1 条候选成果" in Notice.objects.get(recipient=officer).text
    make.demand(firm=firm)
    match_now()
    assert "2 条新推荐，涉及 2 项需求" in Notice.objects.get(recipient=district).text
    assert "2 项需求已完成匹配，区县正在看 2 条" in Notice.objects.get(recipient=officer).text
    assert not Notice.objects.filter(recipient=other).exists()
    Notice.objects.update(read_at=timezone.now())
    accept_match(Match.objects.first(), by=district)
    make.demand(firm=firm)
    match_now()
    assert Notice.objects.filter(recipient=district, kind="proposals").count() == 1


@pytest.mark.long
def test_lists_of_runs_stay_those_of_the_batches(client):
    """Immediate runs stand behind a filter, as one row of the overview, and in no list of choices."""
    make.achievement()
    make.demand()
    batch()
    make.demand()
    run = match_now()
    assert (run.achievement_ids, run.demand_ids, len(run.snapshot_hash)) == ([], [], 64)
    client.force_login(make.city_officer())
    runs = reverse("admin:matching_matchrun_changelist")
    assert run.title not in client.get(runs).text and "对接会 会后匹配" in client.get(runs).text
    assert run.title in client.get(runs + "?kind=immediate").text
    matches = reverse("admin:matching_match_changelist")
    assert run.title not in client.get(matches + "?status__exact=rejected").text, "not a choice of the filter"
    overview = client.get(reverse("admin:matching_desk")).text
    assert run.title not in overview and overview.count('href="?run=immediate"') == 1
    rows = client.get(reverse("admin:matching_desk_rows", args=["proposed"]) + "?run=immediate")
    assert [match.first_run for match in rows.context["page"]] == [run]
    fresh = client.get(reverse("admin:matching_triage_triage") + "?fresh=on&view=mine")
    assert fresh.status_code == 200
    assert run.title not in client.get(reverse("admin:matching_quality")).text
    assert "新增 1 条推荐" in client.get(reverse("workbench")).text


def test_chunks_begin_with_what_is_new(monkeypatch):
    monkeypatch.setattr("matching.services.runs.CHUNK_SIZE", 2)
    make.achievement()
    for _ in range(5):
        make.demand()
    match_now()
    DemandResult.objects.all().delete()
    make.achievement()
    new = make.demand()
    run = start_immediate_run()
    assert MatchChunk.objects.filter(run=run).first().demand_ids[0] == new.pk
