"""Facts of pairs from database rows, and their effect on matches."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Region
from achievements.models import Achievement
from demands.models import DemandIndicator
from matching.compared_achievements import compared_achievements
from matching.facts import achievement_facts, compare_pair, demand_facts, required_stage
from matching.learning.affected import achievement_attributes
from matching.models import Match
from matching.services.runs import execute_chunk, start_run
from tests import factories as make

pytestmark = pytest.mark.django_db


def facts_of(achievement, demand, today=date(2026, 11, 1)):
    facts = compare_pair(achievement, demand, dict(Region.objects.values_list("pk", "name")), today)
    return {fact["kind"]: fact for fact in facts}


def test_indicator_rows_are_compared_in_their_units_and_shown_as_written():
    achievement, demand = make.achievement(), make.demand()
    achievement.indicators.create(name="单件检测时间", comparison="le", value="40", unit="s")
    demand.indicators.create(name="检测时间", comparison="le", value="2", unit="min", condition="在线")
    fact = facts_of(achievement, demand)["indicators"]
    assert fact["verdict"] == "fits"
    assert fact["rows"] == [
        {
            "name": "检测时间",
            "need": "检测时间 ≤ 2 min（在线）",
            "offer": "单件检测时间 ≤ 40 s",
            "result": "met",
            "note": "成果未写测试条件（需求：在线）",
        }
    ]


def test_an_indicator_in_words_and_a_goal_without_rows_are_parsed():
    achievement = make.achievement()
    achievement.indicators.create(name="漏检率", comparison="words", value="由3%降至1%以下")
    demand = make.demand(goal="漏检率不超过 2%；最好便宜一点")
    rows = facts_of(achievement, demand)["indicators"]["rows"]
    assert [(row["name"], row["result"]) for row in rows] == [("漏检率", "met")]


def test_indicator_rows_of_a_demand_precede_its_goal():
    demand = make.demand(goal="漏检率不超过 2%")
    DemandIndicator.objects.create(demand=demand, name="寿命", comparison="ge", value="5", unit="年")
    assert [indicator.name for indicator in demand_facts(demand, {}, date(2026, 1, 1)).indicators] == ["寿命"]


def test_months_left_are_counted_from_the_day_of_the_run():
    achievement, demand = make.achievement(stage="early"), make.demand(period_end=date(2027, 2, 1))
    assert facts_of(achievement, demand)["period"]["verdict"] == "contradicts"
    assert facts_of(achievement, demand, today=date(2025, 1, 1))["period"]["verdict"] == "fits"


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("要求已完成中试", "中试"),
        ("希望引进成熟技术，最好有应用案例", "产业化"),
        ("小试以上即可", "小试"),
        ("现有工艺不稳定", None),
    ],
)
def test_the_required_stage_is_parsed_from_the_text(text, stage):
    assert required_stage(text) == stage


def test_a_demand_for_exclusive_use():
    demand = make.demand(problem="希望独家使用该技术")
    assert facts_of(make.achievement(transferred_note="2025 年许可两家企业"), demand)["exclusivity"]["verdict"] == (
        "contradicts"
    )
    assert facts_of(make.achievement(), make.demand(problem="非独家也可以"))["exclusivity"]["verdict"] == "unknown"


def test_only_exclusively_licensed_achievements_are_not_proposed():
    exclusive = make.achievement(transferred_note="2025 年独占许可给某企业")
    shared = make.achievement(transferred_note="2025 年非独占许可给某企业")
    run = start_run("一轮", by=None)
    assert run.achievement_ids == [shared.pk] and exclusive.pk not in run.achievement_ids


def test_contradicting_facts_lower_the_rank_and_remove_nothing():
    text = {"summary": "高镍正极材料表面包覆，循环寿命长", "title": "高镍正极材料表面包覆技术"}
    dear = make.achievement(price_min_wan=Decimal(900), price_max_wan=Decimal(900), price_negotiable=False, **text)
    fair = make.achievement(
        price_min_wan=Decimal(50), price_max_wan=Decimal(50), price_negotiable=False,
        institution=make.institution("另一所演示大学"), **text,
    )  # fmt: skip
    make.demand(title="高镍正极材料表面包覆", problem="循环寿命短", budget_max_wan=Decimal(60), budget_negotiable=False)
    run = start_run("一轮", by=None)
    execute_chunk(run.chunks.get().pk)
    first, second = Match.objects.order_by("rank")
    assert [first.achievement, second.achievement] == [fair, dear]
    assert first.parts["words"] == second.parts["words"]
    assert first.parts["fit"] > 0.5 > second.parts["fit"]
    assert first.score > 100 * first.parts["words"] > second.score


def test_facts_are_compared_on_the_day_the_run_was_queued():
    make.achievement(), make.demand(period_end=timezone.localdate() + timedelta(days=800))
    run = start_run("一轮", by=None)
    type(run).objects.filter(pk=run.pk).update(queued_at=timezone.now() + timedelta(days=900))
    execute_chunk(run.chunks.get().pk)
    period = next(fact for fact in Match.objects.get().facts if fact["kind"] == "period")
    assert period["sentence"] == "需求写的时限已过，请确认是否仍需要"


def test_facts_of_columns_are_those_of_the_model():
    achievement = make.achievement(
        transfer_ways=["licence", "equity"], price_min_wan=30, maturity_evidence="仅适用于平板"
    )
    achievement.indicators.create(name="耐温", comparison="ge", value="200", unit="℃", condition="干态", order=2)
    achievement.indicators.create(name="寿命", comparison="ge", value="5", unit="年", order=1)
    regions = dict(Region.objects.values_list("pk", "name"))
    compared = compared_achievements({achievement.pk, 0}, regions)
    assert {pk: row.facts for pk, row in compared.items()} == {
        achievement.pk: achievement_facts(Achievement.objects.get(pk=achievement.pk), regions)
    }
    assert achievement_attributes(compared[achievement.pk].row) == achievement_attributes(achievement)
