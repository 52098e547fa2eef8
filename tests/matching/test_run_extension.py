"""An immediate run over a large registry continues from the last batch, and equals a full ranking row by row."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from achievements.models import Achievement
from achievements.services.lifecycle import pause_achievement
from demands.models import Demand
from matching import proposals, registry_indexes, run_index
from matching.engine.ranking import Index
from matching.models import DemandResult, Match, MatchRun, StoredRanking
from matching.proposals import demands_to_propose, propose
from matching.services.immediate_runs import start_immediate_run
from matching.services.run_preparation import prepare_run
from matching.services.runs import execute_chunk, start_run
from matching.trial_match import run_trial_match
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.long]
WRITTEN = ("demand_id", "achievement_id", "rank", "score", "level", "probability", "parts", "facts", "shared_terms")
EXPLAINED = ("related_terms", "aligned_sentences")


@pytest.fixture(autouse=True)
def small_registries_are_extended(monkeypatch):
    monkeypatch.setattr(run_index, "MIN_EXTENDED", 1)
    monkeypatch.setattr(run_index, "MOST_CHANGED", 0.5)


def texts(name: str, number: int) -> list[dict]:
    lines = (settings.BASE_DIR / "demo_city" / f"{name}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines[:number]]


def offer(row: dict) -> Achievement:
    return make.achievement(**{name: row[name] for name in ("title", "summary", "innovation", "keywords")})


def need(row: dict) -> Demand:
    return make.demand(**{name: row[name] for name in ("title", "problem", "goal", "keywords")})


def finish(run: MatchRun) -> MatchRun:
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)
    run.refresh_from_db()
    assert run.status == MatchRun.Status.DONE
    return run


def date_back(batch: MatchRun) -> None:
    """As if the items had been published an hour ago, and the batch had run half an hour ago."""
    for items in (Achievement.objects, Demand.objects):
        items.update(updated_at=timezone.now() - timedelta(hours=1))
    MatchRun.objects.filter(pk=batch.pk).update(queued_at=timezone.now() - timedelta(minutes=30))


def rows(run: MatchRun, demand_ids: list[int]) -> tuple[list, list]:
    proposed = propose(run, demand_ids)
    matches = [[getattr(match, name) for name in (*WRITTEN, *EXPLAINED)] for match in proposed.matches]
    return matches, [(result.demand_id, result.score_profile, result.nearest) for result in proposed.results]


def assert_only_what_enters_is_explained(run: MatchRun, reached: list[int], monkeypatch) -> None:
    """And each demand is ranked once, though it is asked for twice."""
    matches, _results = rows(run, reached)
    new, targets = set(run.target_achievement_ids), set(run.target_demand_ids)
    entering = targets | {demand for demand, achievement, *_values in matches if achievement in new}
    assert set(reached) > entering  # else the test says nothing
    ranked, rank = [], proposals._rankings
    monkeypatch.setattr(proposals, "_rankings", lambda run, ids: ranked.extend(ids) or rank(run, ids))
    rankings = proposals.RunRankings(run)
    assert demands_to_propose(run, run.demand_ids, rankings) == reached
    written = propose(run, reached, rankings=rankings, only_entering=True)
    assert len(ranked) == len(set(ranked)) == len(run.demand_ids)
    assert {result.demand_id for result in written.results} == entering
    assert len(written.matches) == sum(demand in entering for demand, *_values in matches)
    monkeypatch.undo()


def test_an_increment_equals_a_full_ranking(monkeypatch):
    offers, needs = texts("achievements", 44), texts("demands", 14)
    known = [offer(row) for row in offers[:36]]
    for row in needs[:12]:
        need(row)
    batch = finish(start_run("对接会 会后匹配", by=None))
    assert StoredRanking.objects.filter(run=batch).count() == 12
    date_back(batch)
    best = Match.objects.filter(run=batch).order_by("demand", "rank").first().achievement
    pause_achievement(best, by=make.institution_officer(best.institution), reason="正在与一家企业独家洽谈")
    changed = next(row for row in known if row.pk != best.pk)
    changed.summary = offers[40]["summary"]
    changed.save()
    added = [offer(row) for row in offers[36:]]
    wanted = [need(row) for row in needs[12:]]
    monkeypatch.setattr(Index, "__init__", lambda *_args, **_options: pytest.fail("an index was built"))
    run = start_immediate_run()
    assert prepare_run(run.pk)
    run.refresh_from_db()
    assert run.extension == {
        "base": batch.pk,
        "added": sorted([changed.pk, *(row.pk for row in added)]),
        "removed": sorted([best.pk, changed.pk]),
        "demands": [row.pk for row in wanted],
    }
    assert len(run.snapshot_hash) == 64 != batch.snapshot_hash
    increment, reached = rows(run, run.demand_ids), demands_to_propose(run, run.demand_ids)
    monkeypatch.setattr(proposals, "known_rankings", lambda *_args: {})
    assert rows(run, run.demand_ids) == increment
    assert demands_to_propose(run, run.demand_ids) == reached
    monkeypatch.undo()
    assert_only_what_enters_is_explained(run, reached, monkeypatch)
    finish(run)
    assert set(DemandResult.objects.filter(run=run).values_list("demand", flat=True)) >= {row.pk for row in wanted}
    assert Match.objects.filter(run=run, achievement__in=added).exists()
    assert run.extension == {} and run.achievement_ids == []


def test_only_the_last_batch_keeps_rankings_and_a_removed_one_is_not_missed():
    for row in texts("achievements", 12):
        offer(row)
    need(texts("demands", 1)[0])
    first = finish(start_run("第一轮", by=None))
    MatchRun.objects.filter(pk=first.pk).update(queued_at=timezone.now() - timedelta(hours=2))
    batch = finish(start_run("第二轮", by=None))
    assert set(StoredRanking.objects.values_list("run", flat=True)) == {batch.pk}
    date_back(batch)
    new = offer(texts("achievements", 13)[12])
    wanted = need(texts("demands", 2)[1])
    run = start_immediate_run()
    assert prepare_run(run.pk) and MatchRun.objects.get(pk=run.pk).extension["base"] == batch.pk
    Match.objects.all().delete()
    MatchRun.objects.filter(pk=run.pk).update(extension={"base": 0, "added": [new.pk], "removed": [], "demands": []})
    finish(run)
    assert DemandResult.objects.filter(run=run, demand=wanted).exists()


def test_the_trial_match_uses_the_index_of_the_batch(monkeypatch):
    for row in texts("achievements", 12):
        offer(row)
    need(texts("demands", 1)[0])
    date_back(finish(start_run("一轮", by=None)))
    new = make.achievement(title="镁合金微弧氧化膜封孔", summary="镁合金微弧氧化膜耐蚀封孔处理。")
    monkeypatch.setattr(Index, "__init__", lambda *_args, **_options: pytest.fail("an index was built"))
    registry_indexes.MATCHING_INDEX.clear()
    result = run_trial_match("镁合金壳体微弧氧化膜有微孔，耐蚀性差，想找封孔处理办法。", user=make.city_officer())
    assert result.candidates[0].achievement == new and result.candidates[0].shared_terms
    registry_indexes.MATCHING_INDEX.clear()
